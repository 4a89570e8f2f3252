"""Price, upload, submit and fetch: everything after the references are prepared.

from submit import price, resume, run, submit       # aprice, aresume, arun, asubmit where an event loop runs
"""

from typing import TYPE_CHECKING, Any

__all__ = [
    "Cost",
    "Generation",
    "Offer",
    "Outcome",
    "Result",
    "Submission",
    "aprice",
    "aresume",
    "arun",
    "asubmit",
    "offer",
    "price",
    "resume",
    "run",
    "submit",
]

if TYPE_CHECKING:
    from prep.aio import aprice as aprice
    from prep.api import price as price
    from prep.model.generation import Generation as Generation
    from prep.pricing.cost import Cost as Cost
    from submit.aio import aresume as aresume
    from submit.aio import arun as arun
    from submit.aio import asubmit as asubmit
    from submit.api import offer as offer
    from submit.api import resume as resume
    from submit.api import run as run
    from submit.api import submit as submit
    from submit.job.submission import Outcome as Outcome
    from submit.job.submission import Result as Result
    from submit.job.submission import Submission as Submission
    from submit.request.order import Offer as Offer

_HOMES = {
    "Cost": "prep.pricing.cost",
    "Generation": "prep.model.generation",
    "Offer": "submit.request.order",
    "Outcome": "submit.job.submission",
    "Result": "submit.job.submission",
    "Submission": "submit.job.submission",
    "aprice": "prep.aio",
    "aresume": "submit.aio",
    "arun": "submit.aio",
    "asubmit": "submit.aio",
    "offer": "submit.api",
    "price": "prep.api",
    "resume": "submit.api",
    "run": "submit.api",
    "submit": "submit.api",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before the client library is loaded."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
