"""Decoding of one picture: from a file to an sRGB image, cropped, scaled, turned upright and padded as planned."""

from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from prep.media.image import tiff
from prep.media.image.color.cicp import coded_to_srgb
from prep.media.image.color.png_profile import stated_profile
from prep.media.image.color.srgb import simplify, to_srgb
from prep.media.image.decode import open_heif, open_image
from prep.media.image.jpeg_xl import as_png
from prep.media.image.stream import STREAMED, Damaged, open_rows
from prep.media.image.transform import Rows, add_bars, divisor, flatten, reshape, rows_of
from prep.model.media import ImageInfo
from prep.model.plan import Flatten, Orient, Pad, Step, TakeFrame, find

# ffmpeg's names for libheif's modes.
LAYOUTS = {"RGB": "rgb24", "RGB;16": "rgb48le", "RGBA": "rgba", "RGBA;16": "rgba64le"}


class Picture(NamedTuple):
    """An image, and the *damage* that its decoder saw in the coded data; None: it saw none."""

    image: Image.Image
    damage: str | None = None


def picture(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Picture:
    """*source* after *steps*, in sRGB, before it is encoded: RGB, or RGBA where it has alpha.

    Raises one of `prep.media.image.decode.DECODING_ERRORS` when it can't be decoded.
    """
    background, pad = find(steps, Flatten), find(steps, Pad)
    image, damage = _reshaped(source, info, steps)
    image = to_srgb(image, image.info.get("icc_profile"))
    if background is not None:
        image = flatten(image, background.color)
    return Picture(add_bars(image, pad) if pad is not None else image, damage)


def _reshaped(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Picture:
    """The wanted part at the wanted size, upright, with the profile of the source."""
    if info.container == "heif":
        return Picture(_from_heif(source, info, steps))
    if info.container == "tiff" and info.mode not in tiff.FOR_PILLOW and tiff.opens(source):
        return Picture(_from_tiff(source, info, steps))
    if info.container == "jxl":
        frame = find(steps, TakeFrame)
        as_decoded = info.model_copy(update={"container": "png", "frames": 1, "hdr": None, "color_primaries": None})
        with as_png(source, frame.index if frame else 0) as png:
            return _reshaped(png, as_decoded, tuple(step for step in steps if step is not frame))
    damage = None
    if info.container in STREAMED and info.frames == 1 and not _has_code_points(info):
        try:
            return Picture(_streamed(source, info, steps))
        except Damaged as error:
            damage = str(error)
        if info.container == "jpeg":
            with suppress(OSError):  # libvips gives up on some progressive ones that Pillow decodes
                return Picture(_streamed(source, info, steps, strict=False), damage)
    return Picture(_from_pillow(source, info, steps), damage)


def _profile(image: Image.Image, info: ImageInfo) -> bytes | None:
    profile: bytes | None = stated_profile(image.info) if info.container == "png" else image.info.get("icc_profile")
    return profile


def _has_code_points(info: ImageInfo) -> bool:
    return info.hdr is not None or info.color_primaries is not None


def _streamed(source: Path, info: ImageInfo, steps: tuple[Step, ...], *, strict: bool = True) -> Image.Image:
    with open_image(source, info.container) as header:
        size, profile = header.size, _profile(header, info)
    orientation = info.orientation if find(steps, Orient) else 1
    divided = divisor(size, orientation, steps) if info.container == "jpeg" else 1
    with open_rows(source, info.container, divided, strict=strict) as rows:
        image = reshape(rows, orientation, steps, divided)
    image.info["icc_profile"] = profile
    return image


def _from_tiff(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Image.Image:
    frame = find(steps, TakeFrame)
    page = frame.index if frame else info.frame
    with tiff.open_rows(source, page, info.mode) as rows:
        image = reshape(rows, info.orientation if find(steps, Orient) else 1, steps)
    image = simplify(image)
    image.info["icc_profile"] = tiff.read_header(source, page).profile
    return image


def _from_pillow(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Image.Image:
    frame = find(steps, TakeFrame)
    with open_image(source, info.container) as opened:
        if frame is not None:
            opened.seek(frame.index)
        opened.load()
        profile = _profile(opened, info)
        if _has_code_points(info):
            mode = "RGBA" if info.has_alpha else "RGB"
            rows = rows_of(_coded(_simple_rows(opened), mode, info))
            profile = None
        else:
            rows = _simple_rows(opened)
        # Pillow turns a TIFF by itself
        turn = info.container != "tiff" and find(steps, Orient) is not None
        image = reshape(rows, info.orientation if turn else 1, steps)
    image.info["icc_profile"] = profile
    return image


def _coded(rows: Rows, mode: str, info: ImageInfo) -> Image.Image:
    def pack(top: int, bottom: int) -> bytes:
        return rows.take(top, bottom).convert(mode).tobytes()

    return coded_to_srgb(pack, LAYOUTS[mode], rows.size, info)


def _simple_rows(image: Image.Image) -> Rows:
    """The rows of *image* as `simplify` has them; of a palette it makes up to four times as many bytes."""
    if image.mode not in ("1", "P", "PA"):
        return rows_of(simplify(image))
    mode = simplify(image.crop((0, 0, 1, 1))).mode
    return Rows(image.size, mode, lambda top, bottom: simplify(image.crop((0, top, image.width, bottom))))


def _from_heif(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Image.Image:
    """libheif decodes the whole picture, and turns it upright."""
    heif = open_heif(source, eight_bit=not _has_code_points(info))
    if _has_code_points(info):
        return reshape(rows_of(_coded_heif(heif, info)), 1, steps)
    rows = _heif_rows(heif) if heif.mode in ("RGB", "RGBA", "L") else rows_of(simplify(heif.to_pillow()))
    image = reshape(rows, 1, steps)
    image.info["icc_profile"] = heif.info.get("icc_profile")
    return image


def _coded_heif(heif: Any, info: ImageInfo) -> Image.Image:
    if not heif.mode.startswith("RGB"):
        raise ValueError(f"HDR in {heif.mode} is not read")
    width = heif.size[0]
    row_bytes = width * len(heif.mode.partition(";")[0]) * (2 if heif.mode.endswith(";16") else 1)
    data, stride = memoryview(heif.data), heif.stride

    def pack(top: int, bottom: int) -> bytes:
        return b"".join(data[row * stride : row * stride + row_bytes] for row in range(top, bottom))

    return coded_to_srgb(pack, LAYOUTS[heif.mode], heif.size, info)


def _heif_rows(heif: Any) -> Rows:
    """The rows as libheif decoded them; as a Pillow image of its own the picture would take as much memory again."""
    data, stride, width = memoryview(heif.data), heif.stride, heif.size[0]

    def take(top: int, bottom: int) -> Image.Image:
        part: Any = data[top * stride : bottom * stride]
        return Image.frombuffer(heif.mode, (width, bottom - top), part, "raw", heif.mode, stride, 1)

    return Rows(heif.size, heif.mode, take)
