"""Probing one image through Pillow: its header only, except where the end of the file has to be seen."""

from typing import Any, Literal

from PIL import Image, ImageCms

from prep.errors import UnreadableError
from prep.media.image.decode import DECODING_ERRORS, open_heif, open_image, too_many
from prep.media.image.header import END_OF_IMAGE, SHORT_TAIL_BYTES, TAIL_BYTES, told_in
from prep.media.image.metadata_blocks import blocks, metadata, png_exif, webp_is_lossless
from prep.media.image.private_metadata import loaded, private_behind, private_in
from prep.media.io.outline import outline
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable
from prep.model.h273 import HDR_TRANSFERS, IMAGE_PRIMARIES
from prep.model.media import ImageInfo, VideoInfo
from prep.model.redact import shown

ORIENTATION = 0x0112
LOSSLESS = ("png", "bmp", "tiff", "gif")
JPEG_XL_PRIMARIES: dict[tuple[int, int], Literal["bt2020", "smpte432"]] = {(9, 1): "bt2020", (11, 1): "smpte432"}


def probe_image(item: Openable, container: str) -> ImageInfo:
    """Raises UnreadableError when the header does not parse or names more pixels than can be decoded safely."""
    item = outline(item, container)
    try:
        if container == "heif":
            return _probe_heif(item)
        if container == "jxl":
            return _probe_jpeg_xl(item)
        with open_image(item, container) as image:
            facts = _facts(item, container, image)
        if _truncated(item, container):
            raise UnreadableError(f"{shown(item)}: the file ends before the picture does; it is truncated")
        return facts
    except Image.DecompressionBombError as error:
        raise UnreadableError(f"{shown(item)}: {too_many(error)}") from error
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: can't be read as {container.upper()}: {error}") from error


def probe_animated_webp(item: Openable, info: ImageInfo) -> VideoInfo:
    """The same file as a video: when each frame is shown, from the durations that it gives in milliseconds."""
    shown_ms = []
    with open_image(item, "webp") as image:
        for index in range(info.frames):
            image.seek(index)
            image.load()  # the duration is known only then
            shown_ms.append(max(1, int(image.info.get("duration", 0))))
    duration_s = sum(shown_ms) / 1000
    average = round(len(shown_ms) / duration_s, 3)
    return VideoInfo(
        container="webp",
        bytes=info.bytes,
        width=info.width,
        height=info.height,
        coded_width=info.width,
        coded_height=info.height,
        fps=average,
        avg_fps=average,
        vfr=max(shown_ms) - min(shown_ms) > 1,
        duration_s=duration_s,
        codec="webp",
        pix_fmt="rgba" if info.has_alpha else "rgb24",
        has_alpha=info.has_alpha,
    )


def _probe_heif(item: Openable) -> ImageInfo:
    heif = open_heif(item, eight_bit=False)
    icc, coded = heif.info.get("icc_profile"), heif.info.get("nclx_profile") or {}
    told = {name: bool(heif.info.get(name)) for name in ("exif", "xmp")}
    return ImageInfo(
        container="heif",
        bytes=size_of(item),
        width=heif.size[0],
        height=heif.size[1],
        mode=heif.mode,
        icc=_profile_name(icc),
        **_coded(icc, coded.get("color_primaries", 2), coded.get("transfer_characteristics", 2)),
        has_alpha=bool(heif.has_alpha),
        private_metadata=private_in(loaded(heif.info.get("exif")), heif.info.get("xmp")),
        metadata=tuple(name for name, there in told.items() if there),
    )


def _probe_jpeg_xl(item: Openable) -> ImageInfo:
    """Nothing is decoded but an animation, since only its end tells how many frames it has."""
    from prep.media.image.jpeg_xl import frame_ends, judged  # with ffmpeg, which other pictures do without

    header = judged(item)
    mode = ("L" if header.grey else "RGB") + ("A" if header.has_alpha else "")
    wide = None if header.profile else JPEG_XL_PRIMARIES.get((header.primaries, header.white_point))
    return ImageInfo(
        container="jxl",
        bytes=size_of(item),
        width=header.width,
        height=header.height,
        mode=f"{mode};16" if header.bits > 8 else mode,
        frames=len(frame_ends(item)) if header.animated else 1,
        icc="embedded" if header.profile else None,
        color_primaries=wide,
        hdr=header.hdr,
        has_alpha=header.has_alpha,
        lossless=not header.xyb and not header.from_jpeg,
        private_metadata=private_in(loaded(header.exif), None),
        metadata=header.says,
    )


def _facts(item: Openable, container: str, image: Image.Image) -> ImageInfo:
    data = told_in(item, container) if container in ("jpeg", "png", "webp") else b""
    exif = _exif(container, image, data)
    orientation = exif.get(ORIENTATION, 1)
    orientation = orientation if orientation in range(1, 9) else 1
    # Pillow says the size of a TIFF as displayed, of everything else as stored
    turned = orientation >= 5 and container != "tiff"
    width, height = (image.size[1], image.size[0]) if turned else image.size
    icc = image.info.get("icc_profile")
    kinds = metadata(data, container)
    told = private_in(exif, image.info.get("xmp"), author=bool(image.info.get("Author")))
    if container == "jpeg" and "trailer" in kinds:
        told += private_behind(data)
    return ImageInfo(
        container=container,
        bytes=size_of(item),
        width=width,
        height=height,
        mode=image.mode,
        frames=1 if container == "jpeg" else getattr(image, "n_frames", 1),
        icc=_profile_name(icc),
        **_coded(icc, *_code_points(item, container, data)),
        orientation=orientation,
        has_alpha=image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info,
        lossless=container in LOSSLESS or (container == "webp" and webp_is_lossless(data)),
        private_metadata=tuple(dict.fromkeys(told)),
        metadata=kinds or tuple(name for name in ("exif", "xmp") if image.info.get(name)),
    )


def _exif(container: str, image: Image.Image, data: bytes) -> Image.Exif:
    """Asking Pillow for the EXIF of a PNG that has none before its pixels decodes the whole picture."""
    if container in ("jpeg", "tiff") or "exif" in image.info:
        return image.getexif()
    return loaded(png_exif(data) if container == "png" else None)


def _code_points(item: Openable, container: str, data: bytes) -> tuple[int, int]:
    """Colour primaries and transfer by H.273; 2: not said."""
    if container == "png":
        chunk = next((block.content[8:] for block in blocks(data, "png") if block.name == b"cICP"), b"")
        return (chunk[0], chunk[1]) if len(chunk) >= 2 else (2, 2)
    if container == "avif":  # Pillow does not tell; the box stands in the header (ISO/IEC 14496-12, 12.1.5)
        head = read_part(item, 0, TAIL_BYTES)
        at = head.find(b"colrnclx") + 8
        if 8 <= at <= len(head) - 4:
            return int.from_bytes(head[at : at + 2], "big"), int.from_bytes(head[at + 2 : at + 4], "big")
    return 2, 2


def _coded(icc: bytes | None, primaries: int, transfer: int) -> dict[str, Any]:
    hdr = HDR_TRANSFERS.get(transfer)
    if icc and not hdr:
        return {}  # the profile says it better
    return {"color_primaries": IMAGE_PRIMARIES.get(primaries), "hdr": hdr}


def _profile_name(profile: bytes | None) -> str | None:
    if not profile:
        return None
    try:
        from io import BytesIO

        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "unreadable"


def _truncated(item: Openable, container: str) -> bool:
    """Whether the picture's end is missing. Only a JPEG that may carry a trailer is decoded to know."""
    ends = {"jpeg": END_OF_IMAGE, "png": b"IEND"}
    if container not in ends:
        return False
    for tail in (SHORT_TAIL_BYTES, TAIL_BYTES):
        if ends[container] in read_part(item, -tail, tail):
            return False
    try:
        with open_image(item, container) as image:
            image.load()
    except DECODING_ERRORS:
        return True
    return False
