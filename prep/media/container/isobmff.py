"""Reader of ISO boxes (ISO/IEC 14496-12, 4.2): the only one here, for HEIC, AVIF, JPEG XL and fragmented MP4.

No library that is used here lists the boxes of a file: libheif and libavif keep theirs to themselves, and libavformat
opens no JPEG XL in boxes as such.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable

# Pictures have a few tens of boxes in a row; each costs a read.
MAX_BOXES = 256
# HEIC and AVIF: ISO/IEC 23008-12; JPEG XL: ISO/IEC 18181-2.
PICTURE_BOXES = (b"meta", b"mdat", b"jxlc", b"jxlp")


class Box(NamedTuple):
    """A box called *name* whose content lies at *start* up to *stop*, which in a truncated file lies behind its end."""

    name: bytes
    start: int
    stop: int


def boxes(source: Openable | bytes, start: int = 0, stop: int | None = None, most: int = MAX_BOXES) -> Iterator[Box]:
    """The boxes that follow each other from *start* to *stop* (None: the end), without those inside them.

    At most *most*. The list ends early where a box would be shorter than its own header.
    """
    size = len(source) if isinstance(source, bytes) else size_of(source)
    stop = size if stop is None else min(stop, size)
    with _reader(source) as read:
        for _ in range(most):
            header = read(start, 16) if start + 8 <= stop else b""
            if len(header) < 8:
                return
            length, header_bytes = int.from_bytes(header[:4], "big"), 8
            if length == 1:
                length, header_bytes = int.from_bytes(header[8:16], "big"), 16
            elif length == 0:
                length = stop - start
            if length < header_bytes:
                return
            yield Box(header[4:8], start + header_bytes, start + length)
            start += length


def inner_boxes(source: Openable | bytes, *path: bytes, within: Box | None = None) -> Iterator[Box]:
    """The boxes inside the first box called path[0], inside its first one called path[1], and so on.

    The path begins *within* a box; None: with the file. "meta" starts with a version and flags, which are skipped. No
    boxes when one of *path* is missing.
    """
    start, stop = (0, None) if within is None else (within.start, within.stop)
    for name in path:
        box = next((box for box in boxes(source, start, stop) if box.name == name), None)
        if box is None:
            return
        start, stop = box.start + (4 if name == b"meta" else 0), box.stop
    yield from boxes(source, start, stop)


def find_box(source: Openable | bytes, *path: bytes, within: Box | None = None) -> Box | None:
    """The first box at the end of a path, which is as in `inner_boxes`; None: there is none."""
    *outer, name = path
    return next((box for box in inner_boxes(source, *outer, within=within) if box.name == name), None)


def is_truncated(source: Openable) -> bool:
    """Whether a picture goes on behind the end of the file. Other boxes don't count: phones append what is none.

    A box may reach to the end of the file, wherever that is, so the places of the items count as well: libheif decodes
    a picture in tiles of which some are missing.
    """
    size = size_of(source)
    if any(box.name in PICTURE_BOXES and box.stop > size for box in boxes(source)):
        return True
    locations = find_box(source, b"meta", b"iloc")
    if locations is None:
        return False
    content = read_part(source, locations.start, locations.stop - locations.start)
    return any(stop > size for stop in _item_ends(content))


def _item_ends(iloc: bytes) -> Iterator[int]:
    """Where each part of each item ends that lies in the file itself (ISO/IEC 14496-12, 8.11.3)."""
    reader, version = BytesIO(iloc), iloc[0]

    def number(size: int) -> int:
        return int.from_bytes(reader.read(size), "big")

    reader.seek(4)
    sizes = number(2)
    offset_bytes, length_bytes, base_bytes, index_bytes = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(number(4 if version == 2 else 2)):
        number(4 if version == 2 else 2)
        in_file = number(2) & 15 == 0 if version else True
        in_file = number(2) == 0 and in_file  # the data may be another file's
        base = number(base_bytes)
        for _ in range(number(2)):
            number(index_bytes if version else 0)
            start, length = number(offset_bytes), number(length_bytes)
            if in_file:
                yield base + start + length
        if reader.tell() >= len(iloc):
            return


@contextmanager
def _reader(source: Openable | bytes) -> Iterator[Callable[[int, int], bytes]]:
    """A function that reads *source* from an offset on, so many bytes; a local file is opened once."""
    if isinstance(source, bytes):
        yield lambda start, length: source[start : start + length]
    elif isinstance(source, Path):
        with source.open("rb") as file:
            yield lambda start, length: file.read(length) if file.seek(start) == start else b""
    else:
        yield source.read_at
