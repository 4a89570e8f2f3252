"""Making one image: the steps of a plan carried out with Pillow."""

from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from prep.errors import NonCompliantError, ToolError, UnreadableError
from prep.media.image.cicp import coded_to_srgb
from prep.media.image.decode import DECODING_ERRORS, open_heif, open_image
from prep.media.image.heif_tiles import tiled
from prep.media.image.jpeg_xl import as_png
from prep.media.image.metadata_blocks import strip
from prep.media.image.srgb import plain, to_srgb
from prep.media.image.stream import STREAMED, Damaged, damage, streamed
from prep.media.image.transform import Rows, flattened, padded, reduction, rows_of, sized
from prep.model.media import STRIPPABLE, ImageInfo
from prep.model.plan import EncodeImage, Flatten, Orient, Pad, PlanEntry, Step, StripMetadata, TakeFrame, find
from prep.model.redact import shown
from prep.model.task import Task
from prep.rules.amounts import amount
from prep.rules.findings import Findings, about, advice, over_share
from prep.rules.image import damaged

# What ffmpeg calls the modes of pictures whose colours are told by number.
LAYOUTS = {"RGB": "rgb24", "RGB;16": "rgb48le", "RGBA": "rgba", "RGBA;16": "rgba64le"}
# What is tried in turn when a file is too large; below 92, or without its full chroma, only for want of room.
LADDER = {
    "jpeg": ((95, "4:4:4"), (92, "4:4:4"), (92, "4:2:0"), (88, "4:2:0"), (84, "4:2:0"), (80, "4:2:0")),
    "webp": ((95, None), (92, None), (88, None), (84, None), (80, None)),
}


def make_image(task: Task) -> Findings:
    """Make the image that *task* orders; a lowered quality is a finding.

    Colours come out as sRGB, the orientation baked in, without metadata. Damage that a decoder gets over is a finding
    as well. Raises UnreadableError when the file can't be decoded, NonCompliantError when it does not fit into its
    bytes at the lowest quality.
    """
    source, entry, target = task.source, task.entry, task.target
    info, encode = entry.source, find(entry.steps, EncodeImage)
    if isinstance(info, ImageInfo) and find(entry.steps, StripMetadata) is not None:
        if info.container not in STRIPPABLE:
            raise ToolError(f"{entry.label}: the metadata of {info.container.upper()} can't be left out as it is")
        strip(source, target, info.container)
        return judged(source, entry)
    if not isinstance(info, ImageInfo) or encode is None:
        raise ToolError(f"{entry.label}: the plan does not encode it as an image")
    try:
        image, wrong = picture(source, info, entry.steps)
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{entry.label}: can't be decoded: {str(error).strip()}; use another copy") from error
    image.info = {}  # comments and the like would be written again
    found = (*damaged(wrong), *_write(image, encode, target, entry.label))
    return about(found, entry.label, entry.tag)


class Picture(NamedTuple):
    """*damage* says what was wrong with its coded data; None: nothing that could be seen."""

    image: Image.Image
    damage: str | None = None


def picture(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Picture:
    """*source* as *steps* make it, in sRGB, before it is encoded: RGB, or RGBA where it has alpha."""
    flatten, pad = find(steps, Flatten), find(steps, Pad)
    image, wrong = _sized(source, info, steps)
    image = to_srgb(image, image.info.get("icc_profile"))
    if flatten is not None:
        image = flattened(image, flatten.color)
    return Picture(padded(image, pad) if pad is not None else image, wrong)


def judged(source: Path, entry: PlanEntry) -> Findings:
    """What is damaged in a picture that stays as it is coded: its header alone proves nothing about the rest.

    Raises UnreadableError when it does not decode at all.
    """
    container = entry.source.container
    wrong = damage(source, container) if container in STREAMED else None
    if (wrong is not None or container not in STREAMED) and not _decodes(source, container):
        raise UnreadableError(
            f"{shown(entry.reference.display_path)}: its header is fine, but the picture does not decode"
        )
    return about(damaged(wrong), entry.label, entry.tag)


def _decodes(source: Path, container: str) -> bool:
    try:
        if container == "heif":
            return bool(open_heif(source).data)
        if container == "jxl":
            with as_png(source):
                return True
        with open_image(source, container) as image:
            image.load()
    except DECODING_ERRORS:
        return False
    return True


def _sized(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Picture:
    """The wanted part at the wanted size, upright, with the profile that it came with."""
    if info.container == "heif":
        return _sized_heif(source, info, steps)
    if info.container == "jxl":
        frame = find(steps, TakeFrame)
        as_decoded = info.model_copy(update={"container": "png", "frames": 1, "hdr": None, "color_primaries": None})
        with as_png(source, frame.index if frame else 0) as png:
            return _sized(png, as_decoded, tuple(step for step in steps if step is not frame))
    wrong = None
    if info.container in STREAMED and info.frames == 1 and not (info.hdr or info.color_primaries):
        try:
            return Picture(_sized_streamed(source, info, steps))
        except Damaged as found:
            wrong = str(found)
        if info.container == "jpeg":
            return Picture(_sized_streamed(source, info, steps, strict=False), wrong)
    return Picture(_sized_whole(source, info, steps), wrong)


def _sized_heif(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Picture:
    wrong = None
    if not (info.hdr or info.color_primaries or info.has_alpha):
        profile = open_heif(source).info.get("icc_profile")
        try:
            with tiled(source) as found:
                if found is not None and found.displayed == (info.width, info.height):
                    made = sized(found.rows, found.orientation, steps)
                    made.info["icc_profile"] = profile
                    return Picture(made)
        except OSError as error:
            wrong = str(error)
    rows, profile = _heif(source, info)
    made = sized(rows, 1, steps)
    made.info["icc_profile"] = profile
    return Picture(made, wrong)


def _sized_streamed(source: Path, info: ImageInfo, steps: tuple[Step, ...], *, strict: bool = True) -> Image.Image:
    with open_image(source, info.container) as header:
        size, profile = header.size, header.info.get("icc_profile")
    orientation = info.orientation if find(steps, Orient) else 1
    divided = reduction(size, orientation, steps) if info.container == "jpeg" else 1
    with streamed(source, info.container, divided, strict=strict) as rows:
        made = sized(rows, orientation, steps, divided)
    made.info["icc_profile"] = profile
    return made


def _sized_whole(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Image.Image:
    frame = find(steps, TakeFrame)
    with open_image(source, info.container) as image:
        if frame is not None:
            image.seek(frame.index)
        image.load()
        profile = image.info.get("icc_profile")
        ready = plain(image)
        if info.hdr or info.color_primaries:
            mode = "RGBA" if info.has_alpha else "RGB"
            ready = coded_to_srgb(ready.convert(mode).tobytes(), LAYOUTS[mode], ready.size, info)
            profile = None
        # Pillow turns a TIFF by itself
        turned = info.container != "tiff" and find(steps, Orient) is not None
        made = sized(rows_of(ready), info.orientation if turned else 1, steps)
    made.info["icc_profile"] = profile
    return made


def _heif(source: Path, info: ImageInfo) -> tuple[Rows, bytes | None]:
    """The rows of a HEIC as libheif decoded them, and its profile. As a Pillow image of its own it would take as much
    memory again."""
    coded = info.hdr is not None or info.color_primaries is not None
    heif = open_heif(source, eight_bit=not coded)
    if coded and not heif.mode.startswith("RGB"):
        raise ValueError(f"HDR in {heif.mode} is not read")
    depth = 2 if heif.mode.endswith(";16") else 1
    data, stride = memoryview(heif.data), heif.stride
    width, height = heif.size
    if coded:
        pixel_bytes = depth * len(heif.mode.partition(";")[0])
        packed = b"".join(data[row * stride : row * stride + width * pixel_bytes] for row in range(height))
        layout = LAYOUTS[heif.mode]
        return rows_of(coded_to_srgb(packed, layout, heif.size, info)), None
    if heif.mode not in ("RGB", "RGBA", "L"):
        return rows_of(plain(heif.to_pillow())), heif.info.get("icc_profile")

    def take(top: int, bottom: int) -> Image.Image:
        part: Any = data[top * stride : bottom * stride]
        return Image.frombuffer(heif.mode, (width, bottom - top), part, "raw", heif.mode, stride, 1)

    return Rows(heif.size, heif.mode, take), heif.info.get("icc_profile")


def _write(image: Image.Image, encode: EncodeImage, target: Path, label: str) -> Findings:
    if encode.quality is None:
        lossless: dict[str, Any] = {"lossless": True, "method": 4} if encode.container == "webp" else {}
        image.save(target, format=encode.container.upper(), **lossless)
        _judge_size(target, encode, label)
        return ()
    first_bytes = 0
    for quality, chroma in LADDER[encode.container]:
        if quality > encode.quality:
            continue
        options: dict[str, Any] = {"subsampling": chroma} if chroma else {"method": 4}
        image.save(target, format=encode.container.upper(), quality=quality, **options)
        size = target.stat().st_size
        first_bytes = first_bytes or size
        if encode.max_bytes is None or size <= encode.max_bytes:
            return _lowered(encode, quality, chroma, first_bytes)
    _judge_size(target, encode, label)
    return ()


def _lowered(encode: EncodeImage, quality: int, chroma: str | None, first_bytes: int) -> Findings:
    if (quality, chroma) == (encode.quality, encode.chroma):
        return ()
    used = f"quality {quality}{f' and {chroma}' if chroma else ''}"
    message = f"written with {used}, since with quality {encode.quality} it takes {amount(first_bytes, 'bytes')}"
    return advice("image-quality-lowered", quality, encode.quality or 0, message)


def _judge_size(target: Path, encode: EncodeImage, label: str) -> None:
    size = target.stat().st_size
    if encode.max_bytes is not None and size > encode.max_bytes:
        finding = over_share("image-file-too-large", size, encode.max_bytes, label)
        raise NonCompliantError(f"{label}: it does not fit into the bytes that an image may have", (finding,))
