"""Small versions of what a plan will make, for a page: a picture, a still of a clip, a clip or a sound to play."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from prep.media.audio.encode import make_sound
from prep.media.image.picture import picture
from prep.media.isolation.pool import Isolation
from prep.media.preview import glimpse, thumbnail
from prep.media.task import Task
from prep.media.video.encode import make_video
from prep.media.waveform import Stretch
from prep.model.media import AudioInfo, ImageInfo, VideoInfo, exact_rate
from prep.model.plan import (
    CropTo,
    Deinterlace,
    EncodeAudio,
    EncodeVideo,
    Flatten,
    Mute,
    Orient,
    Pad,
    PlanEntry,
    Scale,
    SetLoudness,
    Step,
    TakeFrame,
    ToneMap,
    Trim,
    find,
)
from prep.model.preview import Thumbnail

ASKED = ("asked",)
PICTURE_BYTES, CLIP_BYTES = 250_000, 40_000_000
STILL_S = 0.2
FASTEST_FPS = 30
# Steps that choose what is seen or heard, and stay as they are in a small version.
KEPT = (TakeFrame, Orient, CropTo, Deinterlace, Flatten, ToneMap, Mute, SetLoudness)


def small_picture(path: Path, entry: PlanEntry, edge: int) -> Thumbnail:
    """The image of *entry* as it will be, at most *edge* pixels wide and high. Raises what decoders raise."""
    assert isinstance(entry.source, ImageInfo)
    # a picture that goes through as it is is shown upright, as every viewer shows it
    steps = (*reduced(entry, edge), *(() if entry.steps else (Orient(because=ASKED),)))
    return thumbnail(picture(path, entry.source, steps).image, edge, PICTURE_BYTES)


def small_still(task: Task, at_s: float, edge: int, isolation: Isolation) -> Thumbnail:
    """The picture at *at_s* seconds of the source, as the plan of *task* will make it; its target is not used.

    Raises as `make_video` does.
    """
    with TemporaryDirectory(prefix="prep-") as folder:
        target = Path(folder) / "still.mp4"
        small_clip(replace(task, target=target), Stretch(at_s, at_s + STILL_S), edge, isolation)
        seen = isolation.call(glimpse, target, edge, PICTURE_BYTES, label=task.entry.label, cancel=task.cancel)
    assert seen.picture is not None
    return seen.picture


def small_clip(task: Task, part: Stretch, edge: int, isolation: Isolation) -> None:
    """Make an MP4 of *part* as the plan of *task* will make it, at most *edge* pixels wide and high."""
    entry = task.entry
    info = entry.source
    assert isinstance(info, VideoInfo)
    rate = exact_rate(min(info.fps or FASTEST_FPS, FASTEST_FPS))
    steps = (
        *reduced(entry, edge),
        *_trim(part, info.duration_s),
        EncodeVideo(fps=f"{rate.numerator}/{rate.denominator}", max_bytes=CLIP_BYTES, because=ASKED),
    )
    predicted = info.model_copy(update={"duration_s": part.duration_s})
    make_video(replace(task, entry=entry.model_copy(update={"steps": steps, "predicted": predicted})), isolation)


def small_sound(task: Task, part: Stretch) -> None:
    """Make a WAV of *part* of the sound of *task*."""
    entry = task.entry
    info = entry.source
    assert isinstance(info, AudioInfo)
    encode = EncodeAudio(container="wav", sample_rate_hz=44_100, channels=min(info.channels, 2), because=ASKED)
    steps = (*_trim(part, info.duration_s), encode)
    predicted = info.model_copy(update={"duration_s": part.duration_s, "container": "wav"})
    make_sound(replace(task, entry=entry.model_copy(update={"steps": steps, "predicted": predicted})))


def reduced(entry: PlanEntry, edge: int) -> tuple[Step, ...]:
    """The steps of *entry* about its picture, their sizes brought to *edge* pixels at most; even, as 4:2:0 needs it."""
    info, steps = entry.source, entry.steps
    assert isinstance(info, ImageInfo | VideoInfo)
    crop, scale, pad = find(steps, CropTo), find(steps, Scale), find(steps, Pad)
    size = scale or crop or info
    canvas = pad or size
    factor = min(1.0, edge / max(canvas.width, canvas.height))
    width, height = _even(size.width * factor), _even(size.height * factor)
    kept = tuple(step for step in steps if isinstance(step, KEPT))
    resized: tuple[Step, ...] = (Scale(width=width, height=height, because=ASKED),)
    if pad is not None:
        x, y = _even(pad.x * factor, least=0), _even(pad.y * factor, least=0)
        across, down = max(_even(pad.width * factor), x + width), max(_even(pad.height * factor), y + height)
        resized = (*resized, pad.model_copy(update={"width": across, "height": down, "x": x, "y": y}))
    return (*kept, *resized)


def _even(value: float, least: int = 2) -> int:
    return max(least, round(value / 2) * 2)


def _trim(part: Stretch, whole_s: float) -> tuple[Step, ...]:
    start_s = min(max(0.0, part.start_s), max(0.0, whole_s - STILL_S))
    return (Trim(start_s=start_s, duration_s=max(0.05, min(part.duration_s, whole_s - start_s)), because=ASKED),)
