"""Codings of the tracks of an MP4 or MOV, as their sample descriptions name them (ISO/IEC 14496-12, 8.5.2).

libavformat names none that it can't decode, and gives an encrypted one the name of what is encrypted.
"""

from collections.abc import Iterator

from prep.media.container.isobmff import Box, boxes, inner_boxes
from prep.media.io.read import read_part
from prep.model.byte_source import Openable

# Common encryption (ISO/IEC 23001-7) and FairPlay's names for sound and picture.
ENCRYPTED = (b"encv", b"enca", b"drmi", b"drms")


def sample_entries(item: Openable) -> tuple[bytes, ...]:
    """The four letters that name the coding of each track, in order; none for other files."""
    tracks = (box for box in inner_boxes(item, b"moov") if box.name == b"trak")
    return tuple(read_part(item, table.start + 12, 4) for track in tracks for table in _descriptions(item, track))


def is_encrypted(item: Openable) -> bool:
    return any(entry in ENCRYPTED for entry in sample_entries(item))


def _descriptions(item: Openable, track: Box) -> Iterator[Box]:
    box: Box | None = track
    for name in (b"mdia", b"minf", b"stbl", b"stsd"):
        if box is None:
            return
        box = next((inner for inner in boxes(item, box.start, box.stop) if inner.name == name), None)
    if box is not None:
        yield box
