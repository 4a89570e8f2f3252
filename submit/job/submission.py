"""What a caller holds of a job: a handle while it is on its way, and its result."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from prep.errors import Cancelled, UsageError
from prep.model.finding import Finding
from prep.model.limits import Value
from prep.model.manifest import Manifest
from submit.job.context import Setting
from submit.job.lifecycle import carry_on
from submit.job.messages import NOTHING_SENT, stopped
from submit.job.poll import ticket_of
from submit.job.receipt import write_receipt
from submit.journal import JobRecord

T = TypeVar("T")


class Result(Value):
    """*video* has the URL and the path of the downloaded file; *seed* is the one that was used."""

    url: str
    path: str
    seed: int | None = None


class Submission:
    """A job that is on its way, or was before (*found*); `result` waits for it.

    *job* is its id in the journal; `submit.resume` takes that in any other process.
    """

    def __init__(
        self,
        record: JobRecord,
        setting: Setting,
        folder: Path,
        manifest: Manifest,
        found: bool,
        findings: tuple[Finding, ...],
    ) -> None:
        self.findings = findings
        self.found = found
        self.manifest = manifest
        self.record = record
        self._folder = folder
        self._setting = setting

    @property
    def job(self) -> str:
        return self.record.id

    @property
    def request_id(self) -> str:
        return ticket_of(self.record).request_id

    def result(self, cancel: threading.Event | None = None, timeout_s: float | None = None) -> Result:
        """Wait, download the video into the folder and return it.

        Raises Refusal, with findings, when it is refused, StillRunning after *timeout_s* seconds, and RemoteError.
        """
        setting = self._setting.waiting(cancel, timeout_s)
        self.record = interruptible(lambda: carry_on(self.record, setting, "downloaded"), self.record, setting)
        return delivered(self.record, self._folder)


def interruptible(call: Callable[[], T], job: JobRecord, setting: Setting) -> T:
    """What *call* returns; a Ctrl-C becomes Cancelled, which says how to come back to *job*."""
    try:
        return call()
    except KeyboardInterrupt:
        raise Cancelled(stopped(setting.journal.get(job.id))) from None


@contextmanager
def unsent() -> Iterator[None]:
    """As `interruptible`, while there is no job yet."""
    try:
        yield
    except KeyboardInterrupt:
        raise Cancelled(NOTHING_SENT) from None


def delivered(job: JobRecord, folder: Path) -> Result:
    """The result of a downloaded job; its video is copied into *folder* where that is not its own."""
    assert job.video is not None
    path = job.folder / job.video.path
    if folder.absolute() != job.folder:
        target = folder / job.video.path
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{target.name}.part")
            shutil.copyfile(path, part)
            os.replace(part, target)
        except OSError as error:
            raise UsageError(f"{target}: can't be written: {error.strerror}; the video is {path}") from error
        write_receipt(job.model_copy(update={"folder": folder.absolute()}))
    answer: dict[str, Any] = job.result or {}
    path, seed = folder / job.video.path, answer.get("seed")
    return Result(url=answer["video"]["url"], path=str(path), seed=seed if isinstance(seed, int) else None)
