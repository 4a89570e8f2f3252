"""Bounds on the sample tables of MP4 and MOV, judged by their counts before libavformat opens the file.

libavformat expands each table in memory, 24 bytes a sample: a few kilobytes that claim 85 million samples take 3 GB and
half a minute, and no option bounds it (ISO/IEC 14496-12: 8.6 and 8.7 for tables, 8.8.8 for fragments). It finds them at
any depth, in any order and number, behind other boxes, and compressed: so does this.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Iterator
from typing import Literal, NamedTuple

from prep.errors import UnreadableError
from prep.media.container.isobmff import Box, boxes
from prep.media.io.read import is_far, read_part, size_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

# Ten hours of 60 pictures a second are 2,160,000.
MOST_SAMPLES, MOST_SHOWN = 5_000_000, 20_000_000
# A file that is written live has two boxes for each second, or for each picture. At a URL each costs a request.
MOST_BOXES, MOST_BOXES_FAR, MOST_INNER = 500_000, 64, 2_000_000
# A box that is not larger is read at once.
MOST_AT_ONCE = 16_000_000
# A picture is decoded before it is shown by the few that lean on it, which may last seconds each.
MOST_OFFSET_S = 60
# libavformat reads plain samples in groups of up to this many.
GROUP = 1024
# libavformat goes ten boxes deep, into these (libavformat/mov.c).
DEEPEST = 10
OUTER = frozenset(
    b"moov trak mdia minf stbl edts dinf udta moof traf mvex tref sinf schi meta ilst iprp wave stsd cmov".split()
)
TABLES = frozenset(b"hdlr mdhd stsz stz2 stts stsc stco co64 ctts elst trun sidx".split())
# Where boxes begin within a description of samples: of pictures, and of sounds in three versions.
DESCRIBED = (78, 28, 44, 64)
# QuickTime compressed its index; `dcom` and `cmvd` come before it.
COMPRESSED_HEADER, MOST_DECOMPRESSED = 24, 64_000_000


class _Table(NamedTuple):
    """A box with a table in *source*, which is the file, or a part of it in memory."""

    source: Openable | bytes
    box: Box


# The tables of one track, by the name of their box; there may be several of a name.
_Track = dict[bytes, list[_Table]]


def refuse_large_tables(item: Openable) -> None:
    """Raise UnreadableError when the tables of *item* claim more samples, or edits, than are read."""
    tracks = [_Track()]
    samples = segments = compressed = 0
    for table in _found(item):
        match table.box.name:
            case b"trak":
                tracks.append(_Track())
            case b"trun":
                samples += _numbers(table, ">I", 4)[0]
                _refuse(item, samples)
            case b"sidx":
                segments += _numbers(table, ">H", 30 if _numbers(table, ">B", 0)[0] else 22)[0]
                _refuse_many(item, segments, MOST_BOXES, "segments")
            case b"cmov":  # a second one is never an honest one
                compressed += 1 if compressed == 0 else MOST_DECOMPRESSED
                _refuse_many(item, compressed + _numbers(table, ">I", 20)[0], MOST_DECOMPRESSED, "compressed bytes")
            case name if name in TABLES:
                tracks[-1].setdefault(name, []).append(table)
    _refuse(item, sum(_refuse_track(item, track) for track in tracks), MOST_SHOWN)


def _found(item: Openable) -> Iterator[_Table]:
    """The boxes that libavformat looks at, in the order of the file, and those that they lie in."""
    inner = 0
    for number, box in enumerate(boxes(item, most=MOST_BOXES_FAR if is_far(item) else MOST_BOXES + 1), start=1):
        _refuse_many(item, number, MOST_BOXES, "boxes")
        for table in _within(_Table(item, box), 0):
            yield table
            inner += 1
            _refuse_many(item, inner, MOST_INNER, "boxes")


def _within(outer: _Table, depth: int) -> Iterator[_Table]:
    """*outer* and what lies in it."""
    yield outer
    source, box = outer
    if box.name not in OUTER or depth == DEEPEST:
        return
    if box.name == b"cmov":
        source = _decompressed(_bytes(source, box.start + COMPRESSED_HEADER, box.stop - box.start))
        box = Box(box.name, 0, len(source))
    elif not isinstance(source, bytes) and box.stop - box.start <= MOST_AT_ONCE:
        source = _bytes(source, box.start, box.stop - box.start)
        box = Box(box.name, 0, len(source))
    for start in _starts(source, box):
        for inner in boxes(source, start, box.stop, most=MOST_INNER):
            yield from _within(_Table(source, inner), depth + 1)


def _decompressed(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_DECOMPRESSED)
    except zlib.error:
        return b""


def _starts(source: Openable | bytes, box: Box) -> tuple[int, ...]:
    """Where the boxes within *box* may begin."""
    if box.name == b"meta":  # QuickTime has no version there
        return box.start, box.start + 4
    if box.name == b"stsd":
        entries = boxes(source, box.start + 8, box.stop)
        return tuple(entry.start + at for entry in entries for at in DESCRIBED)
    return (box.start,)


def _refuse_many(item: Openable, number: int, most: int, things: str) -> None:
    if number > most:
        raise UnreadableError(f"{shown(item)}: more than {most:,} {things} in its index; export it again")


def _refuse(item: Openable, samples: int, most: int = MOST_SAMPLES) -> None:
    if samples > most:
        raise UnreadableError(
            f"{shown(item)}: its index claims {samples:,} samples in {size_of(item):,} bytes; at most {most:,} "
            "are read; use another copy, or cut a part out of it first"
        )


def _refuse_track(item: Openable, track: _Track) -> int:
    """The entries that libavformat makes of *track*. Raises UnreadableError for too many."""
    samples = _in_tables(track)
    _refuse(item, samples)
    _refuse_offset(item, track)
    edits = sum(_numbers(table, ">I", 4)[0] for table in track.get(b"elst", ()))
    # each edit has entries of its own, from the keyframe before it on
    if edits * samples > MOST_SHOWN:
        raise UnreadableError(
            f"{shown(item)}: its edit list shows {edits:,} parts of {samples:,} samples; the product may be "
            f"{MOST_SHOWN:,} at most; export it again"
        )
    return samples


def _refuse_offset(item: Openable, track: _Track) -> None:
    """Raise UnreadableError where a picture is said to be shown MOST_OFFSET_S before or after it is decoded.

    All of the others would be shown before or after that one, and ffmpeg would drop them.
    """
    offsets = [_column(table, 1, 2, "i") for table in track.get(b"ctts", ())]
    extremes = [extreme for each in offsets if each for extreme in (max(each), -min(each))]
    farthest, ticks = max(extremes, default=0), 0
    for table in track.get(b"mdhd", ()):
        is_wide = _bytes(table.source, table.box.start, 1) == b"\x01"
        (ticks,) = _numbers(table, ">I", 20 if is_wide else 12)
    if ticks and farthest > MOST_OFFSET_S * ticks:
        raise UnreadableError(
            f"{shown(item)}: its index shows a picture {farthest / ticks:,.0f} s from when it is decoded; at most "
            f"{MOST_OFFSET_S} s make sense; it is damaged; use another copy"
        )


def _in_tables(track: _Track) -> int:
    """The entries that libavformat makes of a track."""
    sizes = [_numbers(table, ">II", 4) for table in track.get(b"stsz", ())]
    packed = [_numbers(table, ">I", 8)[0] for table in track.get(b"stz2", ())]
    times = [_numbers(table, ">III", 4) for table in track.get(b"stts", ())]
    kinds = {_bytes(table.source, table.box.start + 8, 4) for table in track.get(b"hdlr", ())}  # QuickTime has several
    is_plain = b"soun" in kinds and b"vide" not in kinds and len(sizes) == len(times) == 1 and not packed
    if is_plain and sizes[0][0] and times[0][0] == times[0][2] == 1:  # plain samples
        chunks = sum(_numbers(table, ">I", 4)[0] for name in (b"stco", b"co64") for table in track.get(name, ()))
        runs = [max(_column(table, 1, 3), default=0) for table in track.get(b"stsc", ())]
        return chunks * (max(runs, default=0) // GROUP + 1)
    offsets = sum(sum(_column(table, 0, 2)) for table in track.get(b"ctts", ()))
    return max([offsets, *packed, *(samples for _, samples in sizes)])


def _column(table: _Table, which: int, of: int, kind: Literal["I", "i"] = "I") -> "array[int]":
    """One *of* the numbers of 4 bytes in each entry that is there, whatever number of entries the table claims."""
    size, (source, box) = 4 * of, table
    data = _bytes(source, box.start + 8, max(0, min(box.stop - box.start - 8, size * MOST_SAMPLES)))
    numbers = array(kind, data[: len(data) // size * size])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers[which::of]


def _numbers(table: _Table, layout: str, offset: int) -> tuple[int, ...]:
    """The numbers *offset* bytes into a table; zeros where they are not there."""
    size = struct.calcsize(layout)
    return struct.unpack(layout, _bytes(table.source, table.box.start + offset, size).ljust(size, b"\0"))


def _bytes(source: Openable | bytes, start: int, length: int) -> bytes:
    return source[start : start + length] if isinstance(source, bytes) else read_part(source, start, length)
