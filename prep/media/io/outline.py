"""An image that would have to be fetched, as far as readers of its header look at it; all else of it reads as zeros.

libwebp, libheif and libavif are handed a whole file, though they decode nothing of it to say what it is: their headers
tell where everything lies, and the coded pictures are most of the bytes.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from prep.media.container.isobmff import item_spans
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Content, Openable

# Larger ones are fetched and read like any other: zeros cost memory as well.
LARGEST_BYTES = 256_000_000
# A walk through more headers than this, each with a request of its own, takes longer than fetching everything.
MOST_JUMPS, JUMP_BYTES = 48, 32_768
# Of a coded picture this much tells its size and kind (VP8: RFC 6386, 9.1; AV1: its sequence header).
CODED_HEAD_BYTES = 256
TOLD_BYTES = 4_000_000


class Span(NamedTuple):
    """The bytes from *start* up to *stop*."""

    start: int
    stop: int


class _TooMuch(Exception):
    """Fetching everything is quicker."""


def outline(item: Openable, container: str) -> Openable:
    """*item* itself, unless it is far and of a kind whose readers want all of it."""
    walk = {"webp": _webp, "heif": _boxes, "avif": _boxes}.get(container)
    if isinstance(item, Path) or not item.far or walk is None or item.size_bytes > LARGEST_BYTES:
        return item
    try:
        return _Outline(item, _fitting(walk(item, iter(range(MOST_JUMPS)))))
    except _TooMuch:
        return item


def _webp(item: Content, jumps: Iterator[int]) -> Iterator[Span]:
    """The headers of all chunks (RFC 9649), what stands in those that are no pictures, and the head of each picture."""
    yield Span(0, 12)
    end = min(size_of(item), 8 + int.from_bytes(read_part(item, 4, 4), "little"))
    for name, chunk in _walked(item, 12, end, _riff_chunk, jumps):
        if name == b"ANMF":
            frame = chunk.start + 24
            yield Span(chunk.start, frame)
            yield from (_head(part) for _, part in _walked(item, frame, min(end, chunk.stop), _riff_chunk, jumps))
        else:
            yield chunk if name in (b"VP8X", b"ANIM", b"ICCP", b"EXIF", b"XMP ") else _head(chunk)


def _boxes(item: Content, jumps: Iterator[int]) -> Iterator[Span]:
    """All boxes (ISO/IEC 14496-12) but the data, and of the data what its index says is no picture."""
    for name, box in _walked(item, 0, size_of(item), _iso_box, jumps):
        yield _head(box) if name in (b"mdat", b"free", b"skip") else box
        if name == b"meta" and box.stop - box.start <= TOLD_BYTES:
            for start, length, coded in item_spans(read_part(item, box.start, box.stop - box.start)):
                yield Span(start, start + (min(length, CODED_HEAD_BYTES) if coded else length))


def _head(span: Span) -> Span:
    return Span(span.start, min(span.stop, span.start + CODED_HEAD_BYTES))


def _fitting(spans: Iterator[Span]) -> Sequence[Span]:
    """In order and without overlaps."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].stop:
            joined[-1] = Span(joined[-1].start, max(joined[-1].stop, span.stop))
        else:
            joined.append(span)
    jumps = sum(after.start - before.stop > JUMP_BYTES for before, after in pairwise(joined))
    if jumps > MOST_JUMPS or sum(stop - start for start, stop in joined) > TOLD_BYTES:
        raise _TooMuch
    return joined


def _walked(
    item: Content, at: int, end: int, header: Callable[[Content, int, int], tuple[bytes, int]], jumps: Iterator[int]
) -> Iterator[tuple[bytes, Span]]:
    """The parts that follow each other from *at* on, with their headers; as far as they make sense."""
    while at + 8 <= end:
        name, size = header(item, at, end)
        if size < 8:
            return
        yield name, Span(at, min(end, at + size))
        if size > JUMP_BYTES and next(jumps, None) is None:
            raise _TooMuch
        at += size


def _riff_chunk(item: Content, at: int, end: int) -> tuple[bytes, int]:  # noqa: ARG001
    head = read_part(item, at, 8)
    size = int.from_bytes(head[4:], "little")
    return head[:4], 8 + size + size % 2


def _iso_box(item: Content, at: int, end: int) -> tuple[bytes, int]:
    head = read_part(item, at, 16)
    size = int.from_bytes(head[:4], "big")
    if size == 1:
        size = int.from_bytes(head[8:16], "big")
    return head[4:8], size or end - at


class _Outline:
    """Implements `prep.model.byte_source.Content`: as long as *inner*, its bytes in *spans*, zeros elsewhere."""

    far = True

    def __init__(self, inner: Content, spans: Sequence[Span]) -> None:
        self._inner = inner
        self._spans = spans
        self.size_bytes = inner.size_bytes

    def __str__(self) -> str:
        return str(self._inner)

    @property
    def fingerprint(self) -> str:
        return self._inner.fingerprint

    def read_at(self, offset: int, length: int) -> bytes:
        stop = min(offset + length, self.size_bytes)
        data = bytearray(max(0, stop - offset))
        for span in self._spans:
            begin, end = max(offset, span.start), min(stop, span.stop)
            if begin < end:
                data[begin - offset : end - offset] = self._inner.read_at(begin, end - begin)
        return bytes(data)

    def raise_failure(self) -> None:
        self._inner.raise_failure()

    def save(self, target: Path, progress: Callable[[float], None], cancel: threading.Event) -> None:
        self._inner.save(target, progress, cancel)

    def close(self) -> None:
        self._inner.close()
