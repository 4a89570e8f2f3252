"""Tags of an MP3: before its frames, behind them, and between sounds that were joined."""

import re
from collections.abc import Iterator

from prep.media.container.block import Block
from prep.media.container.mp3_frames import is_chain
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable

# Of ID3v2.
ID3_HEADER_BYTES, ID3_FOOTER = 10, 0x10
ID3V1_BYTES, ENHANCED_BYTES, APE_BYTES, LYRICS_BYTES = 128, 227, 32, 5100
# Some writers put a tag before those that are there.
MOST_BEFORE = 8
# Most tags at the end are short; a longer one is read once its last bytes are seen.
TAIL_BYTES = (4_096, 1_000_000, 8_000_000)
ENDS = (b"APETAGEX", b"LYRICS200", b"3DI")
BEGINS = re.compile(rb"ID3|TAG|APETAGEX|LYRICSBEGIN")


def id3_bytes(header: bytes) -> int:
    """The length of the ID3v2 tag that begins with these ten bytes, with header and footer; 0: none begins here."""
    if len(header) < ID3_HEADER_BYTES or header[:3] != b"ID3" or header[3] == 0xFF or max(header[6:10]) > 0x7F:
        return 0
    size = sum(byte << shift for byte, shift in zip(header[6:10], (21, 14, 7, 0), strict=True))
    return ID3_HEADER_BYTES * (2 if header[5] & ID3_FOOTER else 1) + size


def tags_before(item: Openable) -> list[tuple[int, int]]:
    """Start and length, by its header, of each ID3v2 tag before the frames."""
    tags, at = list[tuple[int, int]](), 0
    while len(tags) < MOST_BEFORE and (size := id3_bytes(read_part(item, at, ID3_HEADER_BYTES))):
        tags.append((at, size))
        at += size
    return tags


def tags_behind(item: Openable, start: int) -> list[Block]:
    """As `tags_at_end`, of a file, from *start* on; no more than the last of TAIL_BYTES is read."""
    tags: list[Block] = []
    for tail_bytes in TAIL_BYTES:
        tail = read_part(item, max(start, size_of(item) - tail_bytes), tail_bytes)
        tags = tags_at_end(tail)
        last = tail[: len(tail) - sum(len(tag.content) for tag in tags)][-APE_BYTES:]
        if not any(mark in last for mark in ENDS):
            break
    return tags


def tags_at_end(data: bytes) -> list[Block]:
    """The tags that *data* ends with, the last one first: ID3v1, APEv2, Lyrics3 and appended ID3v2 in any order."""
    tags, end = [], len(data)
    while tag := _tag_before(data, end):
        tags.append(tag)
        end -= len(tag.content)
    return tags


def tags_within(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and length of each tag before the frames and between sounds that were joined.

    Coded sound may look like the beginning of a tag: one that is not in front counts where frames follow it.
    """
    at = front = 0
    for begin in BEGINS.finditer(data):
        start = begin.start()
        if start < at or (size := _tag_bytes(data, start)) == 0:
            continue
        if start == front or is_chain(data, start + size) or _tag_bytes(data, start + size):
            yield start, size
            at = start + size
            front = at if start == front else front


def _tag_bytes(data: bytes, at: int) -> int:
    """The length of the tag that begins at *at*, if it ends within *data*; 0: none does."""
    if data.startswith(b"TAG", at):
        return ID3V1_BYTES if is_chain(data, at + ID3V1_BYTES) or tag_at(data, at + ID3V1_BYTES) else 0
    tag = tag_at(data, at)
    return len(tag.content) if tag else 0


def tag_at(data: bytes, at: int) -> Block | None:
    """The tag that begins at *at*; None where it would reach beyond *data*."""
    tag = None
    if size := id3_bytes(data[at : at + 10]):
        tag = (b"ID3v2", size, "id3")
    elif data.startswith(b"APETAGEX", at) and data[at + 24 : at + APE_BYTES] == bytes(8):
        tag = (b"APEv2", APE_BYTES + int.from_bytes(data[at + 12 : at + 16], "little"), "ape")
    elif data.startswith(b"LYRICSBEGIN", at):
        another = data.find(b"LYRICSBEGIN", at + 1)  # so that nothing is searched twice
        stop = another if another >= 0 else len(data)
        ends = [there + 9 for word in (b"LYRICS200", b"LYRICSEND") if (there := data.find(word, at, stop)) >= 0]
        tag = (b"Lyrics3", min(ends) - at, "lyrics") if ends else None
    if tag is None or at + tag[1] > len(data):
        return None
    return Block(tag[0], data[at : at + tag[1]], tag[2])


def _tag_before(data: bytes, end: int) -> Block | None:
    """The tag that ends at *end*; None where it was cut off at its beginning."""
    tag, last, footer = None, end - ID3V1_BYTES, end - APE_BYTES
    if last >= 0 and data.startswith(b"TAG", last):
        enhanced = last >= ENHANCED_BYTES and data.startswith(b"TAG+", last - ENHANCED_BYTES)
        tag = (b"ID3v1", ID3V1_BYTES + ENHANCED_BYTES * enhanced, "id3", b"TAG")
    elif footer >= 0 and data.startswith(b"APETAGEX", footer):
        header = bool(data[footer + 23] & 0x80)
        size = max(APE_BYTES, int.from_bytes(data[footer + 12 : footer + 16], "little")) + APE_BYTES * header
        tag = (b"APEv2", size, "ape", b"APETAGEX" if header else b"")
    elif data.endswith(b"LYRICS200", 0, end) and data[max(0, end - 15) : end - 9].isdigit():
        tag = (b"Lyrics3", 15 + int(data[end - 15 : end - 9]), "lyrics", b"LYRICSBEGIN")
    elif data.endswith(b"LYRICSEND", 0, end):
        start = data.rfind(b"LYRICSBEGIN", max(0, end - LYRICS_BYTES), end)
        tag = (b"Lyrics3", end - start, "lyrics", b"LYRICSBEGIN")
    elif end >= 10 and data.startswith(b"3DI", end - 10) and (size := id3_bytes(b"ID3" + data[end - 7 : end])):
        tag = (b"ID3v2", size, "id3", b"ID3")
    if tag is None or tag[1] > end or not data.startswith(tag[3], end - tag[1]):
        return None
    return Block(tag[0], data[end - tag[1] : end], tag[2])
