"""results.jsonl: one line for each row that has ended, appended whole and synced. The last line of an id counts."""

import errno
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import ValidationError

from prep.errors import Busy, UnwritableError, UsageError
from prep.execution.lock import NO_LINK, locked
from prep.media.io.special import special_kind
from submit.batches.results.result import FINAL, RowResult, RowState
from submit.batches.row import Row

RESULTS, LOCK = "results.jsonl", ".results.lock"
AGAIN_S = 0.01


class _Line(NamedTuple):
    """The line of a row, and as much of its content as is needed all the time."""

    text: bytes
    key: str
    state: RowState
    video: str | None


class ResultsFile:
    """The results in *folder*; several processes append to them. One thread at a time uses it.

    Lines that somebody removes from the file are still known here, and written again with the next one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / RESULTS
        self._offset, self._last = 0, b""  # where the file was read up to, and the line that ends there
        self._lines: dict[str, _Line] = {}
        self._ended: set[str] = set()
        self._missing: set[str] = set()  # the file has no line of these, or only an older one

    def refresh(self) -> None:
        """Read what was appended since; a line that is not whole yet is left for the next time.

        Raises UnwritableError when the file is none that can be read.
        """
        try:
            if kind := special_kind(self._path):
                raise OSError(errno.EINVAL, f"{kind}, not a file")
            with self._path.open("rb") as file:
                self._read(file)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from error

    def is_final(self, row: Row) -> bool:
        """Whether *row*, as it is now, needs no more work: a video that was done is still there."""
        line = self._lines.get(row.id)
        if line is None or line.key != row.key or line.state not in FINAL:
            return False
        return line.video is None or os.path.exists(self._folder / line.video)

    def has_ended(self, key: str) -> bool:
        """Whether a row of the job *key* needs no more work, and has paid if it was billed."""
        return key in self._ended

    def state_of(self, row_id: str) -> RowState | None:
        line = self._lines.get(row_id)
        return None if line is None else line.state

    def all(self) -> Iterator[RowResult]:
        """Yield the result of each row, the latest one, in the order of the lines."""
        for line in tuple(self._lines.values()):
            yield RowResult.model_validate_json(line.text)

    def refuse_foreign(self) -> None:
        """Raise UsageError for what is no file of ours: lines would be appended to another one, or nowhere."""
        try:
            status = self._path.lstat()
        except OSError:  # it is made with the first line; what hinders that is said then
            return
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise UsageError(f"{self._path}: a link, or no plain file; move it, or choose another folder")

    def append(self, result: RowResult) -> None:
        """Append *result*; it is on disk when this returns. Raises UnwritableError; the next call tries again."""
        text = json.dumps(result.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
        line = text.encode() + b"\n"
        try:
            self._write(line)
        except (OSError, UsageError) as error:
            self._take(line)
            self._missing.add(result.id)
            raise self._unwritable(error, f"; the result of {result.id} is not recorded") from error

    def restore(self) -> None:
        """Read what was appended since, and write what the file has lost. Raises UnwritableError."""
        self.refresh()
        try:
            if self._lines:
                self._write()
        except (OSError, UsageError) as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: Exception, outcome: str = "") -> UnwritableError:
        return UnwritableError(f"{self._path}: {getattr(error, 'strerror', None) or error}{outcome}")

    def _write(self, line: bytes = b"") -> None:
        """Append the missing lines, and then *line*."""
        with alone(self._folder / LOCK), open(self._path, "ab+", opener=_no_link) as file:
            self._read(file)
            missing = [known.text for row_id, known in self._lines.items() if row_id in self._missing]
            if text := b"".join((*missing, line)):
                file.write(_end_of_torn_line(file.fileno()) + text)
                file.flush()
                os.fsync(file.fileno())
                self._read(file)

    def _read(self, file: BinaryIO) -> None:
        """Read what was appended to *file*; or all of it, where it does not hold what was read before."""
        file.seek(self._offset - len(self._last))
        if file.read(len(self._last)) != self._last:
            self._offset, self._last = 0, b""
            self._missing.update(self._lines)
            file.seek(0)
        for line in file:
            if not line.endswith(b"\n"):
                return
            self._take(line)
            self._offset, self._last = self._offset + len(line), line

    def _take(self, line: bytes) -> None:
        try:
            result = RowResult.model_validate_json(line)
        except ValidationError:
            return  # torn by a power cut; the row is looked at again
        self._missing.discard(result.id)
        self._lines.pop(result.id, None)  # the order is that of the latest lines
        self._lines[result.id] = _Line(line, result.key, result.state, result.paths.video)
        if result.state in FINAL:
            self._ended.add(result.key)


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | NO_LINK, 0o666)


def _end_of_torn_line(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return b"" if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait for the lock file *path*, which others hold for a moment, and hold it."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(path, "another process is writing results"))
                break
            except Busy:
                time.sleep(AGAIN_S)
        yield
