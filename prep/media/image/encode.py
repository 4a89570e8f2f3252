"""Making of one image: decoded as planned and written with Pillow, or only stripped of its metadata."""

from pathlib import Path
from typing import Any

from PIL import Image

from prep.errors import NonCompliantError, ToolError, UnreadableError
from prep.media.image.decode import DECODING_ERRORS, open_heif, open_image, why
from prep.media.image.jpeg_xl import as_png
from prep.media.image.picture import picture
from prep.media.image.stream import STREAMED, find_damage
from prep.media.image.strip import strip
from prep.media.task import Task
from prep.model.media import STRIPPABLE, ImageInfo
from prep.model.plan import EncodeImage, PlanEntry, StripMetadata, find
from prep.model.redact import shown
from prep.rules.amounts import amount
from prep.rules.findings import Findings, about, advice, over_share
from prep.rules.image import damaged

# Qualities to try in turn when a file is too large; below 92, or without full chroma, only for want of room.
LADDER = {
    "jpeg": ((95, "4:4:4"), (92, "4:4:4"), (92, "4:2:0"), (88, "4:2:0"), (84, "4:2:0"), (80, "4:2:0")),
    "webp": ((95, None), (92, None), (88, None), (84, None), (80, None)),
}


def make_image(task: Task) -> Findings:
    """Make the image that *task* orders: sRGB, upright, without metadata.

    The findings report a lowered quality, and damage that the decoder got over. Raises UnreadableError when the file
    can't be decoded, NonCompliantError when it does not fit into its bytes at the lowest quality.
    """
    source, entry, target = task.source, task.entry, task.target
    info, encode = entry.source, find(entry.steps, EncodeImage)
    if isinstance(info, ImageInfo) and find(entry.steps, StripMetadata) is not None:
        if info.container not in STRIPPABLE:
            raise ToolError(
                f"{entry.label}: the metadata of {info.container.upper()} can't be stripped without encoding"
            )
        strip(source, target, info.container)
        return judged(source, entry)
    if not isinstance(info, ImageInfo) or encode is None:
        raise ToolError(f"{entry.label}: the plan does not encode it as an image")
    try:
        image, damage = picture(source, info, entry.steps)
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{entry.label}: can't be decoded: {why(error)}; use another copy") from error
    image.info = {}  # Pillow would write comments and the like again
    findings = (*damaged(damage), *_write(image, encode, target, entry.label))
    return about(findings, entry.label, entry.tag)


def judged(source: Path, entry: PlanEntry) -> Findings:
    """The damage in a picture whose coded data stays as it is: a sound header proves nothing about the rest.

    Raises UnreadableError when it does not decode at all.
    """
    container = entry.source.container
    damage = find_damage(source, container) if container in STREAMED else None
    if (damage is not None or container not in STREAMED) and not _decodes(source, container):
        raise UnreadableError(
            f"{shown(entry.reference.display_path)}: its header is fine, but the picture does not decode"
        )
    return about(damaged(damage), entry.label, entry.tag)


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


def _write(image: Image.Image, encode: EncodeImage, target: Path, label: str) -> Findings:
    if encode.quality is None:
        lossless: dict[str, Any] = {"lossless": True, "method": 4} if encode.container == "webp" else {}
        image.save(target, format=encode.container.upper(), **lossless)
        _refuse_large(target, encode, label)
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
    _refuse_large(target, encode, label)
    return ()


def _lowered(encode: EncodeImage, quality: int, chroma: str | None, first_bytes: int) -> Findings:
    if (quality, chroma) == (encode.quality, encode.chroma):
        return ()
    settings = f"quality {quality}{f' and {chroma}' if chroma else ''}"
    message = f"written with {settings}; with quality {encode.quality} it takes {amount(first_bytes, 'bytes')}"
    return advice("image-quality-lowered", quality, encode.quality or 0, message)


def _refuse_large(target: Path, encode: EncodeImage, label: str) -> None:
    size = target.stat().st_size
    if encode.max_bytes is not None and size > encode.max_bytes:
        finding = over_share("image-file-too-large", size, encode.max_bytes, label)
        raise NonCompliantError(f"{label}: does not fit into the bytes an image may have", (finding,))
