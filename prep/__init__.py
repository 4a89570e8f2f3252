"""Probe, plan and prepare the references of a video generation until they comply with what the endpoint takes.

from prep import check, plan, prepare, price       # acheck, aplan, aprepare, aprice where an event loop runs
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Cost",
    "Crop",
    "Finding",
    "Generation",
    "Manifest",
    "Network",
    "Options",
    "Part",
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
    from prep.aio import acheck, aplan, aprepare, aprice
    from prep.api import check, plan, prepare, price
    from prep.inputs.manifests import read_manifest
    from prep.inputs.references import References
    from prep.model.finding import Finding
    from prep.model.generation import Generation
    from prep.model.manifest import Manifest
    from prep.model.plan import Options, Plan
    from prep.model.progress import Progress
    from prep.model.reference import Crop, Part, Reference
    from prep.model.report import Report
    from prep.net.network import Network
    from prep.pricing.cost import Cost

_HOMES = {
    "prep.aio": ("acheck", "aplan", "aprepare", "aprice"),
    "prep.api": ("check", "plan", "prepare", "price"),
    "prep.inputs.manifests": ("read_manifest",),
    "prep.inputs.references": ("References",),
    "prep.model.finding": ("Finding",),
    "prep.model.generation": ("Generation",),
    "prep.model.manifest": ("Manifest",),
    "prep.model.plan": ("Options", "Plan"),
    "prep.model.progress": ("Progress",),
    "prep.model.reference": ("Crop", "Part", "Reference"),
    "prep.model.report": ("Report",),
    "prep.net.network": ("Network",),
    "prep.pricing.cost": ("Cost",),
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command must show its help before pydantic and the decoders are loaded."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, for completion and for people who look around."""
    return sorted([*__all__, "__version__"])
