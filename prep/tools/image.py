"""Making one image: the steps of a plan carried out with Pillow."""

from pathlib import Path
from typing import Any

from PIL import Image

from prep.errors import NonCompliantError, ToolError
from prep.model.media import ImageInfo
from prep.model.plan import EncodeImage, Flatten, Orient, Pad, PlanEntry, Step, StripMetadata, TakeFrame, find
from prep.planning.image import STRIPPABLE
from prep.rules.compare import Findings, about, advice, amount, over_share
from prep.tools.blocks import strip
from prep.tools.coded_color import coded_to_srgb
from prep.tools.lay_out import drafted, flattened, padded, sized
from prep.tools.open_image import DECODING_ERRORS, open_heif, open_image
from prep.tools.srgb import plain, to_srgb

# What is tried in turn when a file is too large; below 92, or without its full chroma, only for want of room.
LADDER = {
    "jpeg": ((95, "4:4:4"), (92, "4:4:4"), (92, "4:2:0"), (88, "4:2:0"), (84, "4:2:0"), (80, "4:2:0")),
    "webp": ((95, None), (92, None), (88, None), (84, None), (80, None)),
}


def make_image(source: Path, entry: PlanEntry, target: Path) -> Findings:
    """Carry out the steps of *entry* on *source* and write *target*; a lowered quality is a finding.

    Colours come out as sRGB, the orientation baked in, without metadata. Raises ToolError when the file can't be
    decoded, NonCompliantError when it does not fit into its bytes at the lowest quality.
    """
    info, encode = entry.source, find(entry.steps, EncodeImage)
    if isinstance(info, ImageInfo) and find(entry.steps, StripMetadata) is not None:
        if info.container not in STRIPPABLE:
            raise ToolError(f"{entry.label}: the metadata of {info.container.upper()} can't be left out as it is")
        strip(source, target, info.container)
        return ()
    if not isinstance(info, ImageInfo) or encode is None:
        raise ToolError(f"{entry.label}: the plan does not encode it as an image")
    try:
        image = picture(source, info, entry.steps)
    except DECODING_ERRORS as error:
        raise ToolError(f"{entry.label}: can't be decoded: {error}") from error
    image.info = {}  # comments and the like would be written again
    return about(_write(image, encode, target, entry.label), entry.label, entry.tag)


def picture(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Image.Image:
    """*source* as *steps* make it, in sRGB, before it is encoded: RGB, or RGBA where it has alpha."""
    flatten, pad = find(steps, Flatten), find(steps, Pad)
    image = _sized(source, info, steps)
    image = to_srgb(image, image.info.get("icc_profile"))
    if flatten is not None:
        image = flattened(image, flatten.color)
    return padded(image, pad) if pad is not None else image


def decodes(source: Path, container: str) -> bool:
    """Whether the whole picture can be decoded: a header alone proves nothing about the rest."""
    try:
        if container == "heif":
            return bool(open_heif(source).data)
        with open_image(source, container) as image:
            image.load()
    except DECODING_ERRORS:
        return False
    return True


def _sized(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Image.Image:
    """The wanted part at the wanted size, upright, with the profile that it came with."""
    if info.container == "heif":
        return sized(_heif(source, info), 1, 1, steps)
    frame = find(steps, TakeFrame)
    with open_image(source, info.container) as image:
        if frame is not None:
            image.seek(frame.index)
        divided = drafted(image, info.orientation if find(steps, Orient) else 1, steps) if _is_jpeg(info) else 1
        image.load()
        profile = image.info.get("icc_profile")
        ready = plain(image)
        if info.hdr or info.color_primaries:
            ready = coded_to_srgb(ready.convert("RGB").tobytes(), "rgb24", ready.size, info)
            profile = None
        # Pillow turns a TIFF by itself
        made = sized(ready, info.orientation if info.container != "tiff" else 1, divided, steps)
    made.info["icc_profile"] = profile
    return made


def _is_jpeg(info: ImageInfo) -> bool:
    return info.container == "jpeg"


def _heif(source: Path, info: ImageInfo) -> Image.Image:
    coded = info.hdr is not None or info.color_primaries is not None
    heif = open_heif(source, eight_bit=not coded)
    if not coded:
        image: Image.Image = heif.to_pillow()
        return plain(image)
    deep = heif.mode.endswith(";16")
    heif.convert_to("RGB;16" if deep else "RGB")
    bytes_per_row = heif.size[0] * (6 if deep else 3)
    data, stride = memoryview(heif.data), heif.stride
    rows = b"".join(data[row * stride : row * stride + bytes_per_row] for row in range(heif.size[1]))
    return coded_to_srgb(rows, "rgb48le" if deep else "rgb24", heif.size, info)


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
