"""Looking at jobs, stopping them, and forgetting them."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from prep.errors import Busy, RefusedError, RemoteError, UsageError
from submit.errors import Refusal, StillRunning
from submit.job.context import Setting
from submit.job.poll import answered, ticket_of, wait_for
from submit.job.receipt import RECEIPT, read_receipt
from submit.journal import JobRecord, Journal
from submit.journal.states import OWED, UNSENT
from submit.platform import State

CANCEL_TAKES_S = 15.0


class Status(NamedTuple):
    """*remote* is what the platform says now, None where it was not asked; *busy*: a process is at work on it."""

    job: JobRecord
    remote: State | None
    busy: bool


def find(asked: str | os.PathLike[str] | None, journal: Journal) -> JobRecord:
    """The job with that id, or its beginning; that of the receipt in that folder; None: the latest.

    Raises UsageError when there is none, or more than one.
    """
    if asked is None:
        jobs = journal.jobs()
        if not jobs:
            raise UsageError("there is no job in the journal yet")
        return jobs[0]
    folder = Path(asked)
    if not (isinstance(asked, os.PathLike) or os.sep in str(asked) or folder.is_dir()):
        return journal.get(str(asked))
    receipt = read_receipt(folder)
    if receipt is None:
        raise UsageError(f"{folder / RECEIPT}: no such file; 'prep-and-submit jobs' lists the jobs that are known")
    with suppress(UsageError):
        return journal.get(receipt.id)
    if receipt.state in UNSENT:  # only the journal could tell that it was not sent since
        raise UsageError(f"{folder / RECEIPT}: nothing was submitted from there as far as it says; run the job again")
    return journal.adopt(receipt.model_copy(update={"folder": folder.absolute()}))


def look(job: JobRecord, journal: Journal, setting: Setting | None) -> Status:
    """How *job* stands; the platform is asked when *setting* is given and the job is there."""
    try:
        with journal.claim(job.id):
            job = journal.get(job.id)
            if job.state == "submitting":
                job = journal.move(job, "uncertain", note="its process ended while it was being sent")
            if setting is None or job.state != "submitted":
                return Status(job, None, busy=False)
            remote = setting.platform.state(job.endpoint, ticket_of(job).request_id)
            if remote.status == "completed":
                with suppress(Refusal):
                    answered(job, setting)
            return Status(journal.get(job.id), remote, busy=False)
    except Busy:
        return Status(journal.get(job.id), None, busy=True)


def cancel(job: JobRecord, setting: Setting) -> JobRecord:
    """Stop *job* as far as that can be done; what is returned says how it stands.

    A request that works already may be finished, and billed, all the same. Raises Busy when a living process is at
    work on it before it was submitted, UsageError when it is over or uncertain.
    """
    if job.state in UNSENT:
        with setting.journal.claim(job.id):
            job = setting.journal.get(job.id)
            if job.state in UNSENT:  # still, now that nobody else can send it
                return setting.move(job, "cancelled", note="before it was sent")
    if job.state != "submitted":
        raise UsageError(f"job {job.id} is {job.state}; only what is on its way can be cancelled")
    if not setting.platform.cancel(job.endpoint, ticket_of(job).request_id):
        raise RemoteError(
            f"job {job.id} was done before it could be cancelled; 'prep-and-submit result {job.id}' fetches its video"
        )
    with suppress(Refusal, StillRunning, Busy), setting.journal.claim(job.id):  # Busy: who waits for it will see
        job = setting.journal.get(job.id)
        if job.state == "submitted":  # whoever waited for it may have seen its end first
            wait_for(job, setting.waiting(None, CANCEL_TAKES_S))
    return setting.journal.get(job.id)


def forget(job: JobRecord, journal: Journal, *, sure: bool = False) -> None:
    """Take *job* out of the journal; its files stay. Raises UsageError, unless *sure*, when it may have been paid for
    and its video is not here.
    """
    with journal.claim(job.id):
        if journal.get(job.id).state in OWED and not sure:
            raise UsageError(
                f"job {job.id} may have been paid for, and its video was not fetched; "
                f"'prep-and-submit forget {job.id} --yes' forgets it all the same, and then running the same job again "
                "pays again"
            )
        journal.forget(job)


def setting_for(journal: Journal) -> Setting | None:
    """To ask the platform with the key in FAL_KEY; None when there is none."""
    from submit.fal import Fal, key_from_environment

    try:
        key = key_from_environment()
    except RefusedError:
        return None
    return Setting(Fal(key), journal, lambda event: None, threading.Event())
