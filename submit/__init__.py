"""Price, upload, submit and fetch: everything after the references are prepared.

from submit import batch, cancel, jobs, price, resume, run, status, submit   # with an a in front for an event loop
"""

from typing import TYPE_CHECKING, Any

__all__ = [
    "AsyncBatch",
    "AsyncSubmission",
    "Batch",
    "BatchOffer",
    "BatchProgress",
    "BatchSummary",
    "Cost",
    "Generation",
    "JobRecord",
    "Offer",
    "Outcome",
    "Result",
    "Resumed",
    "RowResult",
    "Status",
    "Submission",
    "abatch",
    "acancel",
    "ajobs",
    "aprice",
    "aresume",
    "arun",
    "astatus",
    "asubmit",
    "batch",
    "cancel",
    "jobs",
    "offer",
    "offer_prepared",
    "price",
    "resume",
    "run",
    "status",
    "submit",
]

if TYPE_CHECKING:
    from prep.aio import aprice
    from prep.api import price
    from prep.model.generation import Generation
    from prep.pricing.cost import Cost
    from submit.aio import AsyncBatch, AsyncSubmission, abatch, acancel, ajobs, aresume, arun, astatus, asubmit
    from submit.api import offer, offer_prepared, run, submit
    from submit.batches.api import batch
    from submit.batches.progress import BatchProgress
    from submit.batches.results.result import BatchSummary, RowResult
    from submit.batches.run import Batch
    from submit.batches.survey import BatchOffer
    from submit.job.manage import Status
    from submit.job.submission import Outcome, Result, Submission
    from submit.journal.record import JobRecord
    from submit.managing import Resumed, cancel, jobs, resume, status
    from submit.request.offer import Offer

_HOMES = {
    "prep.aio": ("aprice",),
    "prep.api": ("price",),
    "prep.model.generation": ("Generation",),
    "prep.pricing.cost": ("Cost",),
    "submit.aio": (
        "AsyncBatch",
        "AsyncSubmission",
        "abatch",
        "acancel",
        "ajobs",
        "aresume",
        "arun",
        "astatus",
        "asubmit",
    ),
    "submit.api": ("offer", "offer_prepared", "run", "submit"),
    "submit.batches.api": ("batch",),
    "submit.batches.progress": ("BatchProgress",),
    "submit.batches.results.result": ("BatchSummary", "RowResult"),
    "submit.batches.run": ("Batch",),
    "submit.batches.survey": ("BatchOffer",),
    "submit.job.manage": ("Status",),
    "submit.job.submission": ("Outcome", "Result", "Submission"),
    "submit.journal.record": ("JobRecord",),
    "submit.managing": ("Resumed", "cancel", "jobs", "resume", "status"),
    "submit.request.offer": ("Offer",),
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before the client library is loaded."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, for completion and for people who look around."""
    return sorted(__all__)
