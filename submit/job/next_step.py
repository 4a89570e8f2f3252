"""Decides what is done next with a job, by its state, and never sends one again that the platform has accepted.

The table STEPS has the step for each state; `advance` takes one after the other while it holds the job's claim.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from prep.errors import Busy, PrepError, RefusedError, RemoteError, UsageError
from prep.execution.lock import claimed
from prep.log import logged_about
from prep.media.io.files import sha256
from prep.model.redact import shown
from prep.telemetry.names import JOB_STATE, UPLOAD
from prep.telemetry.spans import annotate, span
from submit.errors import JOURNAL_ERRORS, NotSent, Refusal, RefusedBefore, ResultUnavailable, SubmitUncertain, Unasked
from submit.job.claim import claim
from submit.job.context import JobContext
from submit.job.identity import request_with_urls
from submit.job.messages import not_submitted, owed, run_again, still_uncertain
from submit.job.receipt import write_receipt
from submit.job.remote.fetch import download_video, is_video_intact
from submit.job.remote.poll import fetch_answer_again, poll
from submit.job.remote.post import post
from submit.job.remote.reconcile import reconcile
from submit.job.remote.upload import Uploader
from submit.journal import JobRecord, JobState
from submit.request.build import Request

# Uploads that are reused have at least a quarter of an hour left.
STALE_S = 600.0
Until = Literal["submitted", "completed", "downloaded"]


def _refuse(job: JobRecord) -> None:
    raise RefusedError(f"not agreed to; job {job.id} was not sent")


class Decision(NamedTuple):
    """The user's decisions. *resubmit*: send a job again that may have arrived; *request_id*: where the job arrived, so
    that nothing is sent.

    *agree* is called before a job is sent, and raises RefusedError if it must not be. By default nothing is sent: a job
    that another process was sending may turn out not to be.
    """

    resubmit: bool = False
    request_id: str | None = None
    agree: Callable[[JobRecord], None] = _refuse


SEND_NOTHING = Decision()


@dataclass(frozen=True)
class Attempt:
    """One attempt to advance a job: everything a step needs beside the job."""

    ctx: JobContext
    uploader: Uploader
    decision: Decision
    holds_folder: bool


def advance(
    job: JobRecord,
    ctx: JobContext,
    until: Until,
    *,
    uploader: Uploader | None = None,
    decision: Decision = SEND_NOTHING,
) -> JobRecord:
    """Advance *job* to *until* while holding its claim, or wait until another process has done so.

    A request that may have arrived is never sent again unasked. *uploader*, of a caller that holds the folder, may have
    started with its files. Raises RefusedBefore when the platform refused it earlier, UsageError when it was cancelled,
    and whatever its steps raise.
    """
    with ExitStack() as stack, _saying_what_is_owed(job):
        stack.enter_context(logged_about(job=job.id))
        job, held = stack.enter_context(claim(job.id, ctx, lambda job: _has_reached(job, until)))
        if not held:
            return job
        _refuse_other_request(job, decision.request_id)
        if job.folder.is_dir():
            write_receipt(job)  # an earlier process may have died between the journal and the receipt
        attempt = Attempt(ctx, uploader or stack.enter_context(Uploader(ctx)), decision, uploader is not None)
        while not _has_reached(job, until):
            job = STEPS[job.state](job, attempt)
            annotate({JOB_STATE: job.state})
            if job.state == "downloaded":  # whole a moment ago; another program may move it as soon as it is there
                break
        return job


@contextmanager
def _saying_what_is_owed(job: JobRecord) -> Iterator[None]:
    """Add to an error about the journal or a folder that the platform has *job* all the same."""
    try:
        yield
    except JOURNAL_ERRORS as error:
        if job.state in ("submitted", "completed") and not isinstance(error, Busy):
            error.args = (f"{error}; {owed(job)}",)
        raise


def _has_reached(job: JobRecord, until: Until) -> bool:
    if until == "submitted":
        return job.state in ("submitted", "completed", "downloaded")
    if until == "completed":
        return job.state in ("completed", "downloaded")
    return job.state == "downloaded" and is_video_intact(job)


def _refuse_other_request(job: JobRecord, request_id: str | None) -> None:
    """Raise UsageError when *job* is known to be another request than the one that the user names."""
    if request_id is not None and job.ticket and job.state != "uncertain" and job.ticket.request_id != request_id:
        raise UsageError(f"job {job.id} is request {job.ticket.request_id}, not {shown(request_id)}")


def _submit(job: JobRecord, attempt: Attempt) -> JobRecord:
    refuse_other_account(job, attempt.ctx)
    if attempt.decision.request_id is not None:  # the journal may have lost that it was sent
        return reconcile(job, attempt.ctx, attempt.decision.request_id)
    attempt.decision.agree(job)
    with attempt.ctx.turn.uploading(), span(UPLOAD):
        job = _upload(job, attempt)
    since = time.monotonic()
    attempt.ctx.turn.before_post()
    if time.monotonic() - since > STALE_S:  # a URL may have expired meanwhile
        with Uploader(attempt.ctx) as uploader, span(UPLOAD):
            job = _upload(job, replace(attempt, uploader=uploader))
    try:
        return post(job, attempt.ctx)
    except NotSent as error:
        error.args = (f"{error}\n{not_submitted(job)}",)
        raise
    except SubmitUncertain as error:
        if error.hint is None:
            raise
        return attempt.ctx.journal.get(job.id)  # the answer had a request id: reconcile with that


def _upload(job: JobRecord, attempt: Attempt) -> JobRecord:
    try:
        request = _request_with_fresh_urls(job, attempt)
    except RemoteError as error:
        attempt.ctx.move(job, job.state, note=str(error))
        error.args = (f"{error}\n{not_submitted(job)}",)
        raise
    return attempt.ctx.move(job, "uploaded", request=request)


def _mark_uncertain(job: JobRecord, attempt: Attempt) -> JobRecord:
    """We hold the claim, so the process that was sending the request is gone."""
    return attempt.ctx.move(job, "uncertain", note="its process ended while the request was being sent")


def _settle(job: JobRecord, attempt: Attempt) -> JobRecord:
    """Find an uncertain job on the platform; if it is not there, send it again, but only when the user decided so.

    One with a ticket did arrive, and only its answer is missing: it is never sent again.
    """
    if job.ticket is not None and attempt.decision.request_id is None:
        return fetch_answer_again(job, attempt.ctx)
    try:
        return reconcile(job, attempt.ctx, attempt.decision.request_id)
    except SubmitUncertain as error:
        if isinstance(error, Unasked) or not attempt.decision.resubmit:
            raise
    refuse_other_account(job, attempt.ctx)
    attempt.decision.agree(job)
    request = _request_with_fresh_urls(job, attempt)
    try:
        return post(job, attempt.ctx, "sent again on request", request=request)
    except (NotSent, Refusal) as error:
        error.args = (f"{error}\n{still_uncertain(job)}",)
        raise


def _download_again(job: JobRecord, attempt: Attempt) -> JobRecord:
    return attempt.ctx.move(job, "completed", note="the video was gone or had changed")


def _ask_failed(job: JobRecord, attempt: Attempt) -> JobRecord:
    message, findings = (job.failure.message, job.failure.findings) if job.failure else ("refused", ())
    return _ask_once_more(
        job, attempt, RefusedBefore(f"job {job.id}: {message}; {run_again(job)} submits it as a new job", findings)
    )


def _ask_cancelled(job: JobRecord, attempt: Attempt) -> JobRecord:
    hint = f"{run_again(job)} submits it as a new job" if job.ticket else "run it again to make a new one"
    return _ask_once_more(job, attempt, UsageError(f"job {job.id} was cancelled; {hint}"))


def _ask_once_more(job: JobRecord, attempt: Attempt, otherwise: PrepError) -> JobRecord:
    """Ask for the answer of a job that is over; raise *otherwise* when there is none."""
    if job.ticket is None:
        raise otherwise
    try:
        return fetch_answer_again(job, attempt.ctx)
    except (Refusal, ResultUnavailable) as error:
        raise otherwise from error


STEPS: Mapping[JobState, Callable[[JobRecord, Attempt], JobRecord]] = {
    "prepared": _submit,
    "uploaded": _submit,
    "submitting": _mark_uncertain,
    "uncertain": _settle,
    "submitted": lambda job, attempt: poll(job, attempt.ctx),
    "completed": lambda job, attempt: download_video(job, attempt.ctx),
    "downloaded": _download_again,
    "failed": _ask_failed,
    "cancelled": _ask_cancelled,
}


def _request_with_fresh_urls(job: JobRecord, attempt: Attempt) -> Request:
    """The request with URLs that work now. Raises UsageError when a prepared file is missing or has changed, and Busy
    when another process works in its folder, on another job.
    """
    with ExitStack() as stack:
        if not attempt.holds_folder and job.folder.is_dir():
            stack.enter_context(claimed(job.folder))
        return _uploaded(job, attempt.uploader)


def _uploaded(job: JobRecord, uploader: Uploader) -> Request:
    files = tuple(file for file in job.files if file.url is None)
    if files and job.own_uploads and uploader.is_platform:
        raise UsageError(f"job {job.id}: its files are uploaded by a function of yours; name it as `uploader`")
    for file in files:
        path = job.folder / file.name
        try:
            unchanged = sha256(path) == file.sha256
        except OSError:
            unchanged = False
        if not unchanged:
            raise UsageError(f"{path}: missing, or changed since it was prepared; run the whole job again")
    return request_with_urls(job, uploader.urls(job.folder, files))


def refuse_other_account(job: JobRecord, ctx: JobContext) -> None:
    """Raise UsageError unless *job* belongs to the account of the key."""
    if job.account != ctx.platform.account:
        raise UsageError(f"job {job.id} was made with another key; use that one, or run the whole job again")
