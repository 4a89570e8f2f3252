"""Codings of the tracks of an MP4 or MOV, as their sample descriptions name them (ISO/IEC 14496-12, 8.5.2).

libavformat names none that it can't decode, and gives an encrypted one the name of what is encrypted.
"""

from collections.abc import Iterator

from prep.media.container.isobmff import Box, find_box, inner_boxes
from prep.media.io.read import read_part
from prep.model.byte_source import Openable

# Common encryption (ISO/IEC 23001-7) and FairPlay's names for sound and picture.
ENCRYPTED = (b"encv", b"enca", b"drmi", b"drms")


def sample_entries(item: Openable) -> tuple[bytes, ...]:
    """The four letters that name the coding of each track, in order; none for other files."""
    return tuple(read_part(item, table.start + 12, 4) for table in _descriptions(item))


def has_several_descriptions(item: Openable) -> bool:
    """Whether a track has more than one sample description."""
    return any(int.from_bytes(read_part(item, table.start + 4, 4), "big") > 1 for table in _descriptions(item))


def is_encrypted(item: Openable) -> bool:
    return any(entry in ENCRYPTED for entry in sample_entries(item))


def _descriptions(item: Openable) -> Iterator[Box]:
    """The table of sample descriptions of each track that has one."""
    tracks = (box for box in inner_boxes(item, b"moov") if box.name == b"trak")
    tables = (find_box(item, b"mdia", b"minf", b"stbl", b"stsd", within=track) for track in tracks)
    return (table for table in tables if table is not None)
