"""Lengths of an MP4 or MOV as other readers see them: by its headers, and by tracks that are neither picture nor sound.

libavformat counts what is there and keeps the movie header to itself, so that is read here (ISO/IEC 14496-12, 8.2.2).
"""

import struct
from collections.abc import Iterator
from typing import Any

import av

from prep.media.container.isobmff import Box, find_box, inner_boxes
from prep.media.io.read import is_far, read_part
from prep.model.byte_source import Openable

# Readers differ by this much over edit lists, encoder delay and whole frames.
MISLEADING_S = 0.2
# Runs of samples of equal length; a phone's variable rate has thousands.
TABLE_BYTES = 1_000_000
UNKNOWN = {4: 0xFFFF_FFFF, 8: 0xFFFF_FFFF_FFFF_FFFF}


def misleading_s(item: Openable, container: Any, measured_s: float) -> float | None:
    """The claim that is farthest from *measured_s*; None: all are about right. Headers of remote files are not read."""
    headers = [(container.duration or 0) / av.time_base or measured_s, *(() if is_far(item) else _movie_header_s(item))]
    tracks = [each for stream in container.streams if (each := _track_s(stream)) > measured_s]
    claim_s = max((*headers, *tracks), key=lambda each: abs(each - measured_s))
    return round(claim_s, 6) if abs(claim_s - measured_s) > MISLEADING_S else None


def _track_s(stream: Any) -> float:
    """The length of a track as libavformat reads it; 0 where nothing says it. In fragments it counts from zero."""
    return float((stream.duration or 0) * (stream.time_base or 0))


def _movie_header_s(item: Openable) -> Iterator[float]:
    """The length by the movie header, and by that of each track's media where its samples last shorter or longer."""
    movie = list(inner_boxes(item, b"moov"))
    extends = next((box for box in movie if box.name == b"mvex"), None)
    if header := next((box for box in movie if box.name == b"mvhd"), None):
        ticks, length = _header(item, header)
        if extends and (fragments := find_box(item, b"mehd", within=extends)):
            head = read_part(item, fragments.start, 12)
            length = int.from_bytes(head[4 : 12 if head[:1] == b"\x01" else 8], "big")
        # fragments may leave it open
        if ticks and length is not None and (length or not extends):
            yield length / ticks
    for track in movie if extends is None else ():
        media = find_box(item, b"mdia", within=track) if track.name == b"trak" else None
        if media and (header := find_box(item, b"mdhd", within=media)):
            ticks, length = _header(item, header)
            lasts = _samples(item, media)
            if ticks and length is not None and lasts and abs(length - lasts) > MISLEADING_S * ticks:
                yield length / ticks


def _header(item: Openable, box: Box) -> tuple[int, int | None]:
    """Ticks a second and length in ticks, None: not known, of a movie or of media: both headers begin alike."""
    head = read_part(item, box.start, 32)
    wide = 8 if head[:1] == b"\x01" else 4
    at = 4 + 2 * wide  # version and flags, two dates
    length = int.from_bytes(head[at + 4 : at + 4 + wide], "big")
    return int.from_bytes(head[at : at + 4], "big"), None if length == UNKNOWN[wide] else length


def _samples(item: Openable, media: Box) -> int | None:
    """The ticks that the samples of a track last together (8.6.1.2); None: there is no table of them, or a long one."""
    box = find_box(item, b"minf", b"stbl", b"stts", within=media)
    if box is None or box.stop - box.start > TABLE_BYTES:
        return None
    table = read_part(item, box.start + 8, box.stop - box.start - 8)
    runs = struct.iter_unpack(">II", table[: len(table) // 8 * 8])
    return sum(int(count) * int(ticks) for count, ticks in runs)
