"""Price, upload, submit and fetch: everything after the references are prepared.

from submit import resume, run, submit       # aresume, arun, asubmit where an event loop runs
"""

from typing import TYPE_CHECKING, Any

__all__ = ["Generation", "Outcome", "Result", "Submission", "aresume", "arun", "asubmit", "resume", "run", "submit"]

if TYPE_CHECKING:
    from prep.model.generation import Generation as Generation
    from submit.asynchronous import aresume as aresume
    from submit.asynchronous import arun as arun
    from submit.asynchronous import asubmit as asubmit
    from submit.flow import Outcome as Outcome
    from submit.flow import resume as resume
    from submit.flow import run as run
    from submit.flow import submit as submit
    from submit.handle import Result as Result
    from submit.handle import Submission as Submission

_HOMES = {
    "Generation": "prep.model.generation",
    "Outcome": "submit.flow",
    "Result": "submit.handle",
    "Submission": "submit.handle",
    "aresume": "submit.asynchronous",
    "arun": "submit.asynchronous",
    "asubmit": "submit.asynchronous",
    "resume": "submit.flow",
    "run": "submit.flow",
    "submit": "submit.flow",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before the client library is loaded."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
