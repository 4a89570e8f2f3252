"""Submission, Result and Outcome: what a caller holds of a job while it runs and when it is finished."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from prep.errors import Cancelled, UsageError
from prep.media.io.files import replacing
from prep.model.finding import Finding
from prep.model.manifest import Manifest
from prep.model.value import Value
from prep.pricing.bill import Bill, check_bill
from prep.pricing.cost import Cost
from prep.telemetry.names import RESULT
from prep.telemetry.spans import annotate, traced
from submit.errors import JOURNAL_ERRORS
from submit.job.context import JobContext
from submit.job.messages import NOTHING_SENT, interrupted
from submit.job.next_step import advance
from submit.job.prepared_folder import PreparedFolder
from submit.job.receipt import write_receipt
from submit.job.remote.fetch import place_of_video
from submit.job.remote.poll import ticket_of
from submit.journal import JobRecord, Journal
from submit.journal.telemetry import job_facts
from submit.request.build import Request


class Result(Value):
    """The video: its *url* and the *path* of the downloaded file; *seed* is the one that was used."""

    url: str
    path: str
    seed: int | None = None


class Outcome(Value):
    """The outcome of one run. *job* is its id in the journal; *found*: the job was there already, nothing was sent.

    *sandbox*: nothing was paid. *cost* is what was quoted, None: no price is known; *bill* what was billed, None: the
    platform has not said. *result* is None when it was not waited for. *timings_s* are the seconds of each stage;
    *findings* are warnings.
    """

    job: str
    found: bool
    sandbox: bool
    manifest: Manifest
    request: Request
    cost: Cost | None
    bill: Bill | None
    request_id: str
    result: Result | None
    timings_s: dict[str, float]
    findings: tuple[Finding, ...] = ()


class Submission:
    """A submitted job; *found* when it was in the journal already, so that nothing was sent.

    *job* is its id in the journal; `submit.resume` takes that in any other process.
    """

    def __init__(
        self, record: JobRecord, ctx: JobContext, prepared: PreparedFolder, found: bool, findings: tuple[Finding, ...]
    ) -> None:
        self._findings = findings
        self.found = found
        self.record = record
        self._ctx = ctx
        self._prepared = prepared

    @property
    def findings(self) -> tuple[Finding, ...]:
        """About the prompt and the parameters; once it is billed, also about a bill that differs from the quotation."""
        return (*self._findings, *check_bill(self.record.bill, self.record.cost))

    @property
    def job(self) -> str:
        return self.record.id

    @property
    def manifest(self) -> Manifest:
        return self._prepared.manifest.model_copy(update={"folder": self._prepared.path.absolute()})

    @property
    def request_id(self) -> str:
        return ticket_of(self.record).request_id

    @traced(RESULT)
    def result(self, cancel: threading.Event | None = None, timeout_s: float | None = None) -> Result:
        """Wait for the video, download it into the folder and return it.

        Raises Refusal, with findings, when the platform refuses, StillRunning after *timeout_s* seconds, RemoteError.
        """
        ctx = replace(self._ctx, cancel=cancel or self._ctx.cancel, timeout_s=timeout_s)
        with interruptible(ctx.journal, self.job):
            self.record = advance(self.record, ctx, "downloaded")
        annotate(job_facts(self.record))
        return deliver(self.record, self._prepared.path)


def outcome_of(submission: Submission, result: Result | None) -> Outcome:
    """The outcome as far as it is known now, without timings; *result* None: it was not waited for."""
    record = submission.record
    return Outcome(
        job=record.id,
        found=submission.found,
        sandbox=record.sandbox,
        manifest=submission.manifest,
        request=record.request.redacted(),
        cost=record.cost,
        bill=record.bill,
        request_id=submission.request_id,
        result=result,
        timings_s={},
        findings=submission.findings,
    )


@contextmanager
def interruptible(journal: Journal, job_id: str) -> Iterator[None]:
    """Turn a Ctrl-C into Cancelled, whose message says how to return to the job."""
    try:
        yield
    except KeyboardInterrupt:
        try:
            message = interrupted(journal.get(job_id))
        except JOURNAL_ERRORS:  # the journal can't be read now
            message = f"interrupted; 'prep-and-submit status {job_id}' shows the state of job {job_id}"
        raise Cancelled(message) from None


@contextmanager
def interruptible_before_job() -> Iterator[None]:
    """Turn a Ctrl-C into Cancelled while there is no job yet."""
    try:
        yield
    except KeyboardInterrupt:
        raise Cancelled(NOTHING_SENT) from None


def deliver(job: JobRecord, folder: Path) -> Result:
    """The result of a downloaded job; its video is copied into *folder* if it lies elsewhere."""
    assert job.video is not None
    path = target = folder / job.video.path
    if folder.absolute() != job.folder:
        path, target = job.folder / job.video.path, place_of_video(job, folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as video, replacing(target) as copy:
                shutil.copyfileobj(video, copy)
        except OSError as error:
            raise UsageError(f"{target}: can't be written: {error.strerror}; the video is {path}") from error
        copied = job.video.model_copy(update={"path": target.name})
        write_receipt(job.model_copy(update={"folder": folder.absolute(), "video": copied}))
    assert job.video_url is not None
    seed = (job.result or {}).get("seed")
    return Result(url=job.video_url, path=str(target), seed=seed if isinstance(seed, int) else None)
