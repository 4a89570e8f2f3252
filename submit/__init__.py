"""Price, upload, submit and fetch: everything after the references are prepared.

from submit import resume, run, submit
"""

from typing import TYPE_CHECKING, Any

__all__ = ["Generation", "resume", "run", "submit"]

if TYPE_CHECKING:
    from prep.model.generation import Generation as Generation
    from submit.flow import resume as resume
    from submit.flow import run as run
    from submit.flow import submit as submit

_HOMES = {"resume": "submit.flow", "run": "submit.flow", "submit": "submit.flow", "Generation": "prep.model.generation"}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before the client library is loaded."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
