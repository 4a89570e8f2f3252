"""Judging what was made: by the same rules as what came in, but by the strict values only."""

from collections.abc import Iterable

from prep.errors import ToolError
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import MediaInfo
from prep.model.plan import Plan, PlanEntry
from prep.rules.findings import missed, missed_together
from prep.rules.reference_set import check_set
from prep.rules.single import check_one

# Codecs come in frames; what is missing beyond this was not decoded.
LOST_S = {"image": 0.0, "video": 0.15, "audio": 0.3}


def verify(entry: PlanEntry, actual: MediaInfo, spec: EndpointSpec) -> None:
    """Raise ToolError when *actual*, probed from the file that was made, misses a limit.

    A file that goes through as it is may stand between the strict and the accepted value; what is made may not.
    """
    if actual.kind != entry.predicted.kind:
        raise ToolError(f"{entry.label}: {entry.predicted.kind} was planned, {actual.kind} came out")
    standing = missed(check_one(actual, spec), made=bool(entry.steps))
    if standing:
        raise ToolError(f"{entry.label}: what was made of it misses a limit: {_told(standing)}")
    if entry.steps:
        _as_planned(entry, actual)


def verify_set(actual: tuple[MediaInfo, ...], plan: Plan, spec: EndpointSpec) -> None:
    """Raise ToolError when the files together miss a limit that the plan promised to keep."""
    standing = missed_together(check_set(totals(actual), spec), plan.kinds_made)
    if standing:
        raise ToolError(f"the files together miss a limit: {_told(standing)}")


def _as_planned(entry: PlanEntry, actual: MediaInfo) -> None:
    """What came out must be what was promised: damaged footage may decode to less."""
    for name, unit, slack in (("width", "px", 0), ("height", "px", 0), ("duration_s", "s", LOST_S[actual.kind])):
        planned, made = getattr(entry.predicted, name, None), getattr(actual, name, None)
        if planned is not None and made is not None and abs(made - planned) > slack:
            raise ToolError(
                f"{entry.label}: {made:g} {unit} came out where {planned:g} {unit} were planned; the source may be "
                "damaged: look at it, and name the part that is whole with #t=START,END"
            )


def _told(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{finding.rule}: {finding.message}" for finding in findings)
