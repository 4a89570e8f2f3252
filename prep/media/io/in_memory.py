"""References that a program hands over as bytes or as a file object."""

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from prep.errors import UnreadableError, UsageError
from prep.media.io.files import fingerprint_of
from prep.model.redact import shown

# Up to this much is held in memory, more of it in a temporary file without a name.
IN_MEMORY_BYTES = 16_777_216
LARGEST_BYTES = 4_000_000_000
CHUNK_BYTES = 1_048_576


class Held:
    """Implements `prep.model.byte_source.Content`: a copy of what was handed over, called *name*.

    A file object is read once, from where it stands to its end, and put back to where it stood when it can seek.
    Raises UsageError for what is neither, UnreadableError when it is empty, can't be read or has no end in sight.
    """

    def __init__(self, given: Any, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
        try:
            if isinstance(given, bytes | bytearray | memoryview):
                self._file.write(given)
            else:
                self._copy(given)
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
        """Nothing to raise: all of it is here."""

    def save(self, target: Path, progress: Callable[[float], None], cancel: threading.Event) -> None:  # noqa: ARG002
        with self._lock, target.open("xb") as file:
            self._file.seek(0)
            shutil.copyfileobj(self._file, file)

    def close(self) -> None:
        self._file.close()

    def _copy(self, given: BinaryIO) -> None:
        read = getattr(given, "read", None)
        if not callable(read):
            raise UsageError(f"{shown(self._name)}: content is given as bytes or as a file object")
        try:
            stood = given.tell() if _can_seek(given) else None
            while chunk := read(CHUNK_BYTES):
                if not isinstance(chunk, bytes | bytearray | memoryview):
                    raise UsageError(f"{shown(self._name)}: opened as text; open it as bytes, with mode 'rb'")
                if self._file.tell() + len(chunk) > LARGEST_BYTES:
                    raise UnreadableError(f"{shown(self._name)}: larger than the {LARGEST_BYTES:,} bytes that are read")
                self._file.write(chunk)
            if stood is not None:
                given.seek(stood)
            elif self._file.tell() == 0:
                raise UnreadableError(
                    f"{shown(self._name)}: nothing comes from it; it can be read only once: hand over bytes, or a file "
                    "object that can seek"
                )
        except (OSError, ValueError) as error:
            raise UnreadableError(f"{shown(self._name)}: can't be read: {error}") from error


def _can_seek(given: BinaryIO) -> bool:
    seekable = getattr(given, "seekable", None)
    return bool(callable(seekable) and seekable())
