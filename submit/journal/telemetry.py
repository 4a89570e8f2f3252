"""Metrics of jobs in the journal, whoever moves them, and the facts of a job as attributes of a span."""

from typing import TYPE_CHECKING

from prep.telemetry import names
from prep.telemetry.api import Attributes
from prep.telemetry.metrics import record
from prep.telemetry.spans import annotate
from submit.journal.states import STATES

if TYPE_CHECKING:
    from submit.journal.record import JobRecord


def entered(job: "JobRecord") -> None:
    """Record that *job* is in the journal now.

    What it may still add to begins at 0: Prometheus sees no increase in the first value of a series.
    """
    labels = _labels(job)
    for state in STATES:
        record(names.JOBS, int(state == job.state), {names.JOB_STATE: state, **labels})
    for metric in (names.QUOTED_USD, names.BILLED_USD):
        record(metric, 0, labels)


def moved(before: "JobRecord", after: "JobRecord") -> None:
    """Record the transition of a job from *before* to *after*; what it is billed counts once."""
    annotate({names.JOB_ID: after.id, names.JOB_STATE: after.state})
    labels = _labels(after)
    if after.state != before.state:
        record(names.JOBS, 1, {names.JOB_STATE: after.state, **labels})
    if before.ticket is None and after.ticket is not None and after.cost is not None:
        record(names.QUOTED_USD, float(after.cost.max_usd), labels)
    if _billed_usd(before) is None and (usd := _billed_usd(after)) is not None:
        record(names.BILLED_USD, usd, labels)
    if before.state == "submitted" and after.state == "completed":
        record(names.ANSWERED, (after.history[-1].at - before.history[-1].at).total_seconds(), labels)


def waited(job: "JobRecord", seconds: float) -> None:
    """Record that the platform is at work on *job*, *seconds* after it was submitted."""
    annotate({names.QUEUE_S: seconds})
    record(names.QUEUED, seconds, _labels(job))


def job_facts(job: "JobRecord") -> Attributes:
    """The id and the state of *job*, and what it costs, as far as that is known."""
    return {
        names.JOB_ID: job.id,
        names.JOB_STATE: job.state,
        names.REQUEST_ID: job.ticket.request_id if job.ticket else None,
        names.QUOTED: float(job.cost.max_usd) if job.cost else None,
        names.BILLED: _billed_usd(job),
        **_labels(job),
    }


def _labels(job: "JobRecord") -> Attributes:
    return {names.MODEL: job.endpoint, names.SANDBOX: job.sandbox}


def _billed_usd(job: "JobRecord") -> float | None:
    return float(job.bill.usd) if job.bill and job.bill.usd is not None else None
