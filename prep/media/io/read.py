"""Reading from a local file, or from content behind a port."""

import io
from pathlib import Path
from typing import Any, BinaryIO, cast

from prep.model.byte_source import Openable, Readable


def size_of(item: Openable) -> int:
    return item.stat().st_size if isinstance(item, Path) else item.size_bytes


def is_far(item: Openable) -> bool:
    """Whether reading fetches from elsewhere."""
    return not isinstance(item, Path) and item.far


def stream_of(content: Readable) -> BinaryIO:
    """A new seekable stream; it need not be closed."""
    return cast("BinaryIO", _Stream(content))


def path_or_stream(item: Openable) -> Path | BinaryIO:
    """The form that readers of images open: a file by its name."""
    return item if isinstance(item, Path) else stream_of(item)


def read_part(item: Openable, offset: int, length: int) -> bytes:
    """*length* bytes from *offset* on; a negative *offset* counts from the end."""
    start = max(0, size_of(item) + offset) if offset < 0 else offset
    if not isinstance(item, Path):
        return item.read_at(start, length)
    with item.open("rb") as file:
        file.seek(start)
        return file.read(length)


class _Stream(io.RawIOBase):
    """Raises the first failure to read, and is at its end from then on.

    PyAV keeps an error until its call returns, while the demuxer reads on; it would print each further error.
    """

    def __init__(self, content: Readable) -> None:
        self._content = content
        self._at = 0
        self._failed = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._content.size_bytes}[whence]
        if start + offset < 0:
            raise ValueError("before the start")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if self._failed:
            return 0
        try:
            data = self._content.read_at(self._at, len(view))
        except Exception:
            self._failed = True
            raise
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
