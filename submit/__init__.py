"""Price, upload, submit and fetch: everything after the references are prepared.

from submit import batch, cancel, jobs, price, resume, run, status, submit   # with an a in front for an event loop
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prep.aio import aprice as aprice
    from prep.api import price as price
    from prep.model.generation import Generation as Generation
    from prep.pricing.cost import Cost as Cost
    from submit.aio import AsyncBatch as AsyncBatch
    from submit.aio import AsyncSubmission as AsyncSubmission
    from submit.aio import abatch as abatch
    from submit.aio import acancel as acancel
    from submit.aio import ajobs as ajobs
    from submit.aio import aresume as aresume
    from submit.aio import arun as arun
    from submit.aio import astatus as astatus
    from submit.aio import asubmit as asubmit
    from submit.api import offer as offer
    from submit.api import offer_prepared as offer_prepared
    from submit.api import run as run
    from submit.api import submit as submit
    from submit.batches.api import batch as batch
    from submit.batches.progress import BatchProgress as BatchProgress
    from submit.batches.results.result import BatchSummary as BatchSummary
    from submit.batches.results.result import RowResult as RowResult
    from submit.batches.run import Batch as Batch
    from submit.batches.survey import BatchOffer as BatchOffer
    from submit.job.manage import Status as Status
    from submit.job.submission import Outcome as Outcome
    from submit.job.submission import Result as Result
    from submit.job.submission import Submission as Submission
    from submit.journal.record import JobRecord as JobRecord
    from submit.managing import Resumed as Resumed
    from submit.managing import cancel as cancel
    from submit.managing import jobs as jobs
    from submit.managing import resume as resume
    from submit.managing import status as status
    from submit.request.offer import Offer as Offer

_NAMES = {
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
_HOMES = {name: home for home, names in _NAMES.items() for name in names}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before the client library is loaded."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion and for people who look around."""
    return sorted(__all__)
