"""Decoding a JPEG or PNG a few rows at a time, so that a large one is never in memory as a whole. By libvips.

Its pixels are those that Pillow decodes, since both use libjpeg-turbo; but where Pillow hides what its decoder says of
damaged data, libvips tells.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from prep.media.image.jpeg_damage import Watched
from prep.media.image.transform import Rows

STREAMED = ("jpeg", "png")
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# What libvips puts before the message of the decoder that it uses.
WHO = re.compile(r"^(\w+: )?(Corrupt JPEG data: )?")
AT_ONCE_ROWS = 64


class Damaged(Exception):
    """The coded data is damaged; the message says how, as far as the decoder knows."""


@contextmanager
def streamed(path: Path, container: str, divided: int = 1, *, strict: bool = True) -> Iterator[Rows]:
    """The rows of a JPEG or PNG of one frame, to be taken from top to bottom; samples have 8 bits, palettes are gone.

    *divided*: a JPEG is decoded at a half, quarter or eighth, which must leave no rest.

    *strict*: raises Damaged, here and from `take`, for what a decoder would otherwise hide. JPEG has no checksums:
    damage is seen where the data makes no sense, or ends before or behind the last pixel. Raises OSError for what ends
    early or can't be decoded at all.
    """
    import pyvips

    how = {"access": "sequential", "fail_on": "warning" if strict else "truncated"}
    with path.open("rb") as file:
        watched = Watched(file, path) if strict and container == "jpeg" else None
        source = watched.source if watched else pyvips.Source.new_from_descriptor(file.fileno())
        try:
            if container == "jpeg":
                image: Any = pyvips.Image.jpegload_source(source, shrink=divided, **how)
            else:
                image = pyvips.Image.pngload_source(source, **how)
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
            if watched and bottom == image.height and (wrong := watched.complaint()):
                raise Damaged(wrong)
            return Image.frombuffer(mode, (image.width, bottom - top), pixels, "raw", mode, 0, 1)

        yield Rows((image.width, image.height), mode, take)


def damage(path: Path, container: str) -> str | None:
    """What is damaged in a JPEG or PNG; None: nothing that a decoder could see. All of it is decoded, none is kept."""
    try:
        with streamed(path, container) as rows:
            height = rows.size[1]
            for top in range(0, height, AT_ONCE_ROWS):
                rows.take(top, min(height, top + AT_ONCE_ROWS))
    except Damaged as found:
        return str(found)
    return None


def _failure(error: Exception, container: str, strict: bool) -> Exception:
    said = next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), "")
    said = WHO.sub("", said)
    if not strict:
        return OSError(said)
    # of a PNG it only says that it could not be read; one that can has a wrong checksum
    return Damaged(said if container == "jpeg" else "a checksum does not match")
