"""Compares what `prep` makes of every file in a folder with its source, by independent readers, and prints differences.

python -m benchmarks.truth FOLDER [PART-OF-A-NAME ...]

PyAV and Pillow decode both sides; the product's own probe is not asked. A line is printed for each file that differs:
pictures that are not alike, frames or samples too few or too many, picture and sound of other lengths, sound that lies
elsewhere. What is refused is listed with its reason. Colours of HDR sources are not compared, since tone mapping is a
choice, nor are pictures that Pillow does not read or takes for too large.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pillow_heif
from av.audio.resampler import AudioResampler
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from prep import prepare
from prep.errors import ExitCode, PrepError

SIZE = (96, 96)
RATE_HZ = 8_000
SAMPLES = 8  # pictures of a clip that are compared
MOST_PX = 240  # the longer side that is kept of each
# Two scalers and a lossy encoder stay above; another picture, another turn or other colours stay below.
LEAST_LIKENESS, MOST_COLOR = 0.80, 12.0
APART_S, LENGTH_S = 0.02, 0.06
# So much of the source is decoded around a part of it.
AROUND_S = 2.0
LEAST_CORRELATION, QUIET = 0.6, 0.003
# PyAV converts none of these.
UNCOMMON = {"ycgco", "ictcp", "bt2020c", "chroma-derived-c", "chroma-derived-nc", "smpte2085", "gbr"}

Picture = np.ndarray[Any, np.dtype[np.float64]]


class Clip(NamedTuple):
    """Times in seconds from the first picture on, with a small one of each (None: it can't be converted); the sound as
    samples at RATE_HZ from the beginning on. The first picture comes *lead_s* after the first sound."""

    times_s: list[float]
    pictures: list[Image.Image | None]
    sound: Picture
    lead_s: float


def main(folder: Path, parts: list[str]) -> int:
    """Print a line for each file that differs or is refused; 1 when any differs."""
    pillow_heif.register_heif_opener()
    counts = {"as it should be": 0, "refused": 0, "different": 0}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        Image.new("RGB", (640, 640), "gray").save(scratch / "beside.png")
        for path in sorted(item for item in folder.rglob("*") if item.is_file()):
            if parts and not any(part in path.name for part in parts):
                continue
            verdict, lines = compare(path, scratch)
            counts[verdict] += 1
            for line in lines:
                print(f"{verdict}: {path.relative_to(folder)}: {line}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return 1 if counts["different"] else 0


def compare(path: Path, scratch: Path) -> tuple[str, list[str]]:
    out = scratch / "out"
    try:
        prepare([path, scratch / "beside.png"], out=out)
    except PrepError as error:
        bug = error.exit_code == ExitCode.BUG
        return ("different" if bug else "refused"), [f"exit {error.exit_code:d}: {error}"]
    entry = json.loads((out / "manifest.json").read_text("utf-8"))["entries"][0]
    made = out / entry["output"]["path"]
    try:
        lines = list(_differences(path, made, entry))
    except (av.FFmpegError, OSError, ValueError, SyntaxError) as error:
        lines = [f"can't be compared: {type(error).__name__}: {error}"]
    for item in out.iterdir():
        item.unlink()
    return ("different" if lines else "as it should be"), lines


def _differences(path: Path, made: Path, entry: Mapping[str, Any]) -> Iterator[str]:
    steps = {step["kind"]: step for step in entry["steps"]}
    if not steps:
        if path.read_bytes() != made.read_bytes():
            yield "no step, but other bytes"
        return
    if entry["kind"] == "image":
        yield from _images(path, made, steps)
        return
    trim = steps.get("trim")
    start_s, wanted_s = trim["start_s"] if trim else 0.0, entry["output"]["duration_s"]
    part = (start_s - AROUND_S, start_s + wanted_s + AROUND_S) if trim else (-inf, inf)
    before, after = _decoded(path, entry["source"], part), _decoded(made, entry["output"])
    if entry["kind"] == "video":
        yield from _videos(before, after, entry, start_s, wanted_s)
    if len(after.sound) and len(before.sound):
        begins_s = start_s + (before.lead_s if trim else 0.0)
        yield from _sounds(before.sound[round(begins_s * RATE_HZ) :], after.sound, entry, wanted_s)


def _images(path: Path, made: Path, steps: Mapping[str, Any]) -> Iterator[str]:
    try:
        with Image.open(made) as image:
            after = image.convert("RGB")
        image = Image.open(path)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return
    with image:
        if (
            getattr(image, "n_frames", 1) > 1
            or "gamma" in image.info
            or image.mode not in ("RGB", "RGBA", "L", "LA", "P", "CMYK", "1", "PA")
        ):
            return
        before = _flat(_in_srgb(ImageOps.exif_transpose(image)), steps)
    yield from _unlike(before, after, steps, before.width, "the picture")


def _videos(before: Clip, after: Clip, entry: Mapping[str, Any], start_s: float, wanted_s: float) -> Iterator[str]:
    if not after.times_s or not before.times_s:
        yield "no picture decodes"
        return
    gaps = np.diff(after.times_s)
    step_s = float(np.median(gaps)) if len(gaps) else wanted_s
    if len(gaps) and float(gaps.max()) > 1.5 * step_s:
        yield f"a frame lasts {gaps.max():.3f} s where others last {step_s:.3f} s"
    lasts_s = after.lead_s + after.times_s[-1] + step_s
    if abs(lasts_s - wanted_s) > max(LENGTH_S, step_s):
        yield f"pictures of {lasts_s:.3f} s, a length of {wanted_s:.3f} s is stated"
    if len(after.sound) and abs(len(after.sound) / RATE_HZ - lasts_s) > 0.1:
        yield f"sound of {len(after.sound) / RATE_HZ:.3f} s, pictures of {lasts_s:.3f} s"
    steps, width = {step["kind"]: step for step in entry["steps"]}, entry["source"]["width"]
    # PyAV leaves out the alpha of VP8 and VP9
    if {"deinterlace", "tone-map", "flatten"} & set(steps) or entry["source"]["color_space"] in UNCOMMON:
        return
    for index in np.linspace(0, len(after.times_s) - 1, SAMPLES).astype(int):
        time_s = after.lead_s + after.times_s[index] + start_s - (0.0 if "trim" in steps else before.lead_s)
        near = [i for i, other in enumerate(before.times_s) if abs(other - time_s) <= step_s + 0.02]
        if not near:
            continue
        pairs = [(before.pictures[i], after.pictures[index]) for i in near]
        faults = [list(_unlike(a, b, steps, width, f"{time_s:.2f} s")) for a, b in pairs if a and b]
        if faults and all(faults):
            yield min(faults, key=len)[0]
            return


def _sounds(before: Picture, after: Picture, entry: Mapping[str, Any], wanted_s: float) -> Iterator[str]:
    steps = {step["kind"] for step in entry["steps"]}
    if entry["kind"] == "audio" and abs(len(after) / RATE_HZ - wanted_s) > LENGTH_S:
        yield f"{len(after) / RATE_HZ:.3f} s of samples, a length of {wanted_s:.3f} s is stated"
    if "extend" not in steps and len(before) / RATE_HZ + LENGTH_S < wanted_s - 0.1:
        yield f"the source has {len(before) / RATE_HZ:.3f} s of samples, {wanted_s:.3f} s came out"
    length = min(len(before), len(after))
    a, b = before[:length], after[:length]
    if length < RATE_HZ // 2 or float(np.abs(a).mean()) < QUIET:
        return
    spectrum = np.fft.rfft(a, 2 * length) * np.conj(np.fft.rfft(b, 2 * length))
    correlation = np.fft.irfft(spectrum) / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-9)
    at = int(np.argmax(np.abs(correlation)))
    lag_s = (at if at < length else at - 2 * length) / RATE_HZ
    if abs(float(correlation[at])) < LEAST_CORRELATION:
        yield f"another sound: correlation {correlation[at]:.2f}"
    elif abs(lag_s) > APART_S:
        yield f"sound {lag_s:+.3f} s apart"


def _unlike(before: Image.Image, after: Image.Image, steps: Mapping[str, Any], width: int, what: str) -> Iterator[str]:
    """The same area of both, as the steps say it lies; *width* is that of the source."""
    if crop := steps.get("crop"):
        box = (crop["x"], crop["y"], crop["x"] + crop["width"], crop["y"] + crop["height"])
        before = before.crop(tuple(round(edge * before.width / width) for edge in box))
    if pad := steps.get("pad"):
        inner = steps.get("scale") or {"width": before.width, "height": before.height}
        share = after.width / pad["width"]
        box = (pad["x"], pad["y"], pad["x"] + inner["width"], pad["y"] + inner["height"])
        after = after.crop(tuple(round(edge * share) for edge in box))
    a, b = (np.asarray(image.convert("RGB").resize(SIZE, Image.Resampling.BOX), float) for image in (before, after))
    likeness, color = _likeness(a.mean(2), b.mean(2)), float(np.abs(a.mean((0, 1)) - b.mean((0, 1))).max())
    if likeness < LEAST_LIKENESS:
        yield f"{what}: not alike, {likeness:.2f}"
    if color > MOST_COLOR:
        yield f"{what}: other colours, {color:.0f} of 255"


def _likeness(a: Picture, b: Picture) -> float:
    """SSIM over the whole picture in blocks of 8, the mean; plain areas count as alike."""
    blocks = [
        (a[y : y + 8, x : x + 8], b[y : y + 8, x : x + 8]) for y in range(0, SIZE[1], 8) for x in range(0, SIZE[0], 8)
    ]
    c1, c2 = 6.5, 58.5
    values = []
    for one, other in blocks:
        covariance = ((one - one.mean()) * (other - other.mean())).mean()
        values.append(
            ((2 * one.mean() * other.mean() + c1) * (2 * covariance + c2))
            / ((one.mean() ** 2 + other.mean() ** 2 + c1) * (one.var() + other.var() + c2))
        )
    return float(np.mean(values))


def _flat(image: Image.Image, steps: Mapping[str, Any]) -> Image.Image:
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, steps.get("flatten", {}).get("color", "#000000"))
    return Image.alpha_composite(ground, image).convert("RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or "gamma" in image.info or image.mode not in ("RGB", "CMYK", "L"):
        return image
    import io

    try:
        return (
            ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            or image
        )
    except ImageCms.PyCMSError:
        return image


def _decoded(path: Path, facts: Mapping[str, Any], part: tuple[float, float] = (-inf, inf)) -> Clip:
    """The pictures of *part*, and the sound to its end."""
    times: list[float] = []
    pictures: list[Image.Image | None] = []
    parts: list[Picture] = []
    firsts_s: dict[str, float] = {}
    with av.open(path) as container:
        streams = [s for s in container.streams if s.index in (facts.get("video_stream"), facts.get("audio_stream"))]
        resampler, form, written, origin_s = AudioResampler("flt", "mono", RATE_HZ), None, 0, None
        for frame in _frames(container, streams):
            time_s = float(frame.time)
            firsts_s.setdefault("video" if isinstance(frame, av.VideoFrame) else "audio", time_s)
            if isinstance(frame, av.VideoFrame) or facts["kind"] == "audio":
                origin_s = time_s if origin_s is None else origin_s
            if isinstance(frame, av.VideoFrame):
                since_s = time_s - (origin_s or 0.0)
                if since_s > part[1]:
                    break
                if since_s >= part[0]:
                    times.append(since_s)
                    pictures.append(_upright(frame, facts))
                continue
            missing = round((time_s - (origin_s or 0.0)) * RATE_HZ) - written
            if missing > RATE_HZ // 50:  # a pause
                parts.append(np.zeros(min(missing, 60 * RATE_HZ)))
                written += len(parts[-1])
            if (now := (frame.format.name, frame.layout.name, frame.sample_rate)) != form:  # it changes midway
                resampler, form = AudioResampler("flt", "mono", RATE_HZ), now
            for piece in resampler.resample(frame):
                parts.append(piece.to_ndarray()[0].astype(float))
                written += piece.samples
    lead_s = max(0.0, firsts_s.get("video", 0.0) - firsts_s.get("audio", inf))
    return Clip(times, pictures, np.concatenate(parts) if parts else np.zeros(0), lead_s)


def _frames(container: Any, streams: list[Any]) -> Iterator[Any]:
    """What decodes; a damaged packet is left out."""
    for packet in container.demux(streams):
        try:
            yield from (frame for frame in packet.decode() if frame.time is not None)
        except av.FFmpegError:
            continue


def _upright(frame: Any, facts: Mapping[str, Any]) -> Image.Image | None:
    """A small copy of *frame* as it is shown; one of another size than the first is fitted with bars."""
    try:
        image: Image.Image = frame.to_image()
    except OSError:  # PyAV doesn't know its matrix
        return None
    turns = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    if facts.get("mirrored"):
        image = ImageOps.mirror(image)
    if facts.get("rotation"):
        image = image.transpose(turns[facts["rotation"]])
    share = min(1.0, MOST_PX / max(facts["width"], facts["height"]))
    size = round(facts["width"] * share), round(facts["height"] * share)
    if (frame.width, frame.height) == (facts["coded_width"], facts["coded_height"]):
        return image.resize(size)
    return ImageOps.pad(image, size, color="black")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
