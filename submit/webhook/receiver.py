"""Receiver of webhooks: moves the journal on when the platform reports the end of a request, so that nobody polls.

    delivery = receive(request.headers, request.body)

What a webhook reports is asked for with the caller's own key, as polling does: the answer also has the bill, and the
reasons of a refusal. The signature only shows that the platform sent these bytes, for any of its users; the request id
in the journal ties them to a job. Needs the extra ``webhook``.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

from prep.aio import twin
from prep.errors import Busy, RefusedError, RemoteError
from prep.log import get_logger, logged_about
from prep.model.finding import Finding
from prep.model.value import Value
from prep.telemetry.names import WEBHOOK
from prep.telemetry.spans import annotate, traced
from submit.errors import Refusal, StillRunning
from submit.job.context import JobContext
from submit.job.defaults import default_platform, open_journal
from submit.job.next_step import advance, refuse_other_account
from submit.job.remote.poll import fetch_answer
from submit.journal import JobRecord, JobState
from submit.journal.states import OVER
from submit.journal.telemetry import job_facts
from submit.platform import Platform
from submit.webhook.signature import Notice, verify

Outcome = Literal["completed", "failed", "cancelled", "known", "busy", "unknown"]
ENDED: Mapping[JobState, Outcome] = {"completed": "completed", "failed": "failed", "cancelled": "cancelled"}
ANSWERED: tuple[JobState, ...] = ("completed", "downloaded")
# The platform repeats a webhook that was not answered with 2xx.
HTTP_STATUSES: Mapping[Outcome, int] = {"busy": 503, "unknown": 404}

logger = get_logger(__name__)


class Delivery(Value):
    """A genuine webhook, and what it did.

    *outcome* is the state that the job was moved to ("completed", "failed", "cancelled"), or says why nothing was
    done: "known", the journal had the end already; "busy", another process works on the job, and will see the end
    itself if it lives; "unknown", the request belongs to no job of this journal. *record* is the job as the journal
    has it now; None: unknown.
    """

    outcome: Outcome
    request_id: str
    record: JobRecord | None = None

    @property
    def job(self) -> str | None:
        """The id of the job."""
        return self.record.id if self.record else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The reasons of a refusal."""
        return self.record.failure.findings if self.record and self.record.failure else ()

    @property
    def http_status(self) -> int:
        """The status to answer the platform with: 200, or one that makes it send the webhook again."""
        return HTTP_STATUSES.get(self.outcome, 200)


@traced(WEBHOOK)
def receive(  # noqa: PLR0913  public: takes keyword options
    headers: Mapping[str, str],
    body: bytes,
    *,
    job: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    keys: Mapping[str, Any] | None = None,
    now: float | None = None,
) -> Delivery:
    """Verify a webhook, find its job in the journal, and record the answer to the request there: "completed" with its
    result, or "failed" or "cancelled" with findings.

    *headers*, *body*, *keys* and *now* are as for `verify`; the journal remembers what was received, so any number of
    processes may receive, and repeats change nothing. The video is not downloaded: `submit.resume` does that. The
    answer is fetched from the platform with the key in FAL_KEY (*platform* None). If that fails, the result in a
    webhook that reports success is recorded, since the platform may not keep it for long; a failure is not believed
    unasked. *job* is the parameter `prep_and_submit_job` of the URL, which is not signed: it only names an uncertain
    job to look for on the platform.

    Raises Unverified (answer 401), RemoteError when the keys or the answer can't be fetched (answer 503: the platform
    repeats the webhook), RefusedError without a key, and UsageError when the journal can't be used or the job was made
    with another key.
    """
    notice = verify(headers, body, keys=keys, seen=set(), now=now)
    platform = platform or default_platform()
    # a job that another process holds is not waited for
    ctx = JobContext(platform, open_journal(state, platform), timeout_s=0.0)
    delivery = _settle_uncertain(job, notice, ctx) if job else None
    if delivery is None:
        delivery = _record(notice, ctx)
    annotate(job_facts(delivery.record) if delivery.record else {})
    with logged_about(job=delivery.job):
        logger.info("webhook of request %s: %s", notice.request_id, delivery.outcome)
    return delivery


areceive = twin(receive)


def _record(notice: Notice, ctx: JobContext) -> Delivery:
    """Record the end of the request in the job that the journal knows it by."""
    request_id = notice.request_id
    job_id = ctx.journal.job_of_request(request_id)
    if job_id is None:
        return Delivery(outcome="unknown", request_id=request_id)
    try:
        with ctx.journal.claim(job_id):
            before = ctx.journal.get(job_id)
            refuse_other_account(before, ctx)
            after = _fetch(before, notice, ctx)
    except Busy:
        record = ctx.journal.get(job_id)
        ended = record.state in (*ANSWERED, *OVER)
        return Delivery(outcome="known" if ended else "busy", request_id=request_id, record=record)
    outcome = "known" if after.state == before.state else ENDED[after.state]
    return Delivery(outcome=outcome, request_id=request_id, record=after)


def _fetch(job: JobRecord, notice: Notice, ctx: JobContext) -> JobRecord:
    """Fetch the answer to the request of *job*, whose claim the caller holds, and return the job with it.

    A job that was refused or cancelled is asked about once more only if the platform now reports success.
    """
    if job.state in ANSWERED or (job.state in OVER and notice.status == "ERROR"):
        return job
    try:
        return fetch_answer(job, ctx)
    except Refusal:
        return ctx.journal.get(job.id)
    except RemoteError as error:
        result = _result_in(notice)
        if job.state in OVER or result is None:
            raise
        return ctx.move(job, "completed", f"from the webhook, because {error}", result=result)


def _result_in(notice: Notice) -> dict[str, Any] | None:
    """The result that a webhook carries, as the journal can keep it; None: there is no video in it."""
    from submit.fal.answers import storable

    video = notice.payload.get("video") if isinstance(notice.payload, dict) else None
    if notice.status != "OK" or not isinstance(video, dict) or not isinstance(video.get("url"), str):
        return None
    result: dict[str, Any] = storable(notice.payload)
    return result


def _settle_uncertain(job_id: str, notice: Notice, ctx: JobContext) -> Delivery | None:
    """Look for the request of an uncertain job now that it has ended, because the platform lists only such requests.

    Returns a delivery only if the job is still being sent; None: the webhook can be recorded like any other.
    """
    if not ctx.journal.has(job_id) or ctx.journal.job_of_request(notice.request_id):
        return None
    job = ctx.journal.get(job_id)
    if job.state not in ("submitting", "uncertain") or job.ticket is not None:
        return None
    refuse_other_account(job, ctx)
    try:
        with suppress(RefusedError):  # it turned out that it was not sent
            advance(job, ctx, "submitted")
    except StillRunning:
        return Delivery(outcome="busy", request_id=notice.request_id, record=job)
    return None
