"""Streaming of JPEG and PNG by libvips: a few rows at a time, so that a large picture is never in memory as a whole.

The pixels are those that Pillow decodes, since both use libjpeg-turbo. But libvips reports damage, which Pillow hides.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from prep.media.image.jpeg_damage import Watched
from prep.media.image.transform import Rows
from prep.media.image.vips_cache import empty_vips_cache

STREAMED = ("jpeg", "png")
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# The prefixes that libvips adds to a decoder's message.
PREFIX = re.compile(r"^(\w+: )?(Corrupt JPEG data: )?")
AT_ONCE_ROWS = 64


class Damaged(Exception):
    """Damage in the coded data; the message says what the decoder knows about it."""


@contextmanager
def open_rows(path: Path, container: str, divided: int = 1, *, strict: bool = True) -> Iterator[Rows]:
    """The rows of a JPEG or PNG of one frame, to be taken from top to bottom: 8 bits a sample, no palette.

    *divided* decodes a JPEG at a half, quarter or eighth of its sides, which must leave no remainder.

    *strict* raises Damaged, here and from `take`, for damage that a decoder would hide. JPEG has no checksums: damage
    shows where the data makes no sense, or ends before or after the last pixel. Raises OSError for a picture that ends
    early or can't be decoded at all.
    """
    import pyvips

    options = {"access": "sequential", "fail_on": "warning" if strict else "truncated"}
    with path.open("rb") as file:
        watched = Watched(file, path) if strict and container == "jpeg" else None
        source = watched.source if watched else pyvips.Source.new_from_descriptor(file.fileno())
        try:
            if container == "jpeg":
                image: Any = pyvips.Image.jpegload_source(source, shrink=divided, **options)
            else:
                image = pyvips.Image.pngload_source(source, **options)
            if image.format == "ushort":
                image = image.cast("uchar", shift=True)
        except pyvips.Error as error:
            raise _failure(error, container, strict) from None
        mode = "CMYK" if image.interpretation == "cmyk" else MODES[image.bands]
        region = pyvips.Region.new(image)

        def take(top: int, bottom: int) -> Image.Image:
            try:
                pixels = region.fetch(0, top, image.width, bottom - top)
            except pyvips.Error as error:
                raise _failure(error, container, strict) from None
            if watched and bottom == image.height and (complaint := watched.complaint()):
                raise Damaged(complaint)
            return Image.frombuffer(mode, (image.width, bottom - top), pixels, "raw", mode, 0, 1)

        try:
            yield Rows((image.width, image.height), mode, take)
        finally:
            empty_vips_cache()


def find_damage(path: Path, container: str) -> str | None:
    """The damage in a JPEG or PNG, as its decoder words it; None: it sees none. All of the picture is decoded."""
    try:
        with open_rows(path, container) as rows:
            height = rows.size[1]
            for top in range(0, height, AT_ONCE_ROWS):
                rows.take(top, min(height, top + AT_ONCE_ROWS))
    except Damaged as error:
        return str(error)
    return None


def _failure(error: Exception, container: str, strict: bool) -> Exception:
    last_line = next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), "")
    message = PREFIX.sub("", last_line)
    if not strict:
        return OSError(message)
    # of a PNG libvips says only that it could not be read; when Pillow can, a checksum is wrong
    return Damaged(message if container == "jpeg" else "a checksum does not match")
