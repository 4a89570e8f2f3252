"""Going on with a job from whatever state it is in: the one place that decides what comes next."""

from contextlib import ExitStack
from typing import Literal

from prep.errors import UsageError
from prep.media.io.files import sha256
from submit.errors import RefusedBefore, SubmitUncertain
from submit.job.context import Setting
from submit.job.identity import with_urls
from submit.job.poll import fetch, is_whole, wait_for
from submit.job.post import send
from submit.job.receipt import write_receipt
from submit.job.reconcile import reconciled
from submit.job.upload import Uploading
from submit.journal import JobRecord
from submit.request.build import Request

Until = Literal["submitted", "downloaded"]


def carry_on(
    job: JobRecord,
    setting: Setting,
    until: Until,
    *,
    resubmit: bool = False,
    request_id: str | None = None,
    uploading: Uploading | None = None,
) -> JobRecord:
    """Bring *job* as far as *until*, holding its claim. What may have arrived is sent only with *resubmit*.

    *uploading* has begun with its files already. Raises Busy when another process holds the job, RefusedBefore when the
    platform has refused it earlier, UsageError when it was cancelled, and what each step raises.
    """
    with setting.journal.claim(job.id), ExitStack() as stack:
        job = setting.journal.get(job.id)
        if job.folder.is_dir():
            write_receipt(job)  # whoever was at work on it may have died between the journal and the receipt
        if uploading is None:
            uploading = stack.enter_context(Uploading(setting))
        urls_checked = False
        while True:
            match job.state:
                case "uploaded" if urls_checked:
                    try:
                        job = send(job, setting)
                    except SubmitUncertain as error:
                        if error.hint is None:
                            raise
                        job = setting.journal.get(job.id)  # the answer had a request id: that can be asked for
                case "prepared" | "uploaded":
                    _refuse_other_account(job, setting)
                    job = setting.move(job, "uploaded", request=_with_fresh_urls(job, uploading))
                    urls_checked = True
                case "submitting":  # we hold the claim: whoever was sending it is gone
                    job = setting.move(job, "uncertain", note="its process ended while it was being sent")
                case "uncertain":
                    job = _settled(job, setting, resubmit, request_id, uploading)
                case "submitted" | "completed" | "downloaded" if until == "submitted":
                    return job
                case "submitted":
                    job = wait_for(job, setting)
                case "completed":
                    job = fetch(job, setting)
                case "downloaded" if is_whole(job):
                    return job
                case "downloaded":
                    job = setting.move(job, "completed", note="its video was gone, or not what was downloaded")
                case "failed":
                    raise _refused_before(job)
                case "cancelled":
                    raise UsageError(f"job {job.id} was cancelled; run it again to make a new one")


def _settled(
    job: JobRecord, setting: Setting, resubmit: bool, request_id: str | None, uploading: Uploading
) -> JobRecord:
    """An uncertain job that is found, or, with *resubmit*, sent again after it was looked for once more."""
    try:
        return reconciled(job, setting, request_id)
    except SubmitUncertain:
        if not resubmit:
            raise
    _refuse_other_account(job, setting)
    return send(job, setting, "sent again on request", request=_with_fresh_urls(job, uploading))


def _with_fresh_urls(job: JobRecord, uploading: Uploading) -> Request:
    """The request with URLs that work now. Raises UsageError when the prepared files are not what they were."""
    files = tuple(file for file in job.files if file.url is None)
    for file in files:
        path = job.folder / file.name
        try:
            same = sha256(path) == file.sha256
        except OSError:
            same = False
        if not same:
            raise UsageError(f"{path}: it is gone, or has changed since it was prepared; run the whole job again")
    return with_urls(job, uploading.all(job.folder, files))


def _refuse_other_account(job: JobRecord, setting: Setting) -> None:
    if job.account != setting.platform.account:
        raise UsageError(f"job {job.id} was made with another key; use that one, or run the whole job again")


def _refused_before(job: JobRecord) -> RefusedBefore:
    if job.failure is None:
        return RefusedBefore(f"job {job.id}: refused", ())
    return RefusedBefore(f"job {job.id}: {job.failure.message}", job.failure.findings)
