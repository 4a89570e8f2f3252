"""The blocks that an MP3 or a WAV consists of: which of them are the sound, and which tell something beside it.

What is coded is neither decoded nor changed; what is left out is left out whole.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from prep.media.container.mp3_frames import is_chain, read_frame
from prep.media.container.mp3_tags import ID3V1_BYTES, tag_at, tags_at_end
from prep.media.container.riff import UNSAID
from prep.media.image.metadata_blocks import Block

# What may stand where a frame was expected: a tag of any kind, or a frame further on.
FOUND = re.compile(rb"ID3|APETAGEX|LYRICSBEGIN|\xff[\xe2-\xff]")
# What a WAV needs to sound as it does, and where in it something begins.
WAV_SOUND = frozenset((b"fmt ", b"data", b"fact", b"ds64", b"PEAK", b"cue ", b"smpl", b"inst", b"plst"))
FILLING = frozenset((b"JUNK", b"PAD ", b"FLLR"))
WAV_SAYS = {b"bext": "bext", b"iXML": "ixml", b"axml": "xml", b"_PMX": "xmp", b"cart": "cart", b"id3 ": "id3"}
WAV_SAYS |= {b"ID3 ": "id3"}
LISTS = {b"INFO": "info", b"adtl": "labels"}


def sound_blocks(data: bytes, container: str) -> Iterator[Block]:
    """The blocks of an MP3 or a WAV, in order; all of them together are the file."""
    return _mp3(data) if container == "mp3" else _wav(data)


def strip_sound(source: Path, target: Path, container: str) -> None:
    """Write *target*: *source* without its metadata, the coded sound bit by bit the same."""
    kept = [block for block in sound_blocks(source.read_bytes(), container) if not block.says]
    target.write_bytes(b"".join(block.content for block in (_sized(kept) if container == "wav" else kept)))


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


def _wav(data: bytes) -> Iterator[Block]:
    yield Block(data[:4], data[:12])
    at, long_bytes = 12, 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], _little(data, at + 4)
        if name == b"ds64":
            long_bytes = int.from_bytes(data[at + 16 : at + 24], "little")
        if name == b"data" and size in UNSAID:
            size = long_bytes or len(data)
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
        if block.name == b"RIFF" and _little(content, 4) not in UNSAID:
            content[4:8] = size.to_bytes(4, "little")
        if block.name == b"ds64":
            content[8:16] = size.to_bytes(8, "little")
        yield Block(block.name, bytes(content))


def _little(data: bytes | bytearray, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
