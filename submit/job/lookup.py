"""Job lookup: among the paid jobs first, then among those of sandboxes, whose journal is beside the other."""

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from prep.errors import UsageError
from submit.errors import NoSuchJob
from submit.job.defaults import default_platform, sandbox_folder
from submit.job.messages import ended_with_sandbox
from submit.job.receipt import RECEIPT, read_receipt, read_receipts
from submit.journal import JobRecord, Journal
from submit.journal.place import State, exists
from submit.journal.stand_in import can_be_asked, sandbox_ended
from submit.journal.states import UNSENT
from submit.platform import SANDBOX_ACCOUNT, Platform, environment_account


class Entry(NamedTuple):
    """A job, and the journal that has it."""

    job: JobRecord
    journal: Journal


def look_up(name: str | os.PathLike[str] | None, state: State | None, *, writable: bool = False) -> Entry:
    """Find a job as `find` does, in the journal in *state* or in that of sandbox jobs beside it.

    None is the latest paid job; where there is none, or FAL_KEY is that of a sandbox, the latest sandbox job.
    """
    paid = Journal(state, writable=writable)
    if name is None and environment_account() == SANDBOX_ACCOUNT and (sandbox := sandbox_journal(state)):
        with suppress(NoSuchJob):
            return Entry(find(None, sandbox), sandbox)
    try:
        job = find(name, paid)
    except NoSuchJob as error:
        if (sandbox := sandbox_journal(state, writable=writable)) is None:
            raise
        try:
            return Entry(find(name, sandbox), sandbox)
        except NoSuchJob as other:
            raise (other if name is None else error) from None
    if job.sandbox and (sandbox := sandbox_journal(state, writable=writable)) and sandbox.has(job.id):
        return Entry(sandbox.get(job.id), sandbox)
    return Entry(job, paid)


def find(name: str | os.PathLike[str] | None, journal: Journal) -> JobRecord:
    """Find a job by its id, the beginning of its id, or a folder with its receipt; None: the latest.

    A job that waits for a sandbox that has ended is never the latest.
    Raises UsageError when there is none, or more than one.
    """
    if name is None:
        jobs = journal.jobs()
        if not jobs:
            raise NoSuchJob("no job is recorded on this computer yet")
        latest = next((job for job in jobs if not sandbox_ended(job)), None)
        if latest is None:
            raise NoSuchJob("every job ran in a sandbox that has ended; 'prep-and-submit jobs' lists them")
        return latest
    if not os.fspath(name):
        raise UsageError("an empty name of a job; 'prep-and-submit jobs' lists the ids")
    folder = Path(name)
    is_id = isinstance(name, str) and os.sep not in name and (journal.has(name) or not os.path.isdir(folder))
    if is_id:  # also where a folder is called like a job
        return journal.get(str(name))
    receipt = read_receipt(folder)
    if receipt is None:
        raise UsageError(f"{folder / RECEIPT}: no such file; 'prep-and-submit jobs' lists the known jobs")
    if journal.has(receipt.id):  # exactly: a receipt may say half of another job's id
        with suppress(UsageError):
            return journal.get(receipt.id)
    if receipt.sandbox:  # it ended with its sandbox, and the journal of paid jobs is not its place
        return receipt.model_copy(update={"folder": folder.absolute(), "stand_in": None})
    if receipt.state in UNSENT:  # only the journal could tell whether it was submitted since
        raise UsageError(f"{folder / RECEIPT}: this job was never submitted as far as it says; run the job again")
    return _adopt(receipt, folder, journal)


def adopt_receipts(folder: Path, account: str, journal: Journal) -> None:
    """Enter the jobs of *account* that were sent from *folder* where *journal* has lost them: each is paid for once.

    Raises UsageError when the receipt there can't be read.
    """
    for receipt in read_receipts(folder):
        if receipt.account == account and not receipt.sandbox and receipt.state not in UNSENT:
            _adopt(receipt, folder, journal)


def _adopt(receipt: JobRecord, folder: Path, journal: Journal) -> JobRecord:
    return journal.adopt(receipt.model_copy(update={"folder": folder.absolute(), "stand_in": None}))


def platform_for(job: JobRecord, platform: Platform | None) -> Platform:
    """*platform*, or the default one, to ask about *job*.

    Raises UsageError for a sandbox job and a platform that is none, so that the real one is never asked about it, and
    where its own sandbox can't be asked.
    """
    account = platform.account if platform else environment_account()
    if job.sandbox and (account != SANDBOX_ACCOUNT or (platform is None and not can_be_asked(job))):
        raise UsageError(ended_with_sandbox(job))
    return platform or default_platform()


def sandbox_journal(state: State | None, *, writable: bool = False) -> Journal | None:
    """The journal of the sandbox jobs beside the journal in *state*; None: there is none."""
    folder = sandbox_folder(state)
    return Journal(folder, writable=writable) if exists(folder) else None


def has_jobs(state: State) -> bool:
    """Whether the journal in *state* has a job."""
    return exists(state) and bool(Journal(state, writable=False).jobs())


def keep_sandbox_jobs(ended: Path, state: State | None) -> None:
    """Enter the jobs of the journal in *ended*, whose sandbox ends, in the one beside the journal in *state*.

    Where that can't be written, their receipts are all that is left of them.
    """
    if not exists(ended):
        return
    with suppress(UsageError):
        kept = Journal(sandbox_folder(state))
        for job in reversed(Journal(ended).jobs()):  # in the order in which they were entered
            kept.adopt(job)
