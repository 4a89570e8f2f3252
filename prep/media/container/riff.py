"""Chunks of RIFF files (WAV, WebP): the only reader of them, and the length of the plain samples in a WAV."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from prep.media.io.read import is_far, read_part, size_of
from prep.model.byte_source import Openable

HEADER_BYTES = 12  # "RIFF", the size of all that follows, and the form ("WAVE", "WEBP"); a list begins alike
MOST_CHUNKS = 64
# Each chunk of a file costs a read, and gigabytes of zeros are chunks without content.
MOST_IN_FILE = 10_000
# Codes of samples that all take the same room: integers, floats, A-law, µ-law (RFC 2361); EXTENSIBLE names one of them.
PLAIN, EXTENSIBLE = (1, 3, 6, 7), 0xFFFE
# A writer that can't go back leaves this as the size of the samples: they reach to the end.
UNSAID = (0, 0xFFFF_FFFF)


class Chunk(NamedTuple):
    """*size* bytes from *start* on, by its header, or by that of the file where sizes have 64 bits; the file may end
    before. Samples of unknown size reach to the end."""

    name: bytes
    start: int
    size: int

    @property
    def begin(self) -> int:
        """Where its name and size stand."""
        return self.start - 8

    @property
    def end(self) -> int:
        """Where the next chunk begins: sizes are even."""
        return self.start + self.size + self.size % 2


def chunks(item: Openable | bytes, start: int = HEADER_BYTES, stop: int | None = None) -> Iterator[Chunk]:
    """The chunks of *item* from *start* on that begin before *stop*, None: its end; of a file MOST_IN_FILE at most.

    64-bit sizes are those of RF64 (EBU Tech 3306).
    """
    size_bytes = len(item) if isinstance(item, bytes) else size_of(item)
    end = size_bytes if stop is None else min(stop, size_bytes)
    at, long_size, left = start, 0, len(item) if isinstance(item, bytes) else MOST_IN_FILE
    while at + 8 <= end and left > 0:
        left -= 1
        head = _read(item, at, 8)
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"ds64":
            long_size = int.from_bytes(_read(item, at + 16, 8), "little")
        if name == b"data" and size in UNSAID:
            size = long_size or end - at - 8
        chunk = Chunk(name, at + 8, size)
        yield chunk
        at = chunk.end


def has_too_many_chunks(item: Openable) -> bool:
    """Whether a local file has more chunks than are read, such as gigabytes of zeros: libavformat reads on."""
    return not is_far(item) and sum(1 for _ in chunks(item)) >= MOST_IN_FILE


class _Samples(NamedTuple):
    """The plain samples of a WAV: a frame has *frame_bytes*. *sized*: the header of their chunk counts them."""

    chunk: Chunk
    frame_bytes: int
    rate_hz: int
    sized: bool


def plain_seconds(item: Openable) -> float | None:
    """How long the samples in a WAV last that are there, whatever its header says; None: they have to be decoded."""
    samples = _plain_samples(item)
    if samples is None:
        return None
    there = min(samples.chunk.size, size_of(item) - samples.chunk.start)
    return there // samples.frame_bytes / samples.rate_hz


def claimed_seconds(item: Openable) -> float | None:
    """How long its header says that the plain samples in a WAV last; None where it does not count them."""
    samples = _plain_samples(item)
    if samples is None or not samples.sized:
        return None
    size = int.from_bytes(read_part(item, samples.chunk.begin + 4, 4), "little")
    return size / samples.frame_bytes / samples.rate_hz


def _plain_samples(item: Openable) -> _Samples | None:
    frame_bytes, rate_hz, sized = 0, 0, True
    for chunk in islice(chunks(item), MOST_CHUNKS):
        if chunk.name == b"fmt ":
            frame_bytes, rate_hz = _format(read_part(item, chunk.start, 40))
        elif chunk.name == b"ds64":
            sized = False
        elif chunk.name == b"data":
            return _Samples(chunk, frame_bytes, rate_hz, sized) if frame_bytes and rate_hz else None
    return None


def _format(fields: bytes) -> tuple[int, int]:
    """Bytes for the samples of one moment and how many of those there are in a second; zeros where they vary."""
    code, channels = int.from_bytes(fields[:2], "little"), int.from_bytes(fields[2:4], "little")
    rate_hz, align, bits = (int.from_bytes(fields[a:b], "little") for a, b in ((4, 8), (12, 14), (14, 16)))
    if code == EXTENSIBLE:
        code = int.from_bytes(fields[24:26], "little")
    plain = code in PLAIN and align == channels * ((bits + 7) // 8)
    return (align, rate_hz) if plain else (0, 0)


def _read(item: Openable | bytes, start: int, length: int) -> bytes:
    return item[start : start + length] if isinstance(item, bytes) else read_part(item, start, length)
