"""Probe, plan and prepare the references of a video generation until they comply with what the endpoint takes.

from prep import check, plan, prepare
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Options", "Reference", "check", "plan", "prepare"]

if TYPE_CHECKING:
    from prep.model.plan import Options as Options
    from prep.model.reference import Reference as Reference
    from prep.pipeline import check as check
    from prep.pipeline import plan as plan
    from prep.pipeline import prepare as prepare

_HOMES = {
    "Options": "prep.model.plan",
    "Reference": "prep.model.reference",
    "check": "prep.pipeline",
    "plan": "prep.pipeline",
    "prepare": "prep.pipeline",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before pydantic and the decoders are loaded."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
