"""Managing jobs: status, cancel, forget, and consent to one that was never sent."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from pydantic import ValidationError

from prep.errors import Busy, RefusedError, RemoteError, UsageError
from prep.model.finding import Finding
from prep.model.manifest import Manifest
from submit.errors import DamagedRecord, Refusal, StillRunning
from submit.job.context import JobContext, move
from submit.job.defaults import default_platform
from submit.job.lookup import find
from submit.job.messages import ended_with_sandbox, owed
from submit.job.remote.poll import fetch_answer, poll, ticket_of
from submit.journal import JobRecord, Journal
from submit.journal.states import OWED, UNSENT
from submit.platform import Platform, State
from submit.request.cap import refuse_above
from submit.request.offer import Confirm, Offer

CANCEL_TIMEOUT_S = 15.0


class Status(NamedTuple):
    """*remote* is the platform's own word, None where it was not asked; *busy*: a process is working on the job."""

    job: JobRecord
    remote: State | None = None
    busy: bool = False


def status(job: JobRecord, journal: Journal, ctx: JobContext | None) -> Status:
    """Return the state of *job*; asks the platform when *ctx* is given and the job was submitted."""
    if job.sandbox and not journal.has(job.id):
        return Status(job)
    if journal.read_only:
        asks = ctx is not None and job.state == "submitted"
        remote = ctx.platform.state(job.endpoint, ticket_of(job).request_id) if ctx and asks else None
        return Status(job, remote)
    try:
        with journal.claim(job.id):
            job = journal.get(job.id)
            if job.state == "submitting":
                job = journal.move(job, "uncertain", note="its process ended while the request was being sent")
            if ctx is None or job.state != "submitted":
                return Status(job)
            remote = ctx.platform.state(job.endpoint, ticket_of(job).request_id)
            if remote.status == "completed":
                with suppress(RemoteError):  # what was refused is recorded; a fetch that failed can be repeated
                    fetch_answer(job, ctx)
            return Status(journal.get(job.id), remote)
    except Busy:
        return Status(journal.get(job.id), busy=True)


def cancel(job: JobRecord, journal: Journal, platform: Callable[[], Platform]) -> JobRecord:
    """Cancel *job* if that is still possible, and return it in its new state. *platform* is for one that was sent.

    A request that is being worked on may be finished, and billed, all the same. Raises Busy when a living process is
    about to submit it, UsageError when it is finished or uncertain.
    """
    if job.sandbox and not journal.has(job.id):
        raise UsageError(ended_with_sandbox(job))
    if job.state in UNSENT:
        with journal.claim(job.id):
            job = journal.get(job.id)
            if job.state in UNSENT:  # still, now that nobody else can send it
                return move(job, journal, "cancelled", note="before it was submitted")
    refuse_to_cancel(job)
    ctx = JobContext(platform(), journal)
    try:
        stopped = ctx.platform.cancel(job.endpoint, ticket_of(job).request_id)
    except RemoteError as error:
        raise RemoteError(f"{error}; {owed(job)}") from error
    if not stopped:
        raise RemoteError(
            f"job {job.id} was finished before it could be cancelled; "
            f"'prep-and-submit result {job.id}' fetches its video"
        )
    with suppress(Refusal, StillRunning, Busy), ctx.journal.claim(job.id):  # Busy: the process that waits will see it
        job = ctx.journal.get(job.id)
        if job.state == "submitted":  # a waiting process may have seen the end first
            poll(job, replace(ctx, timeout_s=CANCEL_TIMEOUT_S))
    return ctx.journal.get(job.id)


def refuse_to_cancel(job: JobRecord) -> None:
    """Raise UsageError when *job* was sent and is over, or may be."""
    if job.state not in (*UNSENT, "submitted"):
        raise UsageError(f"job {job.id} is {job.state}; only an unsent or running job can be cancelled")


def forget(name: str | os.PathLike[str], journal: Journal, *, sure: bool = False) -> str:
    """Remove a job from the journal and return its id; its files stay. *name* is as for `find`.

    Raises UsageError, unless *sure*, when it may have been paid for and its video was not downloaded.
    """
    try:
        job_id = find(name, journal).id
        with journal.claim(job_id):
            job = journal.get(job_id)
            if job.state in OWED and not (sure or job.sandbox):
                raise UsageError(
                    f"job {job_id} may have been paid for, and its video was not downloaded; 'prep-and-submit forget "
                    f"{job_id} --yes' forgets it anyway, and running the same job later may pay again"
                )
            journal.forget(job_id)
    except DamagedRecord as error:
        if not sure:
            raise
        job_id = error.job_id
        with journal.claim(job_id):
            journal.forget(job_id)
    return job_id


def context_from_environment(journal: Journal) -> JobContext | None:
    """A context for the platform with the key in FAL_KEY; None when there is no key."""
    try:
        return JobContext(default_platform(), journal)
    except RefusedError:
        return None


def consent_of(confirm: Confirm | None, max_cost: Decimal | None) -> Callable[[JobRecord], None]:
    """Return what is called with a job before it is sent; it raises RefusedError unless the caller agrees.

    *confirm* is asked about a job that was never sent (None agrees). The cap also holds for one that is sent again.
    """

    def agree(job: JobRecord) -> None:
        refuse_above(job.cost, max_cost, f"job {job.id} has no known price")
        if job.state in UNSENT and confirm is not None and not confirm(offer_of(job)):
            raise RefusedError(f"not agreed to; job {job.id} was not sent")

    return agree


def offer_of(job: JobRecord) -> Offer:
    """The offer for a job of the journal, at the price that was quoted when it was prepared."""
    return Offer(
        plan=None,
        endpoint=job.endpoint,
        request=job.request.redacted(),
        cost=job.cost,
        output=_output(job),
        findings=_findings(job),
    )


def _output(job: JobRecord) -> str:
    arguments = job.request.arguments()
    duration = str(arguments.get("duration", "auto"))
    length = f"{duration} s" if duration.isdigit() else "auto length"
    return ", ".join([length, *([str(arguments["resolution"])] if "resolution" in arguments else [])])


def _findings(job: JobRecord) -> tuple[Finding, ...]:
    try:
        return Manifest.model_validate(job.manifest).findings
    except ValidationError:  # written by another version
        return ()
