"""The items of a HEIF or AVIF, its pictures and what it tells about them: of what kind each is, and where it lies
(ISO/IEC 14496-12, 8.11)."""

from collections.abc import Iterator
from typing import NamedTuple

# Items that are coded pictures; all others are metadata, or say how pictures are put together.
CODED = frozenset((b"hvc1", b"hev1", b"lhv1", b"vvc1", b"av01", b"avc1", b"jpeg", b"j2k1", b"unci", b"mski"))
MOST_ITEMS = 4_000
IN_FILE, IN_IDAT = 0, 1
# A file without a profile of its own may say its colours only in the first picture, which is a tile of the primary one.
CODED_SEEN = 2


class ItemSpan(NamedTuple):
    """*length* bytes of the file from *start* on; *coded*: of a picture."""

    start: int
    length: int
    coded: bool


class Place(NamedTuple):
    """Where an item lies, as pairs of offset and length: in the file, or (*in_idat*) in the box of that name."""

    in_idat: bool
    extents: tuple[tuple[int, int], ...]


def item_spans(meta: bytes) -> list[ItemSpan]:
    """What the box *meta* places in the file: all metadata, and the first coded pictures. A broken one ends early."""
    boxes = dict(children(meta, 12))
    kinds = item_kinds(boxes.get(b"iinf", b""))
    found, coded = [], 0
    for item, place in item_places(boxes.get(b"iloc", b"")):
        picture = kinds.get(item, b"") in CODED
        if place.in_idat:
            continue
        coded += picture
        if not picture or coded <= CODED_SEEN:
            found += [ItemSpan(start, length, picture) for start, length in place.extents]
    return found


def children(data: bytes, at: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """The boxes that follow each other in *data* from *at* on, with what is in them."""
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big") or len(data) - at
        if size < 8:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def item_kinds(iinf: bytes) -> dict[int, bytes]:
    kinds = {}
    for name, entry in children(iinf, 6 if iinf[:1] == b"\0" else 8):
        width = {2: 2, 3: 4}.get(entry[0] if entry else 0)
        if name == b"infe" and width:
            kinds[int.from_bytes(entry[4 : 4 + width], "big")] = entry[6 + width : 10 + width]
    return kinds


def item_places(iloc: bytes) -> Iterator[tuple[int, Place]]:
    """Each item with its place; without those that are put together from other items."""
    if len(iloc) < 8 or iloc[0] > 2:
        return
    version = iloc[0]
    offset_bytes, length_bytes, base_bytes = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4
    index_bytes = iloc[5] & 15 if version else 0
    at = 6

    def number(width: int) -> int:
        nonlocal at
        at += width
        return int.from_bytes(iloc[at - width : at], "big")

    wide = 4 if version == 2 else 2
    for _ in range(min(number(wide), MOST_ITEMS)):
        item = number(wide)
        method = number(2) & 15 if version else 0
        number(2)  # another file, which is not opened
        base = number(base_bytes)
        extents = []
        for _ in range(min(number(2), MOST_ITEMS)):
            number(index_bytes)
            start = base + number(offset_bytes)
            extents.append((start, number(length_bytes)))
        if at > len(iloc):
            return
        if method in (IN_FILE, IN_IDAT):
            yield item, Place(method == IN_IDAT, tuple(extents))
