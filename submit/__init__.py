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

_HOMES = {
    "AsyncBatch": "submit.aio",
    "AsyncSubmission": "submit.aio",
    "Batch": "submit.batches.run",
    "BatchOffer": "submit.batches.survey",
    "BatchProgress": "submit.batches.progress",
    "BatchSummary": "submit.batches.results.result",
    "Cost": "prep.pricing.cost",
    "Generation": "prep.model.generation",
    "JobRecord": "submit.journal.record",
    "Offer": "submit.request.offer",
    "Outcome": "submit.job.submission",
    "Result": "submit.job.submission",
    "Resumed": "submit.managing",
    "RowResult": "submit.batches.results.result",
    "Status": "submit.job.manage",
    "Submission": "submit.job.submission",
    "abatch": "submit.aio",
    "acancel": "submit.aio",
    "ajobs": "submit.aio",
    "aprice": "prep.aio",
    "aresume": "submit.aio",
    "arun": "submit.aio",
    "astatus": "submit.aio",
    "asubmit": "submit.aio",
    "batch": "submit.batches.api",
    "cancel": "submit.managing",
    "jobs": "submit.managing",
    "offer": "submit.api",
    "offer_prepared": "submit.api",
    "price": "prep.api",
    "resume": "submit.managing",
    "run": "submit.api",
    "status": "submit.managing",
    "submit": "submit.api",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before the client library is loaded."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion and for people who look around."""
    return sorted(__all__)
