"""Test whether a file ends before its own structure does: a copy or a download that was broken off.

libavformat plays what is there and says nothing. Only the sizes that the outermost structures state are read; formats
that state none (transport streams, MP3, Ogg) are not known to end early.
"""

from collections.abc import Iterator

from prep.media.container.isobmff import boxes
from prep.media.container.riff import HEADER_BYTES, chunks
from prep.media.io.read import is_far, read_part, size_of
from prep.model.byte_source import Openable

# Boxes and elements come by the thousand in a fragmented file; each costs a read, which takes a moment from a URL.
MOST_READ, MOST_FETCHED = 20_000, 64
MOV_BOXES = (b"moov", b"moof", b"mdat")
# A writer that can't go back states the largest size it knows: 0xFFFFFFFF, 0x7FFFFFFF, or a little less.
UNKNOWN_WAV_BYTES = 0x7FFF_0000
# Tags of FLV have a header of 11 bytes, and their size follows them (Adobe's FLV 10.1, E.3 and E.4.1).
FLV_HEADER_BYTES, FLV_TAG_BYTES, FLV_TAGS = 13, 11, (8, 9, 18)


def ends_early(item: Openable, demuxer: str) -> bool:
    """Whether *item*, of the format that libavformat calls *demuxer*, ends in the middle of something."""
    size, most = size_of(item), MOST_FETCHED if is_far(item) else MOST_READ
    match demuxer:
        case "mov":
            return any(box.name in MOV_BOXES and box.stop > size for box in boxes(item, most=most))
        case "matroska":
            return any(stop > size for stop in _matroska_ends(item, most))
        case "flv":
            return size > FLV_HEADER_BYTES and not _flv_is_whole(item)
        case "wav":
            data = next((chunk for chunk in chunks(item) if chunk.name == b"data"), None)
            return data is not None and data.size < UNKNOWN_WAV_BYTES and data.start + data.size > size
        case "avi":
            return any(chunk.start + chunk.size > size for chunk in chunks(item, start=0))
        case "aiff":
            return 8 + int.from_bytes(read_part(item, 4, 4), "big") > size
        case _:
            return False


def _matroska_ends(item: Openable, most: int) -> Iterator[int]:
    """Where the elements end whose size is known (RFC 8794, 4 to 6); those of unknown size are looked into."""
    at = 0
    for _ in range(most):
        header = read_part(item, at, HEADER_BYTES)
        id_bytes = 9 - header[0].bit_length() if header and header[0] else 0
        length = header[id_bytes : id_bytes + 1]
        length_bytes = 9 - length[0].bit_length() if id_bytes and length and length[0] else 0
        if not length_bytes or len(header) < id_bytes + length_bytes:
            return
        marker = 1 << 7 * length_bytes
        size = int.from_bytes(header[id_bytes : id_bytes + length_bytes], "big") - marker
        at += id_bytes + length_bytes
        if size != marker - 1:
            at += size
            yield at


def _flv_is_whole(item: Openable) -> bool:
    """Whether the last tag is the one whose size follows it."""
    end = size_of(item) - 4
    tag_bytes = int.from_bytes(read_part(item, end, 4), "big")
    if not FLV_TAG_BYTES <= tag_bytes <= end:
        return False
    tag = read_part(item, end - tag_bytes, FLV_TAG_BYTES)
    return tag[0] in FLV_TAGS and int.from_bytes(tag[1:4], "big") + FLV_TAG_BYTES == tag_bytes
