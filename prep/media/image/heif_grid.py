"""How a HEIC puts its picture together from tiles, by its header (ISO/IEC 14496-12 and 23008-12)."""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from prep.media.container.isobmff import Place, children, item_kinds, item_places
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable

MOST_BYTES = 4_000_000
# Boxes beside each other in the file: few have more than five.
MOST_BOXES = 256
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
    kinds = item_kinds(meta[b"iinf"])
    tiles = dict(_references(meta[b"iref"], b"dimg")).get(primary, ())
    if kinds[primary] != b"grid" or any(kinds[tile] != b"hvc1" for tile in tiles):
        return None
    places = dict(item_places(meta[b"iloc"]))
    layout = _content(item, meta, places[primary])
    width, height = struct.unpack_from(">II" if layout[1] & 1 else ">HH", layout, 4)
    rows, columns = layout[2] + 1, layout[3] + 1
    said = _properties(meta[b"iprp"])
    of_tiles = {tuple(said[tile]) for tile in tiles}
    if len(of_tiles) != 1 or len(tiles) != rows * columns:
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
        tiles=_in_file([places[tile] for tile in tiles], size_of(item)),
        matrix=int.from_bytes(color[8:10], "big") if len(color) >= 11 else None,
        full_range=bool(color[10] & 0x80) if len(color) >= 11 else None,
    )


def _in_file(places: Sequence[Place], file_bytes: int) -> tuple[tuple[int, int], ...]:
    """Tiles in one piece each. Raises ValueError when they lie elsewhere, or share their bytes so that they are more
    than the file: a row of them is in memory at once."""
    if any(place.in_idat or len(place.extents) != 1 for place in places):
        raise ValueError("a tile is not in one piece in the file")
    if sum(place.extents[0][1] for place in places) > file_bytes:
        raise ValueError("tiles are larger than the file")
    return tuple(place.extents[0] for place in places)


def _meta(item: Openable) -> dict[bytes, bytes]:
    at, end = 0, size_of(item)
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            break
        size, name = struct.unpack(">I4s", read_part(item, at, 8))
        if name == b"meta" and size <= MOST_BYTES:
            return dict(children(read_part(item, at, size), 12))  # behind its version and flags
        if size < 8:
            break
        at += size
    raise ValueError("no meta box")


def _references(iref: bytes, kind: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
    wide = "H" if iref[0] == 0 else "I"
    for name, entry in children(iref, 4):
        if name == kind:
            source, count = struct.unpack_from(f">{wide}H", entry)
            yield source, struct.unpack_from(f">{count}{wide}", entry, struct.calcsize(f">{wide}H"))


def _content(item: Openable, meta: dict[bytes, bytes], place: Place) -> bytes:
    ((offset, length),) = place.extents
    return meta[b"idat"][offset : offset + length] if place.in_idat else read_part(item, offset, length)


def _properties(iprp: bytes) -> dict[int, list[tuple[bytes, bytes]]]:
    """What is said of each item: the name and the content of each property, in order."""
    parts = list(children(iprp))
    known = list(children(dict(parts)[b"ipco"]))
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
