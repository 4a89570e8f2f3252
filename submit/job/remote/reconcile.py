"""Reconciliation: finding out whether a request arrived that got no answer."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from prep.errors import RemoteError, UsageError
from prep.model.progress import Progress
from prep.model.redact import shown, without_secrets
from prep.telemetry.names import RECONCILE
from prep.telemetry.spans import traced
from submit.errors import Hopeless, TakenRequest, Unasked, UnknownRequest
from submit.job.context import JobContext
from submit.job.messages import uncertain
from submit.job.remote.request_note import drop_request_id, load_request_id
from submit.job.remote.retry import retry
from submit.journal import JobRecord
from submit.platform import REQUEST_ID

CLOCK_SKEW = timedelta(hours=2)  # a clock that is set for another time zone, or an hour wrong in summer


@traced(RECONCILE)
def reconcile(job: JobRecord, ctx: JobContext, request_id: str | None = None) -> JobRecord:
    """Find the request of *job*, which is uncertain or named by *request_id*: the job becomes "submitted".

    *request_id* comes from the user's dashboard or webhook; the platform must know it. Raises SubmitUncertain when
    nothing is found, which proves nothing; Unasked when the platform can't list its requests now; TakenRequest when
    *request_id* belongs to another job; RemoteError when the platform can't be asked for a request that it named.
    """
    if request_id is not None:
        if not REQUEST_ID.fullmatch(request_id):
            raise UsageError(f"{shown(request_id)}: not a request id")
        ctx.platform.state(job.endpoint, request_id)
        return _adopt_request(job, ctx, request_id, "named by its request id")
    hint = None
    try:
        for hint in filter(None, (load_request_id(job, ctx.journal), job.hint)):  # the latest first
            with suppress(TakenRequest):  # an equal job has found it first
                if _is_known(job, ctx, hint):
                    return _adopt_request(job, ctx, hint, "the answer had its request id")
    except RemoteError as error:
        raise RemoteError(
            f"job {job.id}: it may have arrived as request {hint}, and {error}. It was not sent again, because "
            f"that could pay twice; 'prep-and-submit resume {job.id}' asks again"
        ) from error
    since = min(job.sent_at or job.created_at, datetime.now(UTC)) - CLOCK_SKEW  # the clock may have been put back
    try:
        for item in ctx.platform.list_requests(job.endpoint, since):
            if item.arguments is not None and _is_same(job.request.arguments(), item.arguments):
                with suppress(TakenRequest):
                    return _adopt_request(job, ctx, item.request_id, "in the platform's list of requests")
    except Hopeless as error:  # this key may not read the list
        raise uncertain(job, f"it is not known whether it arrived, and {error}") from error
    except RemoteError as error:
        raise Unasked(
            f"job {job.id}: it may have arrived, and {error}. It was not sent again, because that could pay twice; "
            f"'prep-and-submit resume {job.id}' asks again"
        ) from error
    raise uncertain(
        job,
        "it is not known whether it arrived. The platform lists no finished request like it; "
        "requests that still run are not listed",
    )


def _adopt_request(job: JobRecord, ctx: JobContext, request_id: str, reason: str) -> JobRecord:
    ticket = ctx.platform.ticket(job.endpoint, request_id)
    job = ctx.move(job, "submitted", note=reason, ticket=ticket, untaken=True)
    drop_request_id(job, ctx.journal)
    ctx.progress(Progress(stage="queue", message=f"job {job.id} did arrive, as {request_id}: {reason}"))
    return job


def _is_known(job: JobRecord, ctx: JobContext, request_id: str) -> bool:
    """Return whether the platform knows that request. Raises RemoteError when it can't be asked: then nothing is sent
    again, whatever the user decided.
    """
    try:
        retry(lambda: ctx.platform.state(job.endpoint, request_id), ctx.cancel)
    except UnknownRequest:
        return False
    return True


def _is_same(sent: dict[str, Any], listed: dict[str, Any]) -> bool:
    """The platform may fill in defaults that were not sent, and a receipt has no secrets of URLs."""
    return all(_comparable(listed.get(key)) == _comparable(value) for key, value in sent.items())


def _comparable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [without_secrets(item) if isinstance(item, str) else item for item in value]
    return value
