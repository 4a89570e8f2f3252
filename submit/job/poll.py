"""Polling: from a request id to the platform's answer. Nothing here stops the job itself."""

import time
from collections.abc import Callable
from typing import TypeVar

from prep.errors import Cancelled, RemoteError, UsageError
from prep.model.progress import Progress
from submit.errors import Hopeless, Refusal, StillRunning
from submit.job.context import JobContext, OnProgress
from submit.job.messages import still_running, with_findings
from submit.job.retry import retry
from submit.journal import Failure, JobRecord, JobState
from submit.platform import GONE, Answer, State, Ticket

T = TypeVar("T")


def poll(job: JobRecord, ctx: JobContext) -> JobRecord:
    """Check the queue until the request is completed, then fetch its answer: the job becomes "completed".

    Raises Refusal when the platform refused it ("failed" or "cancelled"), StillRunning when the waiting time is over,
    Cancelled when *cancel* is set, RemoteError when the platform can't be asked.
    """
    ticket, lines = ticket_of(job), 0
    deadline = None if ctx.timeout_s is None else time.monotonic() + ctx.timeout_s
    while True:
        state = _ask(job, ctx, lambda: ctx.platform.state(job.endpoint, ticket.request_id))
        lines = _report(state, lines, ctx.progress)
        if state.status == "completed":
            return fetch_answer(job, ctx)
        pause_s = ctx.poll_s if deadline is None else min(ctx.poll_s, deadline - time.monotonic())
        if pause_s <= 0:
            raise StillRunning(still_running(job))
        if ctx.cancel.wait(pause_s):
            raise Cancelled(still_running(job))


def fetch_answer(job: JobRecord, ctx: JobContext) -> JobRecord:
    """Fetch the answer to a request that the platform calls completed."""
    ticket = ticket_of(job)
    try:
        answer: Answer = _ask(job, ctx, lambda: ctx.platform.result(job.endpoint, ticket.request_id))
    except Refusal as refusal:
        error = with_findings(refusal, job)
        state: JobState = "cancelled" if error.error_type == "client_cancelled" else "failed"
        ctx.move(job, state, failure=Failure(message=str(error), findings=error.findings))
        raise error from refusal
    return ctx.move(job, "completed", result=answer.body, billed_units=answer.billed_units)


def ticket_of(job: JobRecord) -> Ticket:
    if job.ticket is None:
        raise UsageError(f"job {job.id} has no request id")
    return job.ticket


def _ask(job: JobRecord, ctx: JobContext, call: Callable[[], T]) -> T:
    """Return what *call* returns; ask again when the platform does not answer or does not know the request (yet)."""

    def ask() -> T:
        try:
            return call()
        except Refusal as error:
            if error.status_code in GONE:
                raise _Gone(str(error)) from error
            raise

    try:
        return retry(ask, ctx.cancel)
    except (_Gone, Hopeless) as error:
        raise RemoteError(
            f"job {job.id}: the platform no longer has request {ticket_of(job).request_id}, or this key belongs to "
            "another account. Results are kept for about an hour; your dashboard may still show it. "
            "'prep-and-submit run --again' would generate, and pay for, another one"
        ) from error
    except Refusal:
        raise
    except RemoteError as error:
        raise RemoteError(f"{error}. Job {job.id} goes on; 'prep-and-submit result {job.id}' fetches it") from error


class _Gone(RemoteError):
    pass


def _report(state: State, lines: int, progress: OnProgress) -> int:
    """Report *state*, and the log lines after the first *lines*; return how many there are by now."""
    if state.status == "queued":
        progress(Progress(stage="queue", message=f"in the queue, {state.position} ahead"))
    for line in state.logs[lines:]:
        progress(Progress(stage="generate", message=line))
    return max(lines, len(state.logs))
