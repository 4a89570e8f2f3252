"""Metadata of an MP3 or a WAV left out, byte for byte, and the coded sound kept.

ffmpeg's stream copy does not do it for MP3: it leaves Lyrics3, appended ID3v2 and APE tags without a header in the
file, and gives frames without a Xing header one, which shortens what is decoded.
"""

from collections.abc import Iterator
from pathlib import Path

from prep.media.container.block import Block
from prep.media.container.mp3_tags import tags_at_end, tags_within
from prep.media.container.riff import HEADER_BYTES, UNSAID, chunks

# What a WAV needs to sound as it does, and where in it something begins.
WAV_SOUND = frozenset((b"fmt ", b"data", b"fact", b"ds64", b"PEAK", b"cue ", b"smpl", b"inst", b"plst"))
FILLING = frozenset((b"JUNK", b"PAD ", b"FLLR"))
WAV_SAYS = {b"bext": "bext", b"iXML": "ixml", b"axml": "xml", b"_PMX": "xmp", b"cart": "cart", b"id3 ": "id3"}
WAV_SAYS |= {b"ID3 ": "id3"}
LISTS = {b"INFO": "info", b"adtl": "labels"}


def strip_sound(source: Path, target: Path, container: str) -> None:
    """Write *target*: *source*, an MP3 or a WAV, without its metadata."""
    data = source.read_bytes()
    target.write_bytes(b"".join(_without_tags(data) if container == "mp3" else _without_chunks(data)))


def _without_tags(data: bytes) -> Iterator[bytes]:
    sound, at = data[: len(data) - sum(len(tag.content) for tag in tags_at_end(data))], 0
    for start, size in tags_within(sound):
        yield sound[at:start]
        at = start + size
    yield sound[at:]


def _without_chunks(data: bytes) -> Iterator[bytes]:
    blocks = [wav_block(chunk.name, data[chunk.begin : chunk.end]) for chunk in chunks(data)]
    kept = [block for block in blocks if not block.says]
    size = HEADER_BYTES - 8 + sum(len(block.content) for block in kept)
    unsaid = int.from_bytes(data[4:8], "little") in UNSAID
    yield data[:HEADER_BYTES] if unsaid else data[:4] + size.to_bytes(4, "little") + data[8:HEADER_BYTES]
    for block in kept:
        head = 8 if block.name == b"ds64" else 0  # there the size of the whole file follows
        yield block.content[:head] + size.to_bytes(8, "little") + block.content[16:] if head else block.content


def wav_block(name: bytes, content: bytes) -> Block:
    """One chunk; *content* begins with its name and size."""
    if name in WAV_SOUND:
        return Block(name, content)
    if name in FILLING:  # a chunk that is overwritten is often only renamed
        return Block(name, content, "filling" if content[8:].strip(b"\0") else "")
    says = LISTS.get(content[8:12]) if name == b"LIST" else WAV_SAYS.get(name)
    return Block(name, content, says or "private chunk")
