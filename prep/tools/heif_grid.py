"""How a HEIC puts its picture together from tiles, by its header (ISO/IEC 14496-12 and 23008-12)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from prep.model.content import Openable
from prep.tools.opening import read_part, size_of

MOST_BYTES = 4_000_000
# What may be said of a tile and of the whole without changing how the pixels lie or what their samples mean.
OF_A_TILE = {b"hvcC", b"ispe", b"pixi", b"colr", b"pasp"}
OF_THE_WHOLE = {b"ispe", b"pixi", b"colr", b"pasp", b"irot"}
# A turn by so many quarters anticlockwise, as the EXIF orientation that asks for the same.
TURNED = {0: 1, 1: 8, 2: 3, 3: 6}


class Grid(NamedTuple):
    """The primary picture, *size* as stored; *orientation* is as in EXIF. *tiles* are offsets and lengths in the file,
    row by row, all coded with the same *configuration* (hvcC). *matrix* and *full_range* are None where not said."""

    size: tuple[int, int]
    columns: int
    rows: int
    orientation: int
    configuration: bytes
    tiles: tuple[tuple[int, int], ...]
    matrix: int | None
    full_range: bool | None


def read_grid(item: Openable) -> Grid | None:
    """None: it is no grid of HEVC tiles, or one with something that is not known here."""
    try:
        return _read(item)
    except (ValueError, IndexError, KeyError, struct.error):
        return None


def _read(item: Openable) -> Grid | None:
    meta = _meta(item)
    primary = int.from_bytes(meta[b"pitm"][4:], "big")
    kinds = dict(_kinds(meta[b"iinf"]))
    made_of = dict(_references(meta[b"iref"], b"dimg"))
    tiles = made_of.get(primary, ())
    if kinds[primary] != b"grid" or any(kinds[tile] != b"hvc1" for tile in tiles):
        return None
    places = dict(_places(meta[b"iloc"]))
    layout = _content(item, meta, places[primary])
    wide = ">HH" if not layout[1] & 1 else ">II"
    width, height = struct.unpack_from(wide, layout, 4)
    rows, columns = layout[2] + 1, layout[3] + 1
    said = _properties(meta[b"iprp"])
    of_tiles = {tuple(said[tile]) for tile in tiles}
    if len(of_tiles) != 1 or len(tiles) != rows * columns or any(places[tile][0] for tile in tiles):
        return None
    of_whole, of_tile = said[primary], of_tiles.pop()
    whole, tile = dict(of_whole), dict(of_tile)
    if not tile.keys() <= OF_A_TILE or not whole.keys() <= OF_THE_WHOLE:
        return None
    colors = (content for name, content in (*of_whole, *of_tile) if name == b"colr" and content.startswith(b"nclx"))
    color = next(colors, b"")
    return Grid(
        size=(width, height),
        columns=columns,
        rows=rows,
        orientation=TURNED[whole[b"irot"][0] & 3] if b"irot" in whole else 1,
        configuration=tile[b"hvcC"],
        tiles=tuple(places[tile][1:] for tile in tiles),
        matrix=int.from_bytes(color[8:10], "big") if len(color) >= 11 else None,
        full_range=bool(color[10] & 0x80) if len(color) >= 11 else None,
    )


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in *data*: what each is called, and what it holds."""
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            raise ValueError("a box is larger than what it is in")
        yield name, data[at + 8 : at + size]
        at += size


def _meta(item: Openable) -> dict[bytes, bytes]:
    at, end = 0, size_of(item)
    while at + 8 <= end:
        size, name = struct.unpack(">I4s", read_part(item, at, 8))
        if name == b"meta" and size <= MOST_BYTES:
            return dict(_boxes(read_part(item, at + 12, size - 12)))  # behind its version and flags
        if size < 8:
            break
        at += size
    raise ValueError("no meta box")


def _kinds(iinf: bytes) -> Iterator[tuple[int, bytes]]:
    for name, entry in _boxes(iinf[6 if iinf[0] == 0 else 8 :]):
        if name == b"infe" and entry[0] >= 2:
            wide = 2 if entry[0] == 2 else 4
            yield int.from_bytes(entry[4 : 4 + wide], "big"), entry[6 + wide : 10 + wide]


def _references(iref: bytes, kind: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
    wide = "H" if iref[0] == 0 else "I"
    for name, entry in _boxes(iref[4:]):
        if name == kind:
            source, count = struct.unpack_from(f">{wide}H", entry)
            yield source, struct.unpack_from(f">{count}{wide}", entry, struct.calcsize(f">{wide}H"))


def _places(iloc: bytes) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Of each item in one piece: where its offset counts from (0: the file, 1: idat), the offset, the length."""
    version, at = iloc[0], 6
    offset_bytes, length_bytes, base_bytes = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4
    index_bytes = iloc[5] & 15 if version else 0

    def number(count: int) -> int:
        nonlocal at
        at += count
        if at > len(iloc):
            raise ValueError("places end early")
        return int.from_bytes(iloc[at - count : at], "big")

    for _ in range(number(4 if version == 2 else 2)):
        item, method = number(4 if version == 2 else 2), number(2) & 15 if version else 0
        number(2)
        base, pieces = number(base_bytes), number(2)
        extents = [(number(index_bytes), number(offset_bytes), number(length_bytes)) for _ in range(pieces)]
        if pieces == 1:
            yield item, (method, base + extents[0][1], extents[0][2])


def _content(item: Openable, meta: dict[bytes, bytes], place: tuple[int, int, int]) -> bytes:
    method, offset, length = place
    if method == 0:
        return read_part(item, offset, length)
    return meta[b"idat"][offset : offset + length]


def _properties(iprp: bytes) -> dict[int, list[tuple[bytes, bytes]]]:
    """What is said of each item: the name and the content of each property, in order."""
    parts = list(_boxes(iprp))
    known = list(_boxes(dict(parts)[b"ipco"]))
    found: dict[int, list[tuple[bytes, bytes]]] = {}
    for content in (content for name, content in parts if name == b"ipma"):
        wide, long = (2 if content[0] == 0 else 4), bool(content[3] & 1)
        at = 8
        for _ in range(int.from_bytes(content[4:8], "big")):
            item, count = int.from_bytes(content[at : at + wide], "big"), content[at + wide]
            at += wide + 1
            for _ in range(count):
                index = int.from_bytes(content[at : at + 2], "big") & 0x7FFF if long else content[at] & 0x7F
                at += 2 if long else 1
                if index:
                    found.setdefault(item, []).append(known[index - 1])
    return found
