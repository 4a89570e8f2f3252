"""From a request id to a video on disk. The job itself is never stopped by anything here."""

import time
from collections.abc import Callable
from typing import TypeVar

from prep.errors import Cancelled, RemoteError, UsageError
from prep.media.io.files import sha256
from prep.model.progress import Progress
from submit.errors import Hopeless, Refusal, StillRunning
from submit.job.context import Report, Setting
from submit.job.messages import explained, goes_on
from submit.job.retry import retried
from submit.journal import Failure, JobRecord, Video
from submit.platform import GONE, Answer, State, Ticket

T = TypeVar("T")


def wait_for(job: JobRecord, setting: Setting) -> JobRecord:
    """Look at the queue until the request is completed, and fetch the answer: the job is "completed" then.

    Raises Refusal when it was refused ("failed", or "cancelled"), StillRunning when the time is over, Cancelled when
    *cancel* is set, RemoteError when the platform can't be asked.
    """
    ticket, seen = ticket_of(job), 0
    deadline = None if setting.timeout_s is None else time.monotonic() + setting.timeout_s
    while True:
        state = _asked(job, setting, lambda: setting.platform.state(job.endpoint, ticket.request_id))
        seen = _tell(state, seen, setting.report)
        if state.status == "completed":
            return answered(job, setting)
        left_s = setting.poll_s if deadline is None else min(setting.poll_s, deadline - time.monotonic())
        if left_s <= 0:
            raise StillRunning(goes_on(job))
        if setting.cancel.wait(left_s):
            raise Cancelled(goes_on(job))


def answered(job: JobRecord, setting: Setting) -> JobRecord:
    """Fetch the answer of a request that the platform calls completed."""
    ticket = ticket_of(job)
    try:
        answer: Answer = _asked(job, setting, lambda: setting.platform.result(job.endpoint, ticket.request_id))
    except Refusal as error:
        told = explained(error, job)
        cancelled = error.error_type == "client_cancelled"
        failure = Failure(message=str(told), findings=told.findings)
        setting.move(job, "cancelled" if cancelled else "failed", failure=failure)
        raise told from error
    return setting.move(job, "completed", result=answer.body, billed_units=answer.billed_units)


def fetch(job: JobRecord, setting: Setting) -> JobRecord:
    """Download the video of a completed job into its folder."""
    video = (job.result or {}).get("video")
    url = video.get("url") if isinstance(video, dict) else None
    if not isinstance(url, str):
        raise RemoteError(f"job {job.id}: the answer names no video; 'prep-and-submit status {job.id} --json' shows it")
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{job.folder}: can't be made: {error.strerror}; the video is at {url}") from error
    target = job.folder / f"result-{job.id}.mp4"

    def told(size: int, of: int) -> None:
        if setting.cancel.is_set():
            raise Cancelled(f"stopped downloading; 'prep-and-submit result {job.id}' fetches the video")
        part = size / of if of else 0.0
        setting.report(Progress(stage="download", label=target.name, part=part, bytes=size, of_bytes=of))

    told(0, 0)
    announced = video.get("file_size") if isinstance(video, dict) else None
    size = announced if isinstance(announced, int) else None
    retried(lambda: setting.platform.download(url, target, size, told), setting.cancel)
    come = target.stat().st_size
    setting.report(Progress(stage="download", label=target.name, part=1.0, bytes=come, of_bytes=come))
    return setting.move(job, "downloaded", video=Video(path=target.name, sha256=sha256(target), bytes=come))


def is_whole(job: JobRecord) -> bool:
    """Whether the video of a downloaded job is still in its folder, as it was downloaded."""
    if job.video is None:
        return False
    try:
        return sha256(job.folder / job.video.path) == job.video.sha256
    except OSError:
        return False


def ticket_of(job: JobRecord) -> Ticket:
    if job.ticket is None:
        raise UsageError(f"job {job.id} has no request id")
    return job.ticket


def _asked(job: JobRecord, setting: Setting, call: Callable[[], T]) -> T:
    """What *call* returns; the platform is asked again when it does not answer, or does not know the request (yet)."""

    def once() -> T:
        try:
            return call()
        except Refusal as error:
            if error.status_code in GONE:
                raise _Gone(str(error)) from error
            raise

    try:
        return retried(once, setting.cancel)
    except (_Gone, Hopeless) as error:
        raise RemoteError(
            f"job {job.id}: the platform no longer has request {ticket_of(job).request_id}, or this key is of another "
            "account. Results are kept for about an hour; your dashboard may still show it. "
            "'prep-and-submit run --again' would generate, and pay for, another one"
        ) from error
    except Refusal:
        raise
    except RemoteError as error:
        raise RemoteError(f"{error}. Job {job.id} goes on; 'prep-and-submit result {job.id}' fetches it") from error


class _Gone(RemoteError):
    pass


def _tell(state: State, seen: int, report: Report) -> int:
    if state.status == "queued":
        report(Progress(stage="queue", message=f"in the queue, {state.position} ahead"))
    for line in state.logs[seen:]:
        report(Progress(stage="generate", message=line))
    return max(seen, len(state.logs))
