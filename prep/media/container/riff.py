"""The chunks that a WAV consists of, and how long the plain samples in it last."""

from collections.abc import Iterator
from typing import NamedTuple

from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable

MOST_CHUNKS = 64
# Codes of samples that all take the same room: integers, floats, A-law, µ-law (RFC 2361); EXTENSIBLE names one of them.
PLAIN, EXTENSIBLE = (1, 3, 6, 7), 0xFFFE
# What a writer that can't go back leaves where the size of the samples belongs: they reach to the end.
UNSAID = (0, 0xFFFF_FFFF)


class Chunk(NamedTuple):
    """*size* bytes from *start* on, as its header says, or that of the file where sizes have 64 bits: there may be
    less. Samples whose size nobody wrote reach to the end."""

    name: bytes
    start: int
    size: int


def chunks(item: Openable) -> Iterator[Chunk]:
    """The chunks of *item*, as far as they lie in the file. 64-bit sizes are those of RF64 (EBU Tech 3306)."""
    at, end, long_size = 12, size_of(item), 0
    for _ in range(MOST_CHUNKS):
        head = read_part(item, at, 8)
        if at >= end or len(head) < 8:
            return
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"ds64":
            long_size = int.from_bytes(read_part(item, at + 16, 8), "little")
        if name == b"data" and size in UNSAID:
            size = long_size or end - at - 8
        yield Chunk(name, at + 8, size)
        at += 8 + size + size % 2


def plain_seconds(item: Openable) -> float | None:
    """How long the samples of a WAV last that are there, whatever its header says; None: they have to be decoded."""
    frame_bytes, rate_hz = 0, 0
    for chunk in chunks(item):
        if chunk.name == b"fmt ":
            frame_bytes, rate_hz = _format(read_part(item, chunk.start, 40))
        elif chunk.name == b"data":
            there = min(chunk.size, size_of(item) - chunk.start)
            return there // frame_bytes / rate_hz if frame_bytes and rate_hz else None
    return None


def _format(fields: bytes) -> tuple[int, int]:
    """Bytes for the samples of one moment, and how many of those in a second; zeros where that is not all."""
    code, channels = int.from_bytes(fields[:2], "little"), int.from_bytes(fields[2:4], "little")
    rate_hz, align, bits = (int.from_bytes(fields[a:b], "little") for a, b in ((4, 8), (12, 14), (14, 16)))
    if code == EXTENSIBLE:
        code = int.from_bytes(fields[24:26], "little")
    plain = code in PLAIN and align == channels * ((bits + 7) // 8)
    return (align, rate_hz) if plain else (0, 0)
