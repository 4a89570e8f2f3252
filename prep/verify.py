"""Judging what was made: by the same rules as what came in, but by the strict values only."""

from collections.abc import Iterable

from prep.errors import ToolError
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import MediaInfo
from prep.model.plan import Plan, PlanEntry
from prep.rules.compare import missed
from prep.rules.reference_set import check_set
from prep.rules.single import check_one


def verify(entry: PlanEntry, actual: MediaInfo, spec: EndpointSpec) -> None:
    """Raise ToolError when *actual*, probed from the file that was made, misses a limit.

    A file that goes through as it is may stand between the strict and the accepted value; what is made may not.
    """
    if actual.kind != entry.predicted.kind:
        raise ToolError(f"{entry.label}: {entry.predicted.kind} was planned, {actual.kind} came out")
    standing = missed(check_one(actual, spec), made=bool(entry.steps))
    if standing:
        raise ToolError(f"{entry.label}: what was made of it misses a limit: {_told(standing)}")


def verify_set(actual: tuple[MediaInfo, ...], plan: Plan, spec: EndpointSpec) -> None:
    """Raise ToolError when the files together miss a limit that the plan promised to keep."""
    promised = {finding.rule for finding in plan.set_unfixable}
    standing = [finding for finding in check_set(totals(actual), spec) if finding.severity == "error"]
    standing = [finding for finding in standing if finding.rule not in promised]
    if standing:
        raise ToolError(f"the files together miss a limit: {_told(standing)}")


def _told(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{finding.rule}: {finding.message}" for finding in findings)
