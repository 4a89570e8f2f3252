"""The blocks that an MP3 or a WAV consists of: which of them are the sound, and which tell something beside it.

What is coded is neither decoded nor changed; what is left out is left out whole.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from prep.tools.blocks import Block
from prep.tools.id3 import tag_bytes
from prep.tools.mpeg_audio import is_chain, read_frame

ID3V1_BYTES, ENHANCED_BYTES, APE_BYTES, LYRICS_BYTES = 128, 227, 32, 5100
# What may stand where a frame was expected: a tag of any kind, or a frame further on.
FOUND = re.compile(rb"ID3|APETAGEX|LYRICSBEGIN|\xff[\xe2-\xff]")
# What a WAV needs to sound as it does, and where in it something begins.
WAV_SOUND = frozenset((b"fmt ", b"data", b"fact", b"ds64", b"PEAK", b"cue ", b"smpl", b"inst", b"plst"))
FILLING = frozenset((b"JUNK", b"PAD ", b"FLLR"))
WAV_SAYS = {b"bext": "bext", b"iXML": "ixml", b"axml": "xml", b"_PMX": "xmp", b"cart": "cart", b"id3 ": "id3"}
WAV_SAYS |= {b"ID3 ": "id3"}
LISTS = {b"INFO": "info", b"adtl": "labels"}
SIZE_UNKNOWN = 0xFFFF_FFFF


def sound_blocks(data: bytes, container: str) -> Iterator[Block]:
    """The blocks of an MP3 or a WAV, in order; all of them together are the file."""
    return _mp3(data) if container == "mp3" else _wav(data)


def strip_sound(source: Path, target: Path, container: str) -> None:
    """Write *target*: *source* without its metadata, the coded sound bit by bit the same."""
    kept = [block for block in sound_blocks(source.read_bytes(), container) if not block.says]
    target.write_bytes(b"".join(block.content for block in (_sized(kept) if container == "wav" else kept)))


def tags_at_end(data: bytes) -> list[Block]:
    """The tags that *data* ends with, the last one first: ID3v1, APEv2, Lyrics3 and appended ID3v2 in any order."""
    found, end = [], len(data)
    while tag := _tag_before(data, end):
        found.append(tag)
        end -= len(tag.content)
    return found


def tag_at(data: bytes, at: int) -> Block | None:
    """The tag that begins at *at*, if it ends within *data*: what reaches further is none."""
    found = None
    if size := tag_bytes(data[at : at + 10]):
        found = (b"ID3v2", size, "id3")
    elif data.startswith(b"APETAGEX", at) and data[at + 24 : at + APE_BYTES] == bytes(8):
        found = (b"APEv2", APE_BYTES + _little(data, at + 12), "ape")
    elif data.startswith(b"LYRICSBEGIN", at):
        ends = [there + 9 for word in (b"LYRICS200", b"LYRICSEND") if (there := data.find(word, at)) >= 0]
        found = (b"Lyrics3", min(ends) - at, "lyrics") if ends else None
    if found is None or at + found[1] > len(data):
        return None
    return Block(found[0], data[at : at + found[1]], found[2])


def _mp3(data: bytes) -> Iterator[Block]:
    behind = tags_at_end(data)
    end = len(data) - sum(len(tag.content) for tag in behind)
    data = data[:end]
    at = begins = 0
    while at < end:
        tag = tag_at(data, at) or _between(data, at)
        if tag is not None:
            if begins < at:
                yield Block(b"frames", data[begins:at])
            yield tag
            at = begins = at + len(tag.content)
            continue
        frame = read_frame(data[at : at + 4])
        size = frame.size if frame else 0
        follows = at + size
        whole = size and (follows >= end or read_frame(data[follows : follows + 4]) or tag_at(data, follows))
        at = follows if whole or (size and _between(data, follows)) else _next(data, at + 1)
    if begins < end:
        yield Block(b"frames", data[begins:end])
    yield from reversed(behind)


def _between(data: bytes, at: int) -> Block | None:
    """The ID3v1 tag of a sound to which another was appended."""
    after = at + ID3V1_BYTES
    if not data.startswith(b"TAG", at) or not (read_frame(data[after : after + 4]) or tag_at(data, after)):
        return None
    return Block(b"ID3v1", data[at:after], "id3")


def _next(data: bytes, start: int) -> int:
    """Where a tag or a chain of frames begins from *start* on; what lies before stays, whatever it is."""
    for found in FOUND.finditer(data, start):
        at = found.start()
        if is_chain(data, at) if data[at] == 0xFF else tag_at(data, at):
            return at
    return len(data)


def _tag_before(data: bytes, end: int) -> Block | None:
    """The tag that ends at *end*, if it also begins as it should: one that was cut off is none."""
    found, last, footer = None, end - ID3V1_BYTES, end - APE_BYTES
    if last >= 0 and data.startswith(b"TAG", last):
        enhanced = last >= ENHANCED_BYTES and data.startswith(b"TAG+", last - ENHANCED_BYTES)
        found = (b"ID3v1", ID3V1_BYTES + ENHANCED_BYTES * enhanced, "id3", b"TAG")
    elif footer >= 0 and data.startswith(b"APETAGEX", footer):
        header = bool(data[footer + 23] & 0x80)
        size = max(APE_BYTES, _little(data, footer + 12)) + APE_BYTES * header
        found = (b"APEv2", size, "ape", b"APETAGEX" if header else b"")
    elif data.endswith(b"LYRICS200", 0, end) and data[max(0, end - 15) : end - 9].isdigit():
        found = (b"Lyrics3", 15 + int(data[end - 15 : end - 9]), "lyrics", b"LYRICSBEGIN")
    elif data.endswith(b"LYRICSEND", 0, end):
        start = data.rfind(b"LYRICSBEGIN", max(0, end - LYRICS_BYTES), end)
        found = (b"Lyrics3", end - start, "lyrics", b"LYRICSBEGIN")
    elif end >= 10 and data.startswith(b"3DI", end - 10) and (size := tag_bytes(b"ID3" + data[end - 7 : end])):
        found = (b"ID3v2", size, "id3", b"ID3")
    if found is None or found[1] > end or not data.startswith(found[3], end - found[1]):
        return None
    return Block(found[0], data[end - found[1] : end], found[2])


def _wav(data: bytes) -> Iterator[Block]:
    yield Block(data[:4], data[:12])
    at, long_bytes = 12, 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], _little(data, at + 4)
        if name == b"ds64":
            long_bytes = int.from_bytes(data[at + 16 : at + 24], "little")
        if name == b"data":
            size = long_bytes if size == SIZE_UNKNOWN and long_bytes else size
            # a recorder that was cut off never wrote the size
            size = len(data) if size in (0, SIZE_UNKNOWN) else size
        content = data[at : at + 8 + size + size % 2]
        yield wav_block(name, content)
        at += len(content)
    if at < len(data):
        yield Block(b"", data[at:], "trailer")


def wav_block(name: bytes, content: bytes) -> Block:
    """One chunk; *content* begins with its name and size."""
    if name in WAV_SOUND:
        return Block(name, content)
    if name in FILLING:  # what is overwritten is often only renamed
        return Block(name, content, "filling" if content[8:].strip(b"\0") else "")
    says = LISTS.get(content[8:12]) if name == b"LIST" else WAV_SAYS.get(name)
    return Block(name, content, says or "private chunk")


def _sized(kept: list[Block]) -> Iterator[Block]:
    """The same chunks with the size of all of them where it stands; a size that was not told stays so."""
    size = sum(len(block.content) for block in kept) - 8
    for block in kept:
        content = bytearray(block.content)
        if block.name == b"RIFF" and _little(content, 4) not in (0, SIZE_UNKNOWN):
            content[4:8] = size.to_bytes(4, "little")
        if block.name == b"ds64":
            content[8:16] = size.to_bytes(8, "little")
        yield Block(block.name, bytes(content))


def _little(data: bytes | bytearray, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
