"""Sending of one prepared row: upload, one POST, wait, download. Everything that costs goes through `submit.job`."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from prep.errors import Cancelled, ExitCode, PrepError
from prep.flag_names import in_flags
from prep.log import get_logger
from prep.model.finding import Finding
from prep.model.progress import OnProgress, Progress
from prep.pricing.bill import check_bill
from submit.batches.preparation import Prepared, order_of
from submit.batches.results.card import write_card
from submit.batches.results.result import Paths, RowResult, RowState
from submit.batches.row import Row
from submit.batches.slots import NotStarted, RowTurn
from submit.batches.survey import Look
from submit.errors import (
    JOURNAL_ERRORS,
    DamagedRecord,
    OverBudget,
    RefusedBefore,
    ResultUnavailable,
    SubmitUncertain,
)
from submit.job.context import JobContext
from submit.job.entry import Terms, submit_prepared
from submit.job.next_step import advance
from submit.job.prepared_folder import PreparedFolder
from submit.job.remote.upload import Uploader
from submit.journal import JobRecord
from submit.journal.states import UNSENT
from submit.request.agreement import Consent

logger = get_logger(__name__)
BUG = "a bug in prep-and-submit"
# Decides after each row whether another one may be sent.
Judge = Callable[[Row, Exception | None], None]


class Ended(NamedTuple):
    """The end of one row: its result, and the error behind it, if there was one."""

    result: RowResult
    error: Exception | None


class Sender:
    """Sends one prepared row in *folder*; *look* has the spec of its endpoint."""

    def __init__(self, row: Row, look: Look, folder: Path, webhook: str | None) -> None:
        self._row, self._folder, self._webhook = row, folder, webhook
        self._spec, self._isolation = look.spec_of(row.job.endpoint), look.isolation
        self._job_id: str | None = None
        self._record: JobRecord | None = None
        self._found = False
        self._findings: tuple[Finding, ...] = ()
        self._seconds: dict[str, float] = {}

    def send(self, prepared: Prepared, ctx: JobContext, turn: RowTurn, judge: Judge) -> Ended:
        """Submit the row, or find the job that it is, and wait for its video. Whatever happens is in the result.

        *judge* hears of it before anybody else gets the slot of this row.
        """
        self._seconds["prepare"] = prepared.seconds
        self._findings = prepared.manifest.findings
        ctx = replace(ctx, turn=turn, progress=self._watching(ctx))
        error: Exception | None = None
        try:
            self._send(prepared, ctx, turn)
        except PrepError as caught:
            error = caught
        except Exception as caught:
            logger.exception("row %s", self._row.id)
            error = caught
        if turn.in_flight or not isinstance(error, SubmitUncertain | RefusedBefore):
            judge(self._row, error)  # what an earlier run has left says nothing of the platform now
        turn.over()
        return self._end(error, prepared, ctx)

    def _send(self, prepared: Prepared, ctx: JobContext, turn: RowTurn) -> None:
        started = time.monotonic()
        order = order_of(self._row.job, self._spec, self._webhook)
        folder = PreparedFolder(self._folder, prepared.manifest)
        with Uploader(ctx) as uploader:
            terms = Terms(Consent(order), prepared.plan_key)
            submission = submit_prepared(folder, order, ctx, uploader, terms)
        self._found, self._record = submission.found, submission.record
        self._findings = (*prepared.manifest.findings, *submission.findings)
        submitted = time.monotonic()
        self._seconds |= {"upload": submitted - started - turn.waited_s, "wait": turn.waited_s}
        if submission.record.state == "submitted":
            turn.was_sent()
        advance(submission.record, ctx, "completed")
        turn.over()  # the next job is sent while this one's video is downloaded
        submission.result(ctx.cancel, ctx.timeout_s)
        self._record = submission.record
        self._seconds["generate"] = time.monotonic() - submitted

    def _watching(self, ctx: JobContext) -> OnProgress:
        def report(event: Progress) -> None:
            if event.stage == "job" and event.label:
                self._job_id = event.label
            ctx.progress(event)

        return report

    def _end(self, error: Exception | None, prepared: Prepared, ctx: JobContext) -> Ended:
        record = self._latest_record(ctx)
        files = tuple(f"{self._row.id}/{entry.output.path}" for entry in prepared.manifest.entries if entry.output.path)
        video = f"{self._row.id}/{record.video.path}" if error is None and record and record.video else None
        findings = (*self._findings, *getattr(error, "findings", ()))
        if record is not None and error is None:
            findings = (*findings, *check_bill(record.bill, record.cost))
        made = self._folder.parent / video if video else None
        write_card(self._folder, self._row.job.prompt or "", prepared.manifest, made, self._isolation)
        unknown = record is None and self._job_id is not None
        state: RowState = "uncertain" if unknown else _state(error, record)
        result = ended_row(self._row, error, state).model_copy(
            update={
                "found": self._found,
                "paths": Paths(folder=self._row.id, video=video, files=files),
                "findings": findings,
                "seconds": {stage: round(seconds, 3) for stage, seconds in self._seconds.items()},
                **(_of_job(record) if record else {}),
            }
        )
        return Ended(result, error)

    def _latest_record(self, ctx: JobContext) -> JobRecord | None:
        """The journal's record of the job; where that is damaged or gone, the last one that was seen."""
        if self._job_id is None:
            return None
        try:
            return ctx.journal.get(self._job_id)
        except JOURNAL_ERRORS as error:
            logger.warning("row %s: %s", self._row.id, error)
            return self._record


def ended_row(row: Row, error: Exception | None, state: RowState) -> RowResult:
    """The result of a row that came to no job: it could not be prepared, or was not begun."""
    if error is None:
        message = ""
    elif isinstance(error, PrepError):
        message = str(error)
    else:
        message = f"{BUG}: {type(error).__name__}: {error}"
    return RowResult(
        id=row.id,
        row=row.number,
        state=state,
        paths=Paths(folder=row.id),
        findings=getattr(error, "findings", ()),
        error=in_flags(message),
        exit_code=0 if error is None else int(getattr(error, "exit_code", ExitCode.BUG)),
        at=datetime.now(UTC),
        key=row.key,
    )


def _of_job(record: JobRecord) -> dict[str, object]:
    return {
        "job": record.id,
        "request_id": record.ticket.request_id if record.ticket else None,
        "sandbox": record.sandbox,
        "quoted": record.cost,
        "billed": record.bill,
    }


def _state(error: Exception | None, record: JobRecord | None) -> RowState:
    """How a row stands after *error*; the journal's *record* of its job has the last word about what was sent."""
    if error is None:
        return "done"
    if isinstance(error, OverBudget):
        return "over-budget"
    if isinstance(error, DamagedRecord):
        return "uncertain"
    if record is None or record.state in UNSENT:
        return "unsent" if isinstance(error, Cancelled | NotStarted) else "failed"
    if record.state in ("submitting", "uncertain") or isinstance(error, SubmitUncertain | ResultUnavailable):
        return "uncertain"
    if record.state == "failed":
        return "refused"
    if record.state == "cancelled":
        return "cancelled" if record.ticket else "unsent"
    return "running"  # it is on the platform, and whatever stands in the way of its video may pass
