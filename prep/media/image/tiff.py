"""TIFF through libvips: samples of any depth, floats, CIELAB, inverted grey, a few rows at a time.

Pillow opens the usual kinds only, shows 16-bit MinIsWhite as a negative, and lets libtiff print on the terminal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from prep.media.image.transform import Rows
from prep.media.image.vips_cache import empty_vips_cache
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# Modes that libvips 8.18 does not open (CIELAB with 8 bits) or leaves as they are.
FOR_PILLOW = ("LAB", "YCbCr")
LAB = ("lab", "labs", "labq")
# Samples that are not bytes: the value that is white. Floats count as coded like sRGB, as image libraries write them.
WHITES = (1.0, 255.0, 65_535.0, 4_294_967_295.0)
DEEP = {"ushort": "I;16", "float": "F", "double": "F"}


class Header(NamedTuple):
    """Size as stored, Pillow's name for the mode (or the nearest), the profile and the orientation of one page."""

    size: tuple[int, int]
    mode: str
    profile: bytes | None
    orientation: int
    pages: int


def read_header(item: Openable, page: int = 0) -> Header:
    """The facts of one page. Raises OSError."""
    image = _open(item, page, "none")
    bands = _colours(image)
    mode = "CMYK" if image.interpretation == "cmyk" else MODES[min(4, bands + (image.bands > bands))]
    if mode == "L":
        mode = DEEP.get(image.format, mode)
    fields = image.get_fields()
    profile = image.get("icc-profile-data") if "icc-profile-data" in fields else None
    orientation = image.get("orientation") if "orientation" in fields else 1
    return Header((image.width, image.height), mode, profile, orientation, image.get_n_pages())


def opens(item: Openable) -> bool:
    """Whether libvips knows this kind of TIFF; Pillow knows a few others."""
    try:
        read_header(item)
    except OSError:
        return False
    return True


@contextmanager
def open_rows(item: Openable, page: int, mode: str) -> Iterator[Rows]:
    """The rows of one page as stored, from top to bottom, with 8 bits a sample; *mode* says whether it has alpha.

    Raises OSError, here and from `take`, when it can't be decoded.
    """
    import pyvips

    image = _open(item, page, "error")
    if image.coding == "labq":
        image = image.LabQ2Lab()
    if image.interpretation in LAB:
        image = image.colourspace("srgb")
    elif image.format == "ushort":
        image = image.cast("uchar", shift=True)
    elif image.format != "uchar":
        white = _white(item, page)
        image = (image * (255 / white)).cast("uchar")
    colours = _colours(image)
    has_alpha = mode in ("RGBA", "LA", "RGBa", "La") and image.bands > colours
    image = image.extract_band(0, n=colours + has_alpha)
    kept = "CMYK" if colours == 4 else MODES[image.bands]
    if mode in ("RGBa", "La") and has_alpha:
        kept = mode
    region: Any = pyvips.Region.new(image)

    def take(top: int, bottom: int) -> Image.Image:
        try:
            pixels = region.fetch(0, top, image.width, bottom - top)
        except pyvips.Error as error:
            raise OSError(_message(error)) from None
        return Image.frombuffer(kept, (image.width, bottom - top), pixels, "raw", kept, 0, 1)

    try:
        yield Rows((image.width, image.height), kept, take)
    finally:
        empty_vips_cache()


def decodes(item: Openable, page: int = 0) -> bool:
    """Whether all of a page can be decoded."""
    try:
        with open_rows(item, page, "RGB") as rows:
            for top in range(0, rows.size[1], 256):
                rows.take(top, min(rows.size[1], top + 256))
    except OSError:
        return False
    return True


def _open(item: Openable, page: int, fail_on: str) -> Any:
    import pyvips

    options = {"access": "sequential", "fail_on": fail_on, "page": page}
    try:
        if not isinstance(item, Path):  # pyvips keeps the bytes for as long as the image
            return pyvips.Image.tiffload_buffer(read_part(item, 0, size_of(item)), **options)
        with item.open("rb") as file:  # names need not be UTF-8; libvips keeps a descriptor of its own
            return pyvips.Image.tiffload_source(pyvips.Source.new_from_descriptor(file.fileno()), **options)
    except pyvips.Error as error:
        raise OSError(_message(error)) from None


def _colours(image: Any) -> int:
    """The number of bands that are colour; those behind them are alpha or something else."""
    if image.interpretation == "cmyk":
        return 4
    return 1 if image.bands < 3 else 3


def _white(item: Openable, page: int) -> float:
    brightest = _open(item, page, "error").max()
    return next((white for white in WHITES if brightest <= white), WHITES[-1])


def _message(error: Exception) -> str:
    """The first line of what libtiff says, without the names that libvips puts before it."""
    lines = [line.strip() for line in str(error).splitlines() if ": " in line]
    return lines[-1].rpartition(": ")[2] if lines else "it is damaged"
