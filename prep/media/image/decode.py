"""Opening an image with the one reader that its content calls for; its header is judged before a pixel is decoded."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image

from prep.errors import UnreadableError
from prep.media.io.read import path_or_stream, stream_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

# Pillow's modules for them. All of its forty take 0.1 s to import.
READERS = {
    "jpeg": "Jpeg",
    "png": "Png",
    "webp": "WebP",
    "gif": "Gif",
    "bmp": "Bmp",
    "tiff": "Tiff",
    "avif": "Avif",
}
# Phones take pictures of 200 million pixels. Pillow's own limit warns at 89 and gives up at 179 million.
MAX_PIXELS = 250_000_000
DECODING_ERRORS = (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, TypeError)


def open_image(item: Openable, container: str) -> Image.Image:
    """The image behind its header, not decoded yet; not for HEIC. The caller closes it.

    Raises UnreadableError when the header names more pixels than MAX_PIXELS, or does not parse.
    """
    reader = READERS[container]
    plugin = import_module(f"PIL.{reader}ImagePlugin")
    # of a JPEG with more pictures behind it (stereo, gain maps) the first is read, and not their index
    opener: Any = plugin.JpegImageFile if container == "jpeg" else Image.OPEN[reader.upper()][0]
    source, name = (str(item), str(item)) if isinstance(item, Path) else (stream_of(item), "")
    try:
        image: Image.Image = opener(source, name)
    except Image.DecompressionBombError as error:  # a frame of a GIF that is larger than its header says
        raise UnreadableError(f"{shown(item)}: {too_many(error)}") from error
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: {_why(container, error)}") from error
    try:
        refuse_too_many(item, image.size)
    except UnreadableError:
        image.close()
        raise
    return image


def open_heif(item: Openable, *, eight_bit: bool = True) -> Any:
    """A HEIC as pillow_heif's HeifFile, not decoded yet: its primary image, upright.

    libheif applies the rotation that the file asks for, so an EXIF orientation no longer holds. *eight_bit* reduces 10
    and 12 bits to 8. Raises as `open_image` does.
    """
    import pillow_heif

    try:
        heif: Any = pillow_heif.open_heif(path_or_stream(item), convert_hdr_to_8bit=eight_bit)
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: can't be read as HEIC: {str(error).strip()}") from error
    refuse_too_many(item, heif.size)
    return heif


def too_many(error: Image.DecompressionBombError) -> str:
    """What Pillow refused by a limit of its own, with the number of pixels that it tells first."""
    pixels = next(iter(re.findall(r"\d+", str(error))), "")
    found = f"one of its frames has {int(pixels):,} pixels" if pixels else "one of its frames has too many pixels"
    return f"{found}; that many are not decoded; scale it down first"


def refuse_too_many(item: Openable, size: tuple[int, int]) -> None:
    """Raises UnreadableError when *size*, which a header says, is more than is decoded."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise UnreadableError(
            f"{shown(item)}: its header says {width}×{height}, {width * height:,} pixels; at most {MAX_PIXELS:,} are "
            "decoded; scale it down first"
        )


def _why(container: str, error: Exception) -> str:
    if container == "jpeg" and "-bit layers" in str(error):  # in Pillow's words: "cannot handle 12-bit layers"
        bits = "".join(filter(str.isdigit, str(error)))
        return f"a JPEG with {bits} bits a sample; only 8 are read; save it with 8 bits, or as PNG or TIFF with 16"
    if isinstance(error, OSError):
        return f"can't be read as {container.upper()}: {error}"
    return f"looks like {container.upper()}, but its header is broken"
