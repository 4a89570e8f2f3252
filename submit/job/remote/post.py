"""The paid POST: the journal records it before and after, and nothing repeats it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from prep.errors import Busy, Cancelled, UsageError
from prep.model.progress import OnProgress, Progress
from prep.telemetry.names import SUBMIT
from prep.telemetry.spans import annotate, traced
from submit.errors import JOURNAL_ERRORS, JournalUnavailable, NotSent, Refusal, SubmitUncertain
from submit.job.context import JobContext, move
from submit.job.messages import still_running, uncertain, with_findings
from submit.job.remote.poll import ticket_of
from submit.job.remote.request_note import drop_request_id, save_request_id
from submit.job.remote.upload import TICK_S
from submit.journal import JobRecord
from submit.journal.record import LEFT_OUT
from submit.journal.stand_in import environment_stand_in
from submit.journal.states import UNSENT, JobState
from submit.journal.telemetry import job_facts
from submit.platform import Ticket

RECORD_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# The parameter of a webhook's URL that carries the job's id back.
JOB_PARAMETER = "prep_and_submit_job"
SENDING: tuple[JobState, ...] = ("prepared", "uploaded", "submitting")


@traced(SUBMIT)
def post(job: JobRecord, ctx: JobContext, note: str = "", **facts: Any) -> JobRecord:
    """Send the request of *job*, whose claim the caller holds, once: the job becomes "submitted".

    Raises SubmitUncertain when it may have arrived, NotSent or Refusal when it was certainly not accepted and the job
    is what it was before: "uploaded", or "uncertain" because of an earlier attempt. Raises Cancelled when it was
    interrupted but is submitted all the same, and UsageError or JournalUnavailable, with the request id, when it was
    accepted and the journal can't be written for half a minute.
    """
    webhook = _webhook_with_job(job.webhook, job.id) if job.webhook else None
    if job.sandbox:
        facts["stand_in"] = environment_stand_in()
    before = job
    try:
        job = ctx.move(job, "submitting", note, **facts)
    except Busy:  # our claim was lost: another process moved it, and may be sending it now
        raise
    except BaseException as error:  # nothing was sent: leave no doubt
        entered = ctx.journal.get(job.id)
        if entered.state == "submitting" and entered.history[:-1] == job.history:
            ctx.move(entered, job.state, note=f"not sent: {type(error).__name__}", request=job.request)
        raise
    platform, arguments = ctx.platform, job.request.arguments()
    endpoint, call = job.endpoint, None
    try:
        call = _Call(lambda: platform.submit(endpoint, arguments, webhook))
        job = _record_ticket(job, ctx, call.wait(ctx.progress, job.id))
    except (NotSent, Refusal) as error:
        with suppress(*JOURNAL_ERRORS):  # then the job counts as uncertain, which is safe
            # an earlier attempt that may have arrived is looked for by what it sent
            ctx.move(job, before.state, note=f"not accepted: {error}", request=before.request)
        raise with_findings(error, job) if isinstance(error, Refusal) else error from error
    except SubmitUncertain as error:
        _record_doubt(job, ctx, error)
        raise uncertain(job, str(error), error.hint) from error
    except BaseException as error:
        job = _despite(error, job, ctx, call)
    annotate(job_facts(job))
    ctx.progress(Progress(stage="queue", message=f"submitted as {ticket_of(job).request_id}"))
    if call is None or call.interrupted:
        raise Cancelled(still_running(job))
    return job


def _despite(error: BaseException, job: JobRecord, ctx: JobContext, call: "_Call | None") -> JobRecord:
    """Record the ticket that came before a Ctrl-C. Without one *job* is uncertain, and the *error* is raised."""
    ticket = call.ticket if call else None
    if ticket is None:
        with suppress(*JOURNAL_ERRORS):  # a dead process that was submitting means the same
            ctx.move(job, "uncertain", note=f"interrupted: {type(error).__name__}")
    if not isinstance(error, KeyboardInterrupt):
        raise error
    if ticket is None or call is None:
        raise Cancelled(str(uncertain(job, "interrupted while the request was being sent"))) from None
    call.interrupted = True
    return _record_ticket(job, ctx, ticket)


def _record_doubt(job: JobRecord, ctx: JobContext, error: SubmitUncertain) -> None:
    try:
        ctx.move(job, "uncertain", note=str(error), hint=error.hint)
        if error.hint is not None:
            drop_request_id(job, ctx.journal)  # a note that is left is of an earlier request
    except JOURNAL_ERRORS:  # a dead process that was submitting means the same; only the hint would be lost
        if error.hint is not None:
            save_request_id(job, error.hint, ctx.journal)


def _record_ticket(job: JobRecord, ctx: JobContext, ticket: Ticket) -> JobRecord:
    """Record that *job* was accepted. While the journal can't be written, as when the disk is full, the request id is
    reported, saved in any place that takes it, and recorded later.
    """
    note: Path | None = None
    accepted = f"job {job.id} was submitted as request {ticket.request_id}"
    try:
        for pause_s in RECORD_PAUSES_S:
            try:
                return _submitted(job, ctx, ticket)
            except JOURNAL_ERRORS as error:
                note = note or save_request_id(job, ticket.request_id, ctx.journal)
                problem = f"{accepted}, which can't be recorded: {error}"
            ctx.progress(Progress(stage="job", label=job.id, message=f"{problem}; trying again in {pause_s:g} s"))
            if ctx.cancel.wait(pause_s):
                raise KeyboardInterrupt
        return _submitted(job, ctx, ticket)
    except JOURNAL_ERRORS as error:
        kind = JournalUnavailable if isinstance(error, JournalUnavailable) else UsageError
        raise kind(
            f"{accepted}, which can't be recorded: {error}. {_recovery(job, ticket.request_id, note)}"
        ) from error
    except KeyboardInterrupt:
        note = note or save_request_id(job, ticket.request_id, ctx.journal)
        raise Cancelled(f"interrupted; {accepted}. {_recovery(job, ticket.request_id, note)}") from None


def _submitted(job: JobRecord, ctx: JobContext, ticket: Ticket) -> JobRecord:
    try:
        job = ctx.move(job, "submitted", ticket=ticket)
    except Busy:
        job = _caught_up(job, ctx, ticket)
    drop_request_id(job, ctx.journal)
    return job


def _caught_up(job: JobRecord, ctx: JobContext, ticket: Ticket) -> JobRecord:
    """The job of *ticket* after the journal's server was lost for a while: the answer to a commit may not have come;
    the claim was gone, and another process has entered what it saw; or a server took over that lacks the last commits.
    """
    current = ctx.journal.adopt(job)
    if current.ticket is None and current.state in UNSENT:
        facts = {"request": job.request, "stand_in": job.stand_in, "batch": job.batch}
        for state in SENDING[SENDING.index(current.state) + 1 :]:
            current = move(current, ctx.journal, state, "the journal had lost that it was sent", **facts)
    if current.ticket is None and current.state in ("submitting", "uncertain"):
        return ctx.move(current, "submitted", ticket=ticket)
    if current.ticket is None or current.ticket.request_id != ticket.request_id:
        raise Busy(f"another process has moved it to {current.state}")
    return current


def _recovery(job: JobRecord, request_id: str, note: Path | None) -> str:
    """How to come back to a job of whose request the journal does not know."""
    resume = f"'prep-and-submit resume {job.id}{'' if note else f' --request-id {request_id}'}' then fetches its video"
    bill = "Nothing is billed" if job.sandbox else "It may be billed"
    return f"{bill}; {resume}{f' ({note} has its request id)' if note else ''}"


class _Call:
    """A call in a thread of its own, so that the first Ctrl-C does not abort a request that may have left."""

    def __init__(self, call: Callable[[], Ticket]) -> None:
        self.interrupted = False
        self._future: Future[Ticket] = Future()
        self._done = threading.Event()
        run = copy_context().run
        threading.Thread(target=run, args=(self._run, call), name="submit", daemon=True).start()

    def _run(self, call: Callable[[], Ticket]) -> None:
        try:
            self._future.set_result(call())
        except BaseException as error:
            self._future.set_exception(error)
        self._done.set()

    def wait(self, progress: OnProgress, job_id: str) -> Ticket:
        """Return the ticket; the first Ctrl-C is remembered, the second one is raised."""
        while True:
            try:
                while not self._done.wait(TICK_S):
                    pass
                return self._future.result()
            except KeyboardInterrupt:
                if self.interrupted:
                    raise
                self.interrupted = True
                message = f"job {job_id} is being submitted; waiting for the answer (Ctrl-C again leaves it uncertain)"
                progress(Progress(stage="queue", message=message))

    @property
    def ticket(self) -> Ticket | None:
        """The ticket, if the call has returned one by now."""
        return self._future.result() if self._future.done() and self._future.exception() is None else None


def _webhook_with_job(webhook: str, job_id: str) -> str:
    if webhook.endswith(LEFT_OUT):
        raise UsageError(f"job {job_id}: its receipt leaves the webhook's URL out; run the whole job again")
    parts = urlsplit(webhook)
    # the receiver may check a signature over its query, which stays as it is
    query = f"{parts.query}{'&' if parts.query else ''}{JOB_PARAMETER}={job_id}"
    return urlunsplit(parts._replace(query=query))
