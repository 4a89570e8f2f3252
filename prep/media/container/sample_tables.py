"""Bounds on the sample tables of MP4 and MOV, judged by their counts before libavformat opens the file.

libavformat expands each table in memory, 24 bytes a sample: a few kilobytes that claim 85 million samples take 3 GB and
half a minute, and no option bounds it (ISO/IEC 14496-12: 8.6 and 8.7 for tables, 8.8.8 for fragments).
"""

import struct
from collections.abc import Iterator

from prep.errors import UnreadableError
from prep.media.container.isobmff import Box, boxes, find_box, inner_boxes
from prep.media.io.read import is_far, read_part, size_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

# Ten hours of 60 pictures a second are 2,160,000.
MOST_SAMPLES, MOST_SHOWN = 5_000_000, 20_000_000
# A file that is written live has two boxes for each second, or for each picture. At a URL each costs a request.
MOST_BOXES, MOST_BOXES_FAR, MOST_FRAGMENT_BYTES = 500_000, 64, 1_000_000
# A picture is decoded before it is shown by the few that lean on it, which may last seconds each.
MOST_OFFSET_S = 60
# libavformat reads plain samples in groups of up to this many.
GROUP = 1024


def refuse_large_tables(item: Openable) -> None:
    """Raise UnreadableError when the tables of *item* claim more samples, or edits, than are read."""
    fragmented = 0
    for box in boxes(item, most=MOST_BOXES_FAR if is_far(item) else MOST_BOXES):
        if box.name == b"moov":
            for track in boxes(item, box.start, box.stop):
                if track.name == b"trak":
                    _refuse_track(item, track)
        elif box.name == b"moof":
            fragmented += _in_fragment(read_part(item, box.start, min(box.stop - box.start, MOST_FRAGMENT_BYTES)))
            _refuse(item, fragmented)


def _refuse(item: Openable, samples: int) -> None:
    if samples > MOST_SAMPLES:
        raise UnreadableError(
            f"{shown(item)}: its index claims {samples:,} samples in {size_of(item):,} bytes; at most {MOST_SAMPLES:,} "
            "are read; use another copy, or cut a part out of it first"
        )


def _refuse_track(item: Openable, track: Box) -> None:
    handler = find_box(item, b"mdia", b"hdlr", within=track)
    is_sound = handler is not None and read_part(item, handler.start + 8, 4) == b"soun"
    tables = {box.name: box for box in inner_boxes(item, b"mdia", b"minf", b"stbl", within=track)}
    samples = _in_tables(item, tables, is_sound)
    _refuse(item, samples)
    _refuse_offset(item, track, tables.get(b"ctts"))
    (edits,) = _numbers(item, find_box(item, b"edts", b"elst", within=track), ">I", 4)
    # each edit has entries of its own, from the keyframe before it on
    if edits * samples > MOST_SHOWN:
        raise UnreadableError(
            f"{shown(item)}: its edit list shows {edits:,} parts of {samples:,} samples; the product may be "
            f"{MOST_SHOWN:,} at most; export it again"
        )


def _refuse_offset(item: Openable, track: Box, table: Box | None) -> None:
    """Raise UnreadableError where a picture is said to be shown MOST_OFFSET_S before or after it is decoded.

    All of the others would be shown before or after that one, and ffmpeg would drop them.
    """
    farthest = max((abs(entry[1]) for entry in _entries(item, table, ">Ii")), default=0)
    header = find_box(item, b"mdia", b"mdhd", within=track)
    is_wide = header is not None and read_part(item, header.start, 1) == b"\x01"
    (ticks,) = _numbers(item, header, ">I", 20 if is_wide else 12)
    if ticks and farthest > MOST_OFFSET_S * ticks:
        raise UnreadableError(
            f"{shown(item)}: its index shows a picture {farthest / ticks:,.0f} s from when it is decoded; at most "
            f"{MOST_OFFSET_S} s make sense; it is damaged; use another copy"
        )


def _in_tables(item: Openable, tables: dict[bytes, Box], is_sound: bool) -> int:
    """The entries that libavformat makes of a track."""
    size, samples = _numbers(item, tables.get(b"stsz"), ">II", 4)
    if b"stz2" in tables:
        (samples,) = _numbers(item, tables[b"stz2"], ">I", 8)
    runs, _, ticks = _numbers(item, tables.get(b"stts"), ">III", 4)
    if is_sound and size and runs == 1 and ticks == 1:  # plain samples
        (chunks,) = _numbers(item, tables.get(b"stco") or tables.get(b"co64"), ">I", 4)
        largest = max((entry[1] for entry in _entries(item, tables.get(b"stsc"), ">III")), default=0)
        return chunks * (largest // GROUP + 1)
    return max(samples, sum(entry[0] for entry in _entries(item, tables.get(b"ctts"), ">II")))


def _in_fragment(moof: bytes) -> int:
    """The samples that the runs of one fragment claim."""
    tracks = (box for box in boxes(moof) if box.name == b"traf")
    runs = (box for track in tracks for box in boxes(moof, track.start, track.stop) if box.name == b"trun")
    return sum(int.from_bytes(moof[run.start + 4 : run.start + 8], "big") for run in runs)


def _entries(item: Openable, table: Box | None, layout: str) -> Iterator[tuple[int, ...]]:
    """The entries of a table that are there, whatever number it claims."""
    if table is None:
        return iter(())
    entry = struct.Struct(layout)
    data = read_part(item, table.start + 8, max(0, min(table.stop - table.start - 8, entry.size * MOST_SAMPLES)))
    return entry.iter_unpack(data[: len(data) // entry.size * entry.size])


def _numbers(item: Openable, box: Box | None, layout: str, offset: int) -> tuple[int, ...]:
    """The numbers *offset* bytes into *box*; zeros where they are not there."""
    size = struct.calcsize(layout)
    data = read_part(item, box.start + offset, size) if box is not None else b""
    return struct.unpack(layout, data.ljust(size, b"\0"))
