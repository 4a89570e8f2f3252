"""Probe, plan and prepare the references of a video generation until they comply with what the endpoint takes.

from prep import check, plan, prepare, price       # acheck, aplan, aprepare, aprice where an event loop runs
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Cost",
    "Finding",
    "Generation",
    "Manifest",
    "Network",
    "Options",
    "Plan",
    "Progress",
    "Reference",
    "References",
    "Report",
    "acheck",
    "aplan",
    "aprepare",
    "aprice",
    "check",
    "plan",
    "prepare",
    "price",
    "read_manifest",
]

if TYPE_CHECKING:
    from prep.aio import acheck as acheck
    from prep.aio import aplan as aplan
    from prep.aio import aprepare as aprepare
    from prep.aio import aprice as aprice
    from prep.api import check as check
    from prep.api import plan as plan
    from prep.api import prepare as prepare
    from prep.api import price as price
    from prep.inputs.manifests import read_manifest as read_manifest
    from prep.inputs.references import References as References
    from prep.model.finding import Finding as Finding
    from prep.model.generation import Generation as Generation
    from prep.model.manifest import Manifest as Manifest
    from prep.model.plan import Options as Options
    from prep.model.plan import Plan as Plan
    from prep.model.progress import Progress as Progress
    from prep.model.reference import Reference as Reference
    from prep.model.report import Report as Report
    from prep.net.network import Network as Network
    from prep.pricing.cost import Cost as Cost

_HOMES = {
    "Cost": "prep.pricing.cost",
    "Finding": "prep.model.finding",
    "Generation": "prep.model.generation",
    "Manifest": "prep.model.manifest",
    "Network": "prep.net.network",
    "Options": "prep.model.plan",
    "Plan": "prep.model.plan",
    "Progress": "prep.model.progress",
    "Reference": "prep.model.reference",
    "References": "prep.inputs.references",
    "Report": "prep.model.report",
    "acheck": "prep.aio",
    "aplan": "prep.aio",
    "aprepare": "prep.aio",
    "aprice": "prep.aio",
    "check": "prep.api",
    "plan": "prep.api",
    "prepare": "prep.api",
    "price": "prep.api",
    "read_manifest": "prep.inputs.manifests",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before pydantic and the decoders are loaded."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion and for people who look around."""
    return sorted([*__all__, "__version__"])
