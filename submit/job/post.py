"""The paid POST: the journal records it before and after, and nothing repeats it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from prep.errors import Cancelled, UsageError
from prep.model.progress import Progress
from submit.errors import NotSent, Refusal, SubmitUncertain
from submit.job.context import JobContext, OnProgress
from submit.job.messages import still_running, uncertain, with_findings
from submit.job.upload import TICK_S
from submit.journal import JobRecord
from submit.platform import Ticket

# The parameter of a webhook's URL that carries the job's id back.
JOB_PARAMETER = "prep_and_submit_job"


def post(job: JobRecord, ctx: JobContext, note: str = "", **facts: Any) -> JobRecord:
    """Send the request of *job*, whose claim the caller holds, once: the job becomes "submitted".

    Raises SubmitUncertain when it may have arrived, NotSent or Refusal when it was certainly not accepted and the job
    is "uploaded" again, Cancelled when it was interrupted but is submitted all the same, and UsageError, with the
    request id, when it was accepted and the journal can't be written.
    """
    try:
        job = ctx.move(job, "submitting", note, **facts)
    except BaseException as error:  # nothing was sent: leave no doubt
        entered = ctx.journal.get(job.id)
        if entered.state == "submitting":
            ctx.move(entered, job.state, note=f"not sent: {type(error).__name__}")
        raise
    platform, arguments = ctx.platform, job.request.arguments()
    webhook = _webhook_with_job(job.webhook, job.id) if job.webhook else None
    try:
        call = _Call(lambda: platform.submit(job.endpoint, arguments, webhook))
        ticket = call.wait(ctx.progress, job.id)
    except (NotSent, Refusal) as error:
        ctx.move(job, "uploaded", note=f"not accepted: {error}")
        raise with_findings(error, job) if isinstance(error, Refusal) else error from error
    except SubmitUncertain as error:
        ctx.move(job, "uncertain", note=str(error), hint=error.hint)
        raise uncertain(job, str(error), error.hint) from error
    except BaseException as error:
        ctx.move(job, "uncertain", note=f"interrupted: {type(error).__name__}")
        if isinstance(error, KeyboardInterrupt):
            raise Cancelled(str(uncertain(job, "interrupted while the request was being sent"))) from None
        raise
    try:
        job = ctx.move(job, "submitted", ticket=ticket)
    except UsageError as error:  # a full disk: then only this message has the id
        raise UsageError(
            f"job {job.id} arrived as request {ticket.request_id}, which could not be recorded: {error}. "
            f"Then 'prep-and-submit resume {job.id} --request-id {ticket.request_id}' fetches its video"
        ) from error
    ctx.progress(Progress(stage="queue", message=f"submitted as {ticket.request_id}"))
    if call.interrupted:
        raise Cancelled(still_running(job))
    return job


class _Call:
    """A call in a thread of its own, so that the first Ctrl-C does not abort a request that may have left."""

    def __init__(self, call: Callable[[], Ticket]) -> None:
        self.interrupted = False
        self._future: Future[Ticket] = Future()
        self._done = threading.Event()
        threading.Thread(target=self._run, args=(call,), name="submit", daemon=True).start()

    def _run(self, call: Callable[[], Ticket]) -> None:
        try:
            self._future.set_result(call())
        except BaseException as error:
            self._future.set_exception(error)
        self._done.set()

    def wait(self, progress: OnProgress, job_id: str) -> Ticket:
        """Return the ticket; the first Ctrl-C is remembered, the second one is raised."""
        while not self._done.is_set():
            try:
                self._done.wait(TICK_S)
            except KeyboardInterrupt:
                if self.interrupted:
                    raise
                self.interrupted = True
                message = f"job {job_id} is being submitted; waiting for the answer (Ctrl-C again leaves it uncertain)"
                progress(Progress(stage="queue", message=message))
        return self._future.result()


def _webhook_with_job(webhook: str, job_id: str) -> str:
    parts = urlsplit(webhook)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), (JOB_PARAMETER, job_id)])
    return urlunsplit(parts._replace(query=query))
