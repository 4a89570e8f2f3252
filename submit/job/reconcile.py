"""Finding out whether a request arrived of which no answer came back."""

from datetime import timedelta
from typing import Any

from prep.errors import RemoteError, UsageError
from prep.model.progress import Progress
from prep.model.redact import shown
from submit.errors import Refusal
from submit.job.context import Setting
from submit.job.messages import doubt
from submit.job.retry import retried
from submit.journal import JobRecord
from submit.platform import GONE, REQUEST_ID, Ticket

# Clocks differ.
EARLIER = timedelta(minutes=5)


def reconciled(job: JobRecord, setting: Setting, request_id: str | None = None) -> JobRecord:
    """An uncertain *job*, "submitted" when its request is found on the platform.

    *request_id* is what somebody found in the dashboard or was told by a webhook; it must be known to the platform.
    Raises SubmitUncertain, saying what was looked at, when it is not found: that proves nothing. UsageError when
    *request_id* is that of another job, RemoteError when the platform can't be asked for a request that it named.
    """
    if request_id is not None:
        if not REQUEST_ID.fullmatch(request_id):
            raise UsageError(f"{shown(request_id)}: not a request id")
        if (other := setting.journal.job_of_request(request_id)) is not None:
            raise UsageError(f"{shown(request_id)} is the request of job {other.id}; look for that of job {job.id}")
        setting.platform.state(job.endpoint, request_id)
        return _found(job, setting, request_id, "named by its request id")
    try:
        if job.hint is not None and _is_known(job, setting, job.hint):
            return _found(job, setting, job.hint, "the doubtful answer had its request id")
    except RemoteError as error:
        raise RemoteError(
            f"job {job.id}: it may have arrived as request {job.hint}, and {error}. It was not sent again, since that "
            f"could pay twice; 'prep-and-submit resume {job.id}' asks again"
        ) from error
    since = (job.reached("submitting") or job.created_at) - EARLIER
    try:
        for item in setting.platform.listed(job.endpoint, since):
            theirs = item.arguments is not None and _same(job.request.arguments(), item.arguments)
            if theirs and setting.journal.job_of_request(item.request_id) is None:
                return _found(job, setting, item.request_id, "in the platform's list of requests")
    except RemoteError as error:
        raise doubt(job, f"it is not known whether it arrived, and {error}") from error
    raise doubt(
        job,
        "it is not known whether it arrived. The platform lists no finished request like it; "
        "one that still runs is not listed",
    )


def _found(job: JobRecord, setting: Setting, request_id: str, how: str) -> JobRecord:
    ticket: Ticket = setting.platform.ticket(job.endpoint, request_id)
    job = setting.move(job, "submitted", note=how, ticket=ticket)
    setting.report(Progress(stage="queue", message=f"job {job.id} did arrive, as {request_id}: {how}"))
    return job


def _is_known(job: JobRecord, setting: Setting, request_id: str) -> bool:
    """Whether the platform knows that request. Raises RemoteError when it can't be asked: then nothing is sent again,
    whatever was asked for.
    """
    try:
        retried(lambda: setting.platform.state(job.endpoint, request_id), setting.cancel)
    except Refusal as error:
        if error.status_code in GONE:
            return False
        raise
    return True


def _same(sent: dict[str, Any], listed: dict[str, Any]) -> bool:
    """The platform may fill in what was not said."""
    return all(listed.get(key) == value for key, value in sent.items())
