"""The library for jobs that exist: resume, status, cancel and jobs. Prints nothing."""

import os
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import partial
from typing import Literal, NamedTuple, overload

from prep.errors import Cancelled, PrepError, UsageError
from prep.model.progress import OnProgress, ignore
from prep.pricing.dollars import Dollars, dollars
from prep.telemetry import names
from prep.telemetry.spans import annotate, fail, traced
from prep.validation import expect_function
from submit.bucket_uploads import LIFETIMES_S, UploadFile, uploads_to
from submit.job import manage
from submit.job.context import EXPIRES, POLL_S, JobContext
from submit.job.defaults import default_platform
from submit.job.lookup import Entry, look_up, platform_for, sandbox_journal
from submit.job.manage import Status, consent_of, context_from_environment
from submit.job.messages import ended_with_sandbox
from submit.job.next_step import Decision, advance, refuse_other_account
from submit.job.remote.fetch import is_video_intact
from submit.job.remote.upload import TICK_S
from submit.job.submission import Result, deliver, interruptible
from submit.journal import JobRecord, JobState, Journal
from submit.journal.stand_in import can_be_asked, sandbox_ended
from submit.journal.states import OWED, STATES
from submit.journal.telemetry import job_facts
from submit.platform import SANDBOX_ACCOUNT, Platform, environment_account
from submit.request.offer import Confirm

RESUMED_AT_ONCE = 8


class Resumed(NamedTuple):
    """One job of `resume(all=True)`: its video, or the error that stands in its way."""

    job: str
    result: Result | None
    error: PrepError | None


@overload
def resume(
    job: str | os.PathLike[str] | None = None,
    *,
    all: Literal[False] = False,
    resubmit: bool = False,
    request_id: str | None = None,
    max_cost: Dollars | None = None,
    confirm: Confirm | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    uploader: UploadFile | None = None,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Result: ...
@overload
def resume(
    job: None = None,
    *,
    all: Literal[True],
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Resumed, ...]: ...
@traced(names.RESUME)
def resume(  # noqa: PLR0913  public: takes keyword options
    job: str | os.PathLike[str] | None = None,
    *,
    all: bool = False,  # noqa: A002
    resubmit: bool = False,
    request_id: str | None = None,
    max_cost: Dollars | None = None,
    confirm: Confirm | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    uploader: UploadFile | None = None,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Result | tuple[Resumed, ...]:
    """Continue *job* to its video. *job* is an id, the beginning of one, or a folder with a receipt; None: the latest
    on the real platform, or if there is none, the latest in a sandbox.

    A video that is there already is simply returned. A request that was certainly never sent is sent now, its files
    uploaded by *uploader* if that was used before, or to the bucket that was named then, once *confirm* has returned
    True for its offer (None agrees) and unless its price may exceed *max_cost* in USD. One that may have arrived is
    looked for on the platform, and sent again only with *resubmit*. *request_id* says where the job arrived; nothing is
    sent then. Raises UsageError when there is no such job, RefusedError when the caller does not agree, SubmitUncertain
    when it is not known whether it arrived, Refusal when it was refused, StillRunning after *timeout_s* seconds,
    RemoteError when the platform can't be asked.

    *all* continues every job whose request was sent, or may have been, and whose video was not downloaded. It sends
    nothing and pays nothing; jobs that were never sent are left alone. Returns one Resumed for each, the latest first.
    """
    expect_function(uploader=uploader)
    consent = consent_of(confirm, dollars("max_cost", max_cost))
    cancel = cancel or threading.Event()
    context = partial(JobContext, progress=progress or ignore, cancel=cancel, poll_s=poll_s, timeout_s=timeout_s)
    if all:
        if job is not None or resubmit or request_id is not None:
            raise UsageError("all: takes no job, `resubmit` or `request_id`; those are about one job")
        return _resume_all(state, platform, context, cancel)
    record, journal = look_up(job, state)
    if record.state == "downloaded" and is_video_intact(record):
        return deliver(record, record.folder)  # needs no key
    if record.sandbox and not journal.has(record.id):
        raise UsageError(ended_with_sandbox(record))
    platform = platform_for(record, platform)
    journal = Journal(journal.state)  # from here on it has to be writable
    expires = record.expires if record.expires in LIFETIMES_S else EXPIRES
    upload = uploads_to(None if uploader else record.upload_to, uploader, expires, sandbox=record.sandbox)
    ctx = context(platform, journal, upload=upload, expires=expires)
    annotate(job_facts(record))
    with interruptible(journal, record.id):
        record = advance(record, ctx, "downloaded", decision=Decision(resubmit, request_id, consent))
    annotate(job_facts(record))
    return deliver(record, record.folder)


@traced(names.STATUS)
def status(
    job: str | os.PathLike[str] | None = None,
    *,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
) -> Status:
    """Return the record of *job*, named as for `resume`, and what the platform says of one that is submitted.

    *platform* None is fal with the key in FAL_KEY; without a key nobody is asked. Raises UsageError when there is no
    such job, RemoteError when the platform can't be asked.
    """
    record, journal = look_up(job, state)
    ctx = JobContext(platform, journal) if platform else context_from_environment(journal)
    if record.sandbox and ctx and ctx.platform.account != SANDBOX_ACCOUNT:
        ctx = None  # the real platform has nothing to do with it
    if record.sandbox and platform is None and not can_be_asked(record):
        ctx = None  # nor has another sandbox
    return manage.status(record, journal, ctx)


@traced(names.CANCEL)
def cancel(
    job: str | os.PathLike[str],
    *,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
) -> JobRecord:
    """Cancel *job*, named as for `resume`, and return its record. One that has started may be finished, and billed.

    Raises UsageError when there is no such job or it can't be cancelled any more, RefusedError without a key for one
    that was sent, RemoteError when the platform can't be asked or is finished.
    """
    record, journal = look_up(job, state, writable=True)  # before the key: a job that does not exist needs none
    manage.refuse_to_cancel(record)
    return manage.cancel(record, journal, lambda: platform_for(record, platform))


def jobs(
    states: JobState | Collection[JobState] = (),
    *,
    state: str | os.PathLike[str] | None = None,
    sandbox: bool = False,
) -> tuple[JobRecord, ...]:
    """Return the records of the journal in the folder *state*, newest first; only those in *states*, if any.

    With *sandbox* those of the jobs that ran in a sandbox. Asks no platform. Raises UsageError for a state that does
    not exist.
    """
    names = (states,) if isinstance(states, str) else tuple(states)
    if unknown := [name for name in names if name not in STATES]:
        raise UsageError(f"no such state: {', '.join(unknown)}; choose from {', '.join(STATES)}")
    journal = sandbox_journal(state) if sandbox else Journal(state, writable=False)
    return journal.jobs(names) if journal else ()


def _resume_all(
    state: str | os.PathLike[str] | None,
    platform: Platform | None,
    context: Callable[[Platform, Journal], JobContext],
    cancel: threading.Event,
) -> tuple[Resumed, ...]:
    waiting = _waiting_jobs(state, platform)
    if not waiting:
        return ()  # needs no key
    asked = platform or default_platform()
    writable = {state: Journal(state) for state in {journal.state for _, journal in waiting}}
    with ThreadPoolExecutor(max_workers=RESUMED_AT_ONCE, thread_name_prefix="resume") as pool:
        futures = [
            pool.submit(copy_context().run, _resume_one, record, context(asked, writable[journal.state]))
            for record, journal in waiting
        ]
        try:
            _wait_for(futures)
        except BaseException as error:
            cancel.set()
            pool.shutdown(cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                raise Cancelled(STOPPED) from None
            raise
    if cancel.is_set():
        raise Cancelled(STOPPED)
    return tuple(future.result() for future in futures)


def _waiting_jobs(state: str | os.PathLike[str] | None, platform: Platform | None) -> tuple[Entry, ...]:
    """The jobs whose video is to come, also from the sandbox that the environment leads to, and their journals."""
    paid = Journal(state, writable=False)
    waiting = [Entry(job, paid) for job in paid.jobs(OWED) if not sandbox_ended(job)]
    if platform is None and environment_account() == SANDBOX_ACCOUNT and (sandbox := sandbox_journal(state)):
        waiting += [Entry(job, sandbox) for job in sandbox.jobs(OWED) if can_be_asked(job)]
    return tuple(waiting)


STOPPED = "stopped waiting; the jobs go on and may be billed. 'prep-and-submit resume --all' returns to them"


def _wait_for(futures: Collection["Future[Resumed]"]) -> None:
    while wait(futures, timeout=TICK_S).not_done:
        pass  # an endless wait can't be interrupted on Windows


@traced(names.RESUME)
def _resume_one(record: JobRecord, ctx: JobContext) -> Resumed:
    annotate(job_facts(record))
    try:
        refuse_other_account(record, ctx)
        record = advance(record, ctx, "downloaded")
        annotate(job_facts(record))
        return Resumed(record.id, deliver(record, record.folder), None)
    except PrepError as error:
        fail(error)
        return Resumed(record.id, None, error)
