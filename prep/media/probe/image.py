"""Probing of one picture: through Pillow, libheif, or ffmpeg for JPEG XL. Pixels stay undecoded, with two exceptions.

An animated JPEG XL is decoded to count its frames, and a JPEG without an end in sight to find out whether it has one.
"""

import re
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

from prep.errors import UnreadableError
from prep.media.container.isobmff import inner_boxes, is_truncated
from prep.media.h273 import HDR_TRANSFERS, IMAGE_PRIMARIES
from prep.media.image import tiff
from prep.media.image.animation import shown_ms
from prep.media.image.decode import (
    DECODING_ERRORS,
    frame_too_large,
    open_heif,
    open_image,
    opens,
    refuse_too_many,
)
from prep.media.image.metadata_blocks import blocks, metadata, png_exif, png_xmp, webp_is_lossless
from prep.media.image.private_metadata import (
    load_exif,
    private_in,
    private_in_appended,
    private_in_boxes,
    private_in_trailer,
)
from prep.media.image.soundness import refuse_undecodable, refuse_undecodable_heif
from prep.media.io.read import is_far, read_part, size_of
from prep.model.byte_source import Openable
from prep.model.media import STRIPPABLE, ImageInfo, VideoInfo
from prep.model.redact import shown

ORIENTATION = 0x0112
XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)\s*([1-8])")
LOSSLESS = ("png", "bmp", "tiff", "gif")
# Formats of which every byte is read, at a URL as well: their readers take a whole file, or any block of it may count.
READ_WHOLE = (*STRIPPABLE, "gif", "heif", "avif")
# Endpoints take a tenth of this. Whatever is read whole is in memory up to three times.
MAX_BYTES = 256_000_000
# Of a TIFF with more pages only these are compared; to count many more takes a minute.
MOST_PAGES, MAX_PAGES = 100, 1_000
UNSPECIFIED = 2  # H.273
# TIFF tags by which raw photos are known (TIFF/EP, DNG 1.7).
NEW_SUBFILE_TYPE, SUB_IFDS, DNG_VERSION = 254, 330, 50706


def probe_image(item: Openable, container: str) -> ImageInfo:
    """The facts of one picture.

    Raises UnreadableError when its header does not parse or names more pixels than can be decoded safely, when the file
    is truncated, and when it is at a URL and too large to be read from there.
    """
    try:
        if container in READ_WHOLE:
            _fetch(item)
        if container == "heif":
            return _probe_heif(item)
        if container == "jxl":
            return _probe_jpeg_xl(item)
        if container == "tiff" and not opens(item, container):
            return _probe_rare_tiff(item)
        with open_image(item, container) as image:
            data = read_part(item, 0, size_of(item)) if container in STRIPPABLE else b""
            if container == "tiff":
                _refuse_raw(item, image)
                _refuse_many_pages(item)
                image.seek(_largest_page(image))
            facts = _facts(item, container, image, data)
            _refuse_large_coded(item, facts)
        if container == "avif" and is_truncated(item):
            raise _truncated(item)
        refuse_undecodable(item, container, data)
        return facts
    except Image.DecompressionBombError as error:
        raise UnreadableError(f"{shown(item)}: {frame_too_large(error)}") from error
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: can't be read as {container.upper()}: {error}") from error


def _refuse_raw(item: Openable, image: Image.Image) -> None:
    """Raise UnreadableError for a camera's raw photo in TIFF's clothes, whose first picture is a thumbnail."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    canon = read_part(item, 8, 2) == b"CR"
    sub_images = tags.get(NEW_SUBFILE_TYPE) == 1 and SUB_IFDS in tags
    if canon or DNG_VERSION in tags or sub_images:
        raise UnreadableError(f"{shown(item)}: a raw photo (DNG, NEF, ARW, CR2, ...); export it as JPEG")


def _refuse_many_pages(item: Openable) -> None:
    """Raise UnreadableError for more than MAX_PAGES, without counting the others."""
    # in an image of its own: Pillow counts no pages once it has met the end
    with suppress(EOFError), open_image(item, "tiff") as image:
        image.seek(MAX_PAGES)
        raise UnreadableError(
            f"{shown(item)}: it has more than {MAX_PAGES:,} pages, the most that are read; save the one you want"
        )


def _largest_page(image: Image.Image) -> int:
    """The index of the page with most pixels, of several the first: pages before it may be its thumbnails."""
    pixels = []
    for page in range(min(getattr(image, "n_frames", 1), MOST_PAGES)):
        image.seek(page)
        pixels.append(image.size[0] * image.size[1])
    return pixels.index(max(pixels))


def _probe_rare_tiff(item: Openable) -> ImageInfo:
    """A TIFF that Pillow does not open: floats in colour, 16-bit grey with alpha and the like."""
    first = tiff.read_header(item)
    if first.pages > MAX_PAGES:
        raise UnreadableError(
            f"{shown(item)}: it has {first.pages:,} pages; at most {MAX_PAGES:,} are read; save the one you want"
        )
    pages = [tiff.read_header(item, page) for page in range(min(first.pages, MOST_PAGES))]
    page = max(range(len(pages)), key=lambda page: pages[page].size[0] * pages[page].size[1])
    header = pages[page]
    refuse_too_many(item, header.size, "tiff")
    if not tiff.decodes(item, page):
        raise UnreadableError(f"{shown(item)}: its header is fine, but the picture does not decode")
    turned = header.orientation in range(5, 9)
    return ImageInfo(
        container="tiff",
        bytes=size_of(item),
        width=header.size[turned],
        height=header.size[not turned],
        mode=header.mode,
        frames=first.pages,
        frame=page,
        icc=_profile_name(header.profile),
        orientation=header.orientation if header.orientation in range(1, 9) else 1,
        has_alpha=header.mode in ("LA", "RGBA"),
        lossless=True,
    )


def probe_animated_webp(item: Openable, info: ImageInfo) -> VideoInfo:
    """The same file as a video, whose frames are timed by the durations that it gives in milliseconds."""
    durations_ms = []
    with open_image(item, "webp") as image:
        for index in range(info.frames):
            image.seek(index)
            image.load()  # the duration is known only then
            durations_ms.append(shown_ms(image.info.get("duration")))
    duration_s = sum(durations_ms) / 1000
    average = round(len(durations_ms) / duration_s, 3)
    return VideoInfo(
        container="webp",
        bytes=info.bytes,
        width=info.width,
        height=info.height,
        coded_width=info.width,
        coded_height=info.height,
        fps=average,
        avg_fps=average,
        vfr=max(durations_ms) - min(durations_ms) > 1,
        duration_s=duration_s,
        codec="webp",
        pix_fmt="rgba" if info.has_alpha else "rgb24",
        has_alpha=info.has_alpha,
    )


def _fetch(item: Openable) -> None:
    """Fetch a file at a URL in one go, where readers would ask for it piece by piece. Raises UnreadableError for a
    file that is too large to be read as a whole."""
    if size_of(item) > MAX_BYTES:
        raise UnreadableError(
            f"{shown(item)}: a picture of {size_of(item):,} bytes; at most {MAX_BYTES:,} are read; save it again"
        )
    if is_far(item):
        read_part(item, 0, size_of(item))


def _probe_heif(item: Openable) -> ImageInfo:
    heif = open_heif(item, eight_bit=False)
    if is_truncated(item):
        raise _truncated(item)
    refuse_undecodable_heif(item, heif)
    private = private_in(load_exif(heif.info.get("exif")), heif.info.get("xmp")) + private_in_boxes(item)
    private += ("depth map",) if heif.info.get("depth_images") else ()
    icc, coded = heif.info.get("icc_profile"), heif.info.get("nclx_profile") or {}
    info = ImageInfo(
        container="heif",
        bytes=size_of(item),
        width=heif.size[0],
        height=heif.size[1],
        mode=heif.mode,
        icc=_profile_name(icc),
        **_coded(icc, coded.get("color_primaries", UNSPECIFIED), coded.get("transfer_characteristics", UNSPECIFIED)),
        has_alpha=bool(heif.has_alpha),
        private_metadata=tuple(dict.fromkeys(private)),
        metadata=tuple(name for name in ("exif", "xmp") if heif.info.get(name)),
    )
    _refuse_large_coded(item, info)
    return info


def _refuse_large_coded(item: Openable, info: ImageInfo) -> None:
    if info.hdr or info.color_primaries:
        refuse_too_many(item, (info.width, info.height), "coded")


def _probe_jpeg_xl(item: Openable) -> ImageInfo:
    """What ffmpeg says; neither whether it is coded without loss nor which ICC profile it has, if any."""
    from prep.media.image import jpeg_xl  # with ffmpeg, which other pictures do without

    header = jpeg_xl.read_header(item)
    if isinstance(item, Path) and not header.animated:
        jpeg_xl.refuse_undecodable(item)
    pixels = header.pixels
    mode = ("L" if pixels.grey else "RGB") + ("A" if pixels.has_alpha else "")
    return ImageInfo(
        container="jxl",
        bytes=size_of(item),
        width=pixels.size[0],
        height=pixels.size[1],
        mode=f"{mode};16" if pixels.deep else mode,
        frames=len(jpeg_xl.frame_ends(item)) if header.animated else 1,
        color_primaries=next((name for name in IMAGE_PRIMARIES.values() if name == pixels.primaries), None),
        hdr=pixels.hdr,
        has_alpha=pixels.has_alpha,
        private_metadata=private_in(load_exif(header.exif), None),
        metadata=header.metadata,
    )


def _facts(item: Openable, container: str, image: Image.Image, data: bytes) -> ImageInfo:
    exif = _exif(container, image, data)
    orientation = _orientation(exif, png_xmp(data) if container == "png" else b"")
    # Pillow gives the size of a TIFF as displayed, of everything else as stored
    turned = orientation >= 5 and container != "tiff"
    width, height = (image.size[1], image.size[0]) if turned else image.size
    icc = image.info.get("icc_profile")
    kinds = metadata(data, container)
    private = private_in(exif, image.info.get("xmp"), author=bool(image.info.get("Author")))
    if container == "jpeg" and "trailer" in kinds:
        private += private_in_appended(data)
    elif "trailer" in kinds:
        private += private_in_trailer(blocks(data, container))
    elif container == "avif":
        private += private_in_boxes(item)
    page = image.tell() if container == "tiff" else 0
    return ImageInfo(
        container=container,
        bytes=size_of(item),
        width=width,
        height=height,
        mode=image.mode,
        frames=1 if container == "jpeg" else getattr(image, "n_frames", 1),
        frame=page,
        icc=_profile_name(icc),
        **_coded(icc, *_code_points(item, container, data)),
        orientation=orientation,
        has_alpha=image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info,
        lossless=container in LOSSLESS or (container == "webp" and webp_is_lossless(data)),
        private_metadata=tuple(dict.fromkeys(private)),
        metadata=kinds or tuple(name for name in ("exif", "xmp") if image.info.get(name)),
    )


def _orientation(exif: Image.Exif, xmp: bytes) -> int:
    orientation: Any = exif.get(ORIENTATION)
    if orientation is None and (match := XMP_ORIENTATION.search(xmp)):
        orientation = int(match[1])
    return int(orientation) if orientation in range(1, 9) else 1


def _exif(container: str, image: Image.Image, data: bytes) -> Image.Exif:
    """The EXIF. Of a PNG without EXIF before its pixels Pillow would decode them all to look for it."""
    if container in ("jpeg", "tiff") or "exif" in image.info:
        return image.getexif()
    return load_exif(png_exif(data) if container == "png" else None)


def _code_points(item: Openable, container: str, data: bytes) -> tuple[int, int]:
    """Colour primaries and transfer as numbers of H.273, which Pillow tells of neither PNG nor AVIF."""
    if container == "png":
        chunk = next((block.content[8:10] for block in blocks(data, "png") if block.name == b"cICP"), b"")
        return (chunk[0], chunk[1]) if len(chunk) == 2 else (UNSPECIFIED, UNSPECIFIED)
    if container == "avif":  # ISO/IEC 14496-12, 12.1.5
        properties = (box for box in inner_boxes(item, b"meta", b"iprp", b"ipco") if box.name == b"colr")
        colors = (read_part(item, box.start, 8) for box in properties)
        color = next((color for color in colors if color.startswith(b"nclx") and len(color) == 8), b"")
        if color:
            return int.from_bytes(color[4:6], "big"), int.from_bytes(color[6:8], "big")
    return UNSPECIFIED, UNSPECIFIED


def _coded(icc: bytes | None, primaries: int, transfer: int) -> dict[str, Any]:
    hdr = HDR_TRANSFERS.get(transfer)
    if icc and not hdr:
        return {}  # the profile says it better
    return {"color_primaries": IMAGE_PRIMARIES.get(primaries), "hdr": hdr}


def _profile_name(profile: bytes | None) -> str | None:
    if not profile:
        return None
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "unreadable"


def _truncated(item: Openable) -> UnreadableError:
    return UnreadableError(f"{shown(item)}: the file is cut off before the end of the picture")
