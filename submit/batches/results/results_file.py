"""results.jsonl: one line for each row that has ended, appended whole and synced. The last line of an id counts."""

import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from prep.errors import Busy, UnwritableError, UsageError
from prep.execution.lock import NO_LINK, locked
from submit.batches.results.result import FINAL, RowResult, RowState
from submit.batches.row import Row

RESULTS, LOCK = "results.jsonl", ".results.lock"
AGAIN_S = 0.01


class _Line(NamedTuple):
    """Where the line of a row stands, and as much of it as is needed all the time."""

    offset: int
    length: int
    key: str
    state: RowState
    video: str | None


class ResultsFile:
    """The results in *folder*; several processes append to them. One thread at a time uses it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / RESULTS
        self._offset = 0
        self._lines: dict[str, _Line] = {}
        self._ended: set[str] = set()

    def refresh(self) -> None:
        """Read what was appended since; a line that is not whole yet is left for the next time."""
        try:
            if self._path.stat().st_size <= self._offset:
                return
            with self._path.open("rb") as file:
                file.seek(self._offset)
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    self._take(line, self._offset)
                    self._offset += len(line)
        except FileNotFoundError:
            return

    def is_final(self, row: Row) -> bool:
        """Whether *row*, as it is now, needs no more work: a video that was done is still there."""
        line = self._lines.get(row.id)
        if line is None or line.key != row.key or line.state not in FINAL:
            return False
        return line.video is None or (self._folder / line.video).exists()

    def has_ended(self, key: str) -> bool:
        """Whether a row of the job *key* needs no more work, and has paid if it was billed."""
        return key in self._ended

    def state_of(self, row_id: str) -> RowState | None:
        line = self._lines.get(row_id)
        return None if line is None else line.state

    def all(self) -> Iterator[RowResult]:
        """Yield the result of each row, the latest one, in the order of the lines."""
        if not self._lines:
            return
        with self._path.open("rb") as file:
            for line in sorted(self._lines.values()):
                file.seek(line.offset)
                yield RowResult.model_validate_json(file.read(line.length))

    def refuse_foreign(self) -> None:
        """Raise UsageError for what is no file of ours: lines would be appended to another one, or nowhere."""
        try:
            status = self._path.lstat()
        except OSError:  # it is made with the first line; what hinders that is said then
            return
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise UsageError(f"{self._path}: a link, or no plain file; move it, or choose another folder")

    def append(self, result: RowResult) -> None:
        """Append *result*; it is on disk when this returns. Raises UnwritableError."""
        text = json.dumps(result.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
        try:
            with alone(self._folder / LOCK), open(self._path, "ab+", opener=_no_link) as file:
                file.write(_end_of_torn_line(file.fileno()) + text.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UnwritableError(
                f"{self._path}: {error.strerror or error}; the result of {result.id} is not recorded"
            ) from error
        self.refresh()

    def _take(self, line: bytes, offset: int) -> None:
        try:
            result = RowResult.model_validate_json(line)
        except ValidationError:
            return  # torn by a power cut; the row is looked at again
        self._lines[result.id] = _Line(offset, len(line), result.key, result.state, result.paths.video)
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
