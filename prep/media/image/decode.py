"""Opening of an image by the reader for its format; the header is checked before a pixel is decoded."""

import re
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from prep.errors import UnreadableError
from prep.media.image.color import avif_matrix
from prep.media.image.metadata_blocks import WEBP_HEAD_BYTES, webp_size
from prep.media.io.read import path_or_stream, read_part, stream_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

# Pillow's module for each format. All forty of them take 0.1 s to import.
READERS = {
    "jpeg": "Jpeg",
    "png": "Png",
    "webp": "WebP",
    "gif": "Gif",
    "bmp": "Bmp",
    "tiff": "Tiff",
    "avif": "Avif",
    "jp2": "Jpeg2K",
}
# Pillow's name for a format, where it is not that of the module.
FORMATS = {"jp2": "JPEG2000"}
# Phones take pictures of 200 million pixels. Pillow warns at 89 million and gives up at 179.
MAX_PIXELS = 250_000_000
# Of formats whose decoders hold all of a picture, several times over, as many as take 1 GB. Measured in bytes a pixel:
# 17.6 for WebP (19 for several frames), 19.4 for JPEG 2000, 9.3 for AVIF, 6.6 for GIF, 6.2 for BMP, 4.9 for HEIC.
MOST_PIXELS = {
    "webp": 56_000_000,
    "jp2": 50_000_000,
    "avif": 108_000_000,
    "gif": 150_000_000,
    "bmp": 155_000_000,
    "heif": 200_000_000,
    "jxl": 60_000_000,  # ffmpeg decodes it in floats
    "progressive": 125_000_000,  # a JPEG in several scans: 6 bytes a pixel
    "animated-webp": 48_000_000,
    "animated-png": 145_000_000,
    "interlaced": 140_000_000,  # a PNG that can't be streamed: 6 bytes a pixel
    "interlaced-16": 60_000_000,  # with samples of 16 bits: 14
    "coded": 60_000_000,  # any picture whose colours are code points, which ffmpeg converts: 15 bytes a pixel
}
# Rows cost as well as pixels: 200 million of one pixel each took 5 GB.
MAX_SIDE_PX = 1_000_000
DECODING_ERRORS = (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, TypeError)


def open_image(item: Openable, container: str) -> Image.Image:
    """The image, not decoded yet; neither HEIC nor JPEG XL. The caller closes it.

    Raises UnreadableError when its header does not parse, names more than MAX_PIXELS, or colours that are not read.
    """
    reader = READERS[container]
    plugin = import_module(f"PIL.{reader}ImagePlugin")
    # Pillow's opener for JPEG would read the index of the pictures that follow the first one (stereo, gain maps)
    opener: Any = plugin.JpegImageFile if container == "jpeg" else Image.OPEN[FORMATS.get(container, reader.upper())][0]
    if container == "webp":  # its decoder takes the memory when it is opened
        refuse_too_many(item, webp_size(read_part(item, 0, WEBP_HEAD_BYTES)), container)
    source: Any
    source, name = (str(item), str(item)) if isinstance(item, Path) else (stream_of(item), "")
    if container == "avif" and (readable := avif_matrix.with_usable_matrix(item)):
        source, name = BytesIO(readable), ""
    try:
        image: Image.Image = opener(source, name)
    except Image.DecompressionBombError as error:  # a frame of a GIF that is larger than its header says
        raise UnreadableError(f"{shown(item)}: {frame_too_large(error)}") from error
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: {_reason(container, error)}") from error
    try:
        refuse_too_many(item, image.size, _kind(image, container))
    except UnreadableError:
        image.close()
        raise
    return image


def _kind(image: Any, container: str) -> str:
    """The name of the limit that *image* is under."""
    if container in ("png", "webp") and getattr(image, "is_animated", False):
        return f"animated-{container}"
    if container == "png" and image.info.get("interlace"):
        return "interlaced-16" if any(";16" in str(tile[3]) for tile in image.tile) else "interlaced"
    return "progressive" if "progressive" in image.info else container


def opens(item: Openable, container: str) -> bool:
    """Whether Pillow knows this kind of the format; a picture that is too large counts as known."""
    plugin = import_module(f"PIL.{READERS[container]}ImagePlugin")
    opener: Any = getattr(plugin, f"{READERS[container]}ImageFile")
    try:
        opener(path_or_stream(item)).close()
    except DECODING_ERRORS:
        return False
    return True


def open_heif(item: Openable, *, eight_bit: bool = True) -> Any:
    """A HEIC as pillow_heif's HeifFile, not decoded yet: its primary image, upright.

    libheif applies the rotation in the file, so that its EXIF orientation no longer holds. *eight_bit* reduces 10 and
    12 bits to 8. Raises as `open_image` does.
    """
    import pillow_heif

    try:
        heif: Any = pillow_heif.open_heif(path_or_stream(item), convert_hdr_to_8bit=eight_bit)
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: can't be read as HEIC: {str(error).strip()}") from error
    refuse_too_many(item, heif.size, "heif")
    return heif


def why(error: Exception) -> str:
    """The reason for one of DECODING_ERRORS; that for too little memory comes without a text."""
    return str(error).strip() or "it takes more memory than is allowed"


def frame_too_large(error: Image.DecompressionBombError) -> str:
    """The message for a frame that Pillow refuses; Pillow's own has the number of pixels, and the most allowed."""
    numbers = [f"{int(number):,}" for number in re.findall(r"\d+", str(error))]
    if len(numbers) < 2:
        return "one of its frames has too many pixels; scale it down first"
    return f"one of its frames has {numbers[0]} pixels; at most {numbers[1]} are decoded; scale it down first"


def refuse_too_many(item: Openable, size: tuple[int, int], container: str = "") -> None:
    """Raise UnreadableError when *size*, as its header gives it, is more than is decoded of this format."""
    (width, height), most = size, MOST_PIXELS.get(container, MAX_PIXELS)
    if width < 1 or height < 1:
        raise UnreadableError(f"{shown(item)}: its header says {width}×{height}; it is damaged")
    if max(size) > MAX_SIDE_PX:
        raise UnreadableError(
            f"{shown(item)}: its header says {width}×{height}; at most {MAX_SIDE_PX:,} px a side are decoded; crop it "
            "first"
        )
    if width * height > most:
        raise UnreadableError(
            f"{shown(item)}: its header says {width}×{height}, {width * height:,} pixels; at most {most:,} are "
            f"decoded{' of this format' if container in MOST_PIXELS else ''}; scale it down first"
        )


def _reason(container: str, error: Exception) -> str:
    if container == "jpeg" and "-bit layers" in str(error):  # in Pillow's words: "cannot handle 12-bit layers"
        bits = "".join(filter(str.isdigit, str(error)))
        return f"a JPEG with {bits} bits a sample; only 8 are read; save it with 8 bits, or as PNG or TIFF with 16"
    if isinstance(error, OSError):
        return f"can't be read as {container.upper()}: {error}"
    return f"looks like {container.upper()}, but its header is broken"
