"""Probing one image through Pillow: its header only, except where the end of the file has to be seen."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, UnidentifiedImageError

from prep.errors import UnreadableError
from prep.model.media import ImageInfo, VideoInfo
from prep.model.shown import shown

PILLOW_FORMATS = {
    "jpeg": ("JPEG",),  # also opens what phones write as MPO
    "png": ("PNG",),
    "webp": ("WEBP",),
    "gif": ("GIF",),
    "bmp": ("BMP",),
    "tiff": ("TIFF",),
    "avif": ("AVIF",),
}
ORIENTATION, ARTIST, GPS, EXIF_IFD = 0x0112, 0x013B, 0x8825, 0x8769
OWNER, BODY_SERIAL, LENS_SERIAL, XP_AUTHOR = 0xA430, 0xA431, 0xA435, 0x9C9D
TAIL_BYTES = 65_536


def probe_image(path: Path, container: str) -> ImageInfo:
    """Raises UnreadableError when the header does not parse or names more pixels than can be decoded safely."""
    try:
        if container == "heif":
            return _probe_heif(path)
        with Image.open(path, formats=PILLOW_FORMATS[container]) as image:
            facts = _facts(path, container, image)
        if _truncated(path, container):
            raise UnreadableError(f"{shown(path)}: the file ends before the picture does; it is truncated")
        return facts
    except UnidentifiedImageError:
        raise UnreadableError(f"{shown(path)}: looks like {container.upper()}, but its header is broken") from None
    except Image.DecompressionBombError as error:
        raise UnreadableError(f"{shown(path)}: too many pixels to decode safely: {error}") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise UnreadableError(f"{shown(path)}: can't be read as {container.upper()}: {error}") from error


def probe_animated_webp(path: Path, info: ImageInfo) -> VideoInfo:
    """The same file as a video: when each frame is shown, from the durations that it gives in milliseconds."""
    shown_ms = []
    with Image.open(path, formats=PILLOW_FORMATS["webp"]) as image:
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


def open_heif(path: Path) -> Image.Image:
    """A HEIC as a Pillow image, upright: libheif has applied its rotation, so the EXIF orientation no longer holds."""
    import pillow_heif

    heif: Any = pillow_heif.open_heif(path, convert_hdr_to_8bit=True)
    image: Image.Image = heif.to_pillow()
    return image


def _probe_heif(path: Path) -> ImageInfo:
    import pillow_heif

    heif: Any = pillow_heif.open_heif(path)
    most = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    if most and heif.size[0] * heif.size[1] > most:
        raise Image.DecompressionBombError(f"{heif.size[0]}×{heif.size[1]}, at most {most:,} pixels are decoded")
    exif = Image.Exif()
    if heif.info.get("exif"):
        exif.load(heif.info["exif"])
    return ImageInfo(
        container="heif",
        bytes=path.stat().st_size,
        width=heif.size[0],
        height=heif.size[1],
        mode=heif.mode,
        icc=_profile_name(heif.info.get("icc_profile")),
        has_alpha=bool(heif.has_alpha),
        private_metadata=_private(exif),
    )


def _facts(path: Path, container: str, image: Image.Image) -> ImageInfo:
    exif = image.getexif() if _has_exif(container, image) else Image.Exif()
    orientation = exif.get(ORIENTATION, 1)
    orientation = orientation if orientation in range(1, 9) else 1
    # Pillow says the size of a TIFF as displayed, of everything else as stored
    turned = orientation >= 5 and container != "tiff"
    width, height = (image.size[1], image.size[0]) if turned else image.size
    return ImageInfo(
        container=container,
        bytes=path.stat().st_size,
        width=width,
        height=height,
        mode=image.mode,
        frames=1 if container == "jpeg" else getattr(image, "n_frames", 1),
        icc=_profile_name(image.info.get("icc_profile")),
        orientation=orientation,
        has_alpha=image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info,
        private_metadata=_private(exif),
    )


def _has_exif(container: str, image: Image.Image) -> bool:
    """Asking a PNG without EXIF for it decodes the whole picture, since EXIF may stand at its end."""
    return container in ("jpeg", "tiff") or "exif" in image.info


def _private(exif: Image.Exif) -> tuple[str, ...]:
    camera = exif.get_ifd(EXIF_IFD)
    found = {
        "gps": bool(exif.get_ifd(GPS)),
        "serial number": BODY_SERIAL in camera or LENS_SERIAL in camera,
        "owner": OWNER in camera or ARTIST in exif or XP_AUTHOR in exif,
    }
    return tuple(name for name, there in found.items() if there)


def _profile_name(profile: bytes | None) -> str | None:
    if not profile:
        return None
    try:
        from io import BytesIO

        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "unreadable"


def _truncated(path: Path, container: str) -> bool:
    """Whether the picture's end is missing. Only a JPEG that may carry a trailer is decoded to know."""
    ends = {"jpeg": b"\xff\xd9", "png": b"IEND"}
    if container not in ends:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        if ends[container] in file.read():
            return False
    try:
        with Image.open(path, formats=PILLOW_FORMATS[container]) as image:
            image.load()
    except (OSError, SyntaxError, ValueError):
        return True
    return False
