"""Polling: from a request id to the platform's answer. Nothing here stops the job itself."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from prep.errors import Cancelled, RemoteError, UsageError
from prep.log import get_logger
from prep.model.progress import OnProgress, Progress
from prep.telemetry.names import WAIT
from prep.telemetry.spans import traced
from submit.errors import JOURNAL_ERRORS, Refusal, StillRunning, UnknownRequest
from submit.job.context import JobContext
from submit.job.messages import owed, result_unavailable, still_running, with_findings
from submit.job.remote.retry import retry
from submit.journal import Failure, JobRecord, JobState, Journal
from submit.journal.telemetry import waited
from submit.platform import Answer, State, Ticket

logger = get_logger(__name__)
T = TypeVar("T")
# Pauses between the attempts to fetch a result, about as long as the platform certainly keeps it: an hour.
FETCH_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, *[60.0] * 59)
# A result that the platform does not know after so many of them is gone.
GONE_AFTER = 5
# The end of the queue is known only to who asked while the request was in it, or could have been.
JUST_SUBMITTED_S = 10.0
# So many of the latest jobs tell how long the next one takes; one that was fetched late is outweighed by the others.
COMPARED = 20


@traced(WAIT)
def poll(job: JobRecord, ctx: JobContext) -> JobRecord:
    """Check the queue until the request is completed, then fetch its answer: the job becomes "completed".

    Raises Refusal when the platform refused it ("failed" or "cancelled"), ResultUnavailable when the answer can't be
    fetched ("uncertain"), StillRunning when the waiting time is over, Cancelled when *cancel* is set, RemoteError when
    the platform can't be asked.
    """
    ticket, lines, queued = ticket_of(job), 0, _age_s(job) < JUST_SUBMITTED_S
    deadline = None if ctx.timeout_s is None else time.monotonic() + ctx.timeout_s
    about = {"label": job.id, "usual_s": usual_s(ctx.journal, job)}
    while True:
        state = _ask(job, ctx, lambda: ctx.platform.state(job.endpoint, ticket.request_id))
        lines = _report(state, lines, lambda event: ctx.progress(event.model_copy(update=about)))
        logger.debug("%s%s", state.status, "" if state.position is None else f", {state.position} ahead")
        if queued and state.status != "queued":
            waited(job, _age_s(job))
        queued = state.status == "queued"
        if state.status == "completed":
            return _wait_for_answer(job, ctx, deadline)
        _pause(job, ctx, ctx.poll_s, deadline)


def fetch_answer(job: JobRecord, ctx: JobContext) -> JobRecord:
    """Fetch the answer to a request that the platform calls completed. Raises Refusal, or RemoteError as it comes."""
    try:
        answer: Answer = ctx.platform.result(job.endpoint, ticket_of(job).request_id)
    except Refusal as refusal:
        error = with_findings(refusal, job)
        state: JobState = "cancelled" if error.error_type == "client_cancelled" else "failed"
        if job.state not in ("failed", "cancelled"):
            ctx.move(
                job, state, failure=Failure(message=str(error), findings=error.findings, billed=error.verdict.billed)
            )
        raise error from refusal
    return ctx.move(job, "completed", result=answer.body, billed_units=answer.billed_units, failure=None)


def fetch_answer_again(job: JobRecord, ctx: JobContext) -> JobRecord:
    """Fetch the answer of a job that was given up: the reason may have passed, and asking costs nothing.

    Raises Refusal, and ResultUnavailable when it can't be fetched.
    """
    try:
        return retry(lambda: fetch_answer(job, ctx), ctx.cancel)
    except Refusal:
        raise
    except RemoteError as error:
        raise result_unavailable(job, error) from error


def ticket_of(job: JobRecord) -> Ticket:
    if job.ticket is None:
        raise UsageError(f"job {job.id} has no request id")
    return job.ticket


def _wait_for_answer(job: JobRecord, ctx: JobContext, deadline: float | None) -> JobRecord:
    """Fetch the answer, repeatedly for as long as the platform keeps results."""
    failure: RemoteError | None = None
    for attempt, pause_s in enumerate((*FETCH_PAUSES_S, 0.0)):
        try:
            return fetch_answer(job, ctx)
        except Refusal:
            raise
        except RemoteError as error:
            failure = error
        _stop_at(deadline, job)
        if attempt == len(FETCH_PAUSES_S) or (isinstance(failure, UnknownRequest) and attempt == GONE_AFTER):
            break
        message = f"finished, but its result can't be fetched yet: {failure}; trying again in {pause_s:g} s"
        ctx.progress(Progress(stage="queue", message=message))
        _pause(job, ctx, pause_s, deadline)
    assert failure is not None
    job = ctx.move(job, "uncertain", note=f"its result could not be fetched: {failure}")
    raise result_unavailable(job, failure) from failure


def _pause(job: JobRecord, ctx: JobContext, pause_s: float, deadline: float | None) -> None:
    _stop_at(deadline, job)
    if ctx.cancel.wait(pause_s if deadline is None else min(pause_s, max(0.0, deadline - time.monotonic()))):
        raise Cancelled(still_running(job))


def _stop_at(deadline: float | None, job: JobRecord) -> None:
    if deadline is not None and time.monotonic() >= deadline:
        raise StillRunning(still_running(job))


def _ask(job: JobRecord, ctx: JobContext, call: Callable[[], T]) -> T:
    """Return what *call* returns; repeat it when the platform does not answer or does not know the request (yet)."""
    try:
        return retry(call, ctx.cancel)
    except UnknownRequest as error:
        unknown = f"job {job.id}: the platform does not know request {ticket_of(job).request_id}"
        raise UnknownRequest(
            f"{unknown}; it is that of another sandbox, and nothing was billed"
            if job.sandbox
            else f"{unknown}, or this key belongs to another account. It may have been billed, and your dashboard may "
            "still show it. 'prep-and-submit run --again' would generate, and pay for, another one"
        ) from error
    except Refusal:
        raise
    except RemoteError as error:
        raise RemoteError(f"{error}; {owed(job)}") from error


def usual_s(journal: Journal, job: JobRecord) -> float | None:
    """The median seconds from submission to completion of the latest jobs like *job*; None: that is not known."""
    try:
        past = journal.latest_finished(job, COMPARED)
    except JOURNAL_ERRORS:  # when the disk is full it can't be opened; it is no reason to stop waiting
        return None
    times = [(record.reached("submitted"), record.reached("completed")) for record in past]
    seconds = [(end - start).total_seconds() for start, end in times if start and end and end > start]
    return median(seconds) if seconds else None


def _age_s(job: JobRecord) -> float:
    """The seconds since *job* was submitted."""
    return max(0.0, (datetime.now(UTC) - (job.reached("submitted") or job.created_at)).total_seconds())


def _report(state: State, lines: int, progress: OnProgress) -> int:
    """Report *state*, and the log lines after the first *lines*; return how many there are by now."""
    if state.status == "queued":
        message = "in the queue" if state.position is None else f"in the queue, {state.position} ahead"
        progress(Progress(stage="queue", message=message, position=state.position))
    if state.status == "running":
        progress(Progress(stage="generate"))
    for line in state.logs[lines:]:
        progress(Progress(stage="generate", message=line))
    return max(lines, len(state.logs))
