"""Fetching the video of a completed job."""

import os
from itertools import count
from pathlib import Path
from typing import Any

from prep.errors import Cancelled, RemoteError, UsageError
from prep.log import get_logger
from prep.media.io.files import sha256
from prep.model.progress import Progress
from prep.model.redact import shown
from prep.telemetry.names import DOWNLOAD, FILE_SIZE
from prep.telemetry.spans import annotate, traced
from submit.errors import SizeDiffers
from submit.job.context import JobContext
from submit.job.messages import owed
from submit.job.remote.retry import retry
from submit.journal import JobRecord, Video

logger = get_logger(__name__)


@traced(DOWNLOAD)
def download_video(job: JobRecord, ctx: JobContext) -> JobRecord:
    """Download the video into the job's folder, unless it is there again: the job becomes "downloaded"."""
    if is_video_intact(job):  # the platform may not have it any more
        return ctx.move(job, "downloaded", note="the video is here again")
    url = job.video_url
    if url is None:
        raise RemoteError(f"job {job.id}: the answer names no video; 'prep-and-submit status {job.id} --json' shows it")
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{job.folder}: can't be created: {error.strerror}; the video is at {shown(url)}") from error
    target = place_of_video(job, job.folder)

    def report(size: int, total: int) -> None:
        if ctx.cancel.is_set():
            raise Cancelled(f"stopped downloading; 'prep-and-submit result {job.id}' fetches the video")
        part = size / total if total else 0.0
        ctx.progress(Progress(stage="download", label=target.name, part=part, bytes=size, of_bytes=total))

    report(0, 0)
    announced = job.answered_video.get("file_size")
    size_bytes = announced if type(announced) is int and announced > 0 else None
    try:
        try:
            retry(lambda: ctx.platform.download(url, target, size_bytes, report), ctx.cancel)
        except SizeDiffers as error:  # half of it, or the answer is wrong: what comes whole once more is kept
            logger.warning("%s", error)
            ctx.progress(Progress(stage="download", label=target.name, message=f"{error}; downloading it once more"))
            retry(lambda: ctx.platform.download(url, target, None, report), ctx.cancel)
    except RemoteError as error:
        raise type(error)(f"{error}; {owed(job)}") from error
    try:
        size, digest = target.stat().st_size, sha256(target)
    except OSError as error:
        raise UsageError(f"{target}: can't be read: {error.strerror}; {owed(job)}") from error
    annotate({FILE_SIZE: size})
    ctx.progress(Progress(stage="download", label=target.name, part=1.0, bytes=size, of_bytes=size))
    video_file = Video(path=target.name, sha256=digest, bytes=size)
    return ctx.move(job, "downloaded", video=video_file, **_late_bill(job, ctx))


def _late_bill(job: JobRecord, ctx: JobContext) -> dict[str, Any]:
    """The bill of a job whose answer had none: the platform states it some seconds late, and never in a webhook."""
    if job.billed_units is not None or job.ticket is None:
        return {}
    try:
        return {"billed_units": ctx.platform.result(job.endpoint, job.ticket.request_id).billed_units}
    except RemoteError:  # the video is here; the bill is not worth another attempt
        return {}


def place_of_video(job: JobRecord, folder: Path) -> Path:
    """Where the video goes in *folder*. Once it was downloaded, a file of that name that differs is the user's, who may
    have edited it.
    """
    path, numbers = folder / f"result-{job.id}.mp4", count(2)
    while job.video and os.path.lexists(path) and not _is_whole(path, job.video):
        path = folder / f"result-{job.id}-{next(numbers)}.mp4"
    return path


def is_video_intact(job: JobRecord) -> bool:
    """Return whether the video is still in the job's folder, as it was downloaded."""
    return job.video is not None and _is_whole(job.folder / job.video.path, job.video)


def _is_whole(path: Path, video: Video) -> bool:
    try:
        return sha256(path) == video.sha256
    except OSError:
        return False
