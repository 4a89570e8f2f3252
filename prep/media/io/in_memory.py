"""References given as bytes or as a file object."""

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from prep.errors import UnreadableError, UsageError
from prep.media.io.files import fingerprint_of
from prep.model.redact import shown

# More than this goes into a temporary file without a name.
IN_MEMORY_BYTES = 16_777_216
LARGEST_BYTES = 4_000_000_000
CHUNK_BYTES = 1_048_576


class ContentCopy:
    """Implements `prep.model.byte_source.Content`: a copy of bytes or of a file object, called *name*.

    A file object is read once, from its position to its end, and put back to that position if it can seek. Raises
    UsageError for anything else, UnreadableError when it is empty, can't be read or has no end in sight.
    """

    def __init__(self, content: Any, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
        try:
            if isinstance(content, bytes | bytearray | memoryview):
                self._file.write(content)
            else:
                self._copy(content)
            self.size_bytes = self._file.tell()
            if self.size_bytes == 0:
                raise UnreadableError(f"{shown(name)}: it is empty (0 bytes)")
        except BaseException:
            self.close()
            raise

    def __str__(self) -> str:
        return self._name

    @property
    def far(self) -> bool:
        return False

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.size_bytes, self.read_at)

    def read_at(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)

    def raise_failure(self) -> None:
        """Nothing to raise: all bytes are here."""

    def save(self, target: Path, progress: Callable[[float], None], cancel: threading.Event) -> None:  # noqa: ARG002
        with self._lock, target.open("xb") as file:
            self._file.seek(0)
            shutil.copyfileobj(self._file, file)

    def close(self) -> None:
        self._file.close()

    def _copy(self, source: BinaryIO) -> None:
        read = getattr(source, "read", None)
        if not callable(read):
            raise UsageError(f"{shown(self._name)}: content must be bytes or a file object")
        try:
            position = source.tell() if _can_seek(source) else None
            while chunk := read(CHUNK_BYTES):
                if not isinstance(chunk, bytes | bytearray | memoryview):
                    raise UsageError(f"{shown(self._name)}: opened as text; open it as bytes, with mode 'rb'")
                if self._file.tell() + len(chunk) > LARGEST_BYTES:
                    raise UnreadableError(
                        f"{shown(self._name)}: larger than {LARGEST_BYTES:,} bytes, the most that is read"
                    )
                self._file.write(chunk)
            if position is not None:
                source.seek(position)
            elif self._file.tell() == 0:
                raise UnreadableError(
                    f"{shown(self._name)}: nothing left to read from it, and it can't be read again; give bytes, or a "
                    "file object that can seek"
                )
        except (OSError, ValueError) as error:
            raise UnreadableError(f"{shown(self._name)}: can't be read: {error}") from error


def _can_seek(source: BinaryIO) -> bool:
    seekable = getattr(source, "seekable", None)
    return bool(callable(seekable) and seekable())
