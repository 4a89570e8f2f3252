"""The one step that costs: the journal says so before it and after it, and nothing repeats it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from prep.errors import Cancelled, UsageError
from prep.model.progress import Progress
from submit.errors import NotSent, Refusal, SubmitUncertain
from submit.job.context import Report, Setting
from submit.job.messages import doubt, explained, goes_on
from submit.job.upload import LOOK_S
from submit.journal import JobRecord
from submit.platform import Ticket

# The parameter of a webhook's URL that carries the job's id back.
JOB_PARAMETER = "prep_and_submit_job"


def send(job: JobRecord, setting: Setting, note: str = "", **facts: Any) -> JobRecord:
    """Send the request of *job*, whose claim the caller holds, once; the job is "submitted" then.

    Raises SubmitUncertain when it may have arrived, and NotSent or Refusal when it certainly was not taken: then it is
    "uploaded" again. Cancelled: it was interrupted, and is submitted all the same. UsageError, with the request id,
    when it was taken and the journal can't be written.
    """
    try:
        job = setting.move(job, "submitting", note, **facts)
    except BaseException as error:  # nothing has left: no doubt is to remain
        entered = setting.journal.get(job.id)
        if entered.state == "submitting":
            setting.move(entered, job.state, note=f"not sent: {type(error).__name__}")
        raise
    platform, arguments = setting.platform, job.request.arguments()
    webhook = _with_job(job.webhook, job.id) if job.webhook else None
    try:
        call = _Call(lambda: platform.submit(job.endpoint, arguments, webhook))
        ticket = call.to_its_end(setting.report, job.id)
    except (NotSent, Refusal) as error:
        setting.move(job, "uploaded", note=f"not taken: {error}")
        raise explained(error, job) if isinstance(error, Refusal) else error from error
    except SubmitUncertain as error:
        setting.move(job, "uncertain", note=str(error), hint=error.hint)
        raise doubt(job, str(error), error.hint) from error
    except BaseException as error:
        setting.move(job, "uncertain", note=f"broken off: {type(error).__name__}")
        if isinstance(error, KeyboardInterrupt):
            raise Cancelled(str(doubt(job, "broken off while it was sent"))) from None
        raise
    try:
        job = setting.move(job, "submitted", ticket=ticket)
    except UsageError as error:  # a full disk: then only this message knows the id
        raise UsageError(
            f"job {job.id} arrived as request {ticket.request_id}, which could not be written down: {error}. "
            f"Then 'prep-and-submit resume {job.id} --request-id {ticket.request_id}' fetches its video"
        ) from error
    setting.report(Progress(stage="queue", message=f"submitted as {ticket.request_id}"))
    if call.interrupted:
        raise Cancelled(goes_on(job))
    return job


class _Call:
    """*call* in a thread of its own: the first Ctrl-C does not break off what may have left, a second does."""

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

    def to_its_end(self, report: Report, job_id: str) -> Ticket:
        while not self._done.is_set():
            try:
                self._done.wait(LOOK_S)
            except KeyboardInterrupt:
                if self.interrupted:
                    raise
                self.interrupted = True
                told = f"job {job_id} is being submitted; waiting for the answer (Ctrl-C again leaves it uncertain)"
                report(Progress(stage="queue", message=told))
        return self._future.result()


def _with_job(webhook: str, job_id: str) -> str:
    parts = urlsplit(webhook)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), (JOB_PARAMETER, job_id)])
    return urlunsplit(parts._replace(query=query))
