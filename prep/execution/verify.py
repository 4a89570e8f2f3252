"""Judges made files by the same rules as sources, but by the strict values only."""

from collections.abc import Iterable

from prep.errors import DamagedError, ToolError
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import MediaInfo, VideoInfo
from prep.model.plan import Plan, PlanEntry
from prep.rules.findings import Findings, about, missed, missed_together
from prep.rules.reference_set import check_set
from prep.rules.single import check_one
from prep.rules.tracks import changed

# Codecs come in frames; what is missing beyond this was not decoded.
LOST_S = {"image": 0.0, "video": 0.15, "audio": 0.3}


def verify(entry: PlanEntry, actual: MediaInfo, spec: EndpointSpec) -> Findings:
    """Raise ToolError when *actual*, probed from the file that was made, misses a limit, DamagedError if it lost time.

    Returns a warning when a copied track changes midway, which is not known of every source. A file that goes through
    as it is may stand between the strict and the accepted value; what is made may not.
    """
    if actual.kind != entry.predicted.kind:
        raise damaged(entry.label, f"{entry.predicted.kind} was planned, {actual.kind} came out")
    standing = missed(check_one(actual, spec), made=bool(entry.steps))
    if standing:
        _refuse_lost_time(entry, actual, standing)
        raise ToolError(f"{entry.label}: the prepared file breaks a limit: {_told(standing)}")
    if not entry.steps:
        return ()
    _as_planned(entry, actual)
    changes = actual.changes if isinstance(actual, VideoInfo) else ()
    tracks = (changed("video-picture-changes", changes, "picture"), changed("video-sound-changes", changes, "sound"))
    return about(tuple(finding for findings in tracks for finding in findings), entry.label, entry.tag)


def _refuse_lost_time(entry: PlanEntry, actual: MediaInfo, standing: Iterable[Finding]) -> None:
    """Raise DamagedError when what was made is too short only because less came out than was planned."""
    planned_s, made_s = getattr(entry.predicted, "duration_s", 0.0), getattr(actual, "duration_s", 0.0)
    if made_s < planned_s and all(finding.rule.endswith("-too-short") for finding in standing):
        raise damaged(entry.label, f"{made_s:g} s were made where {planned_s:g} s were planned")


def verify_set(actual: tuple[MediaInfo, ...], plan: Plan, spec: EndpointSpec) -> None:
    """Raise ToolError when the prepared files together break a limit that the plan promised to keep."""
    standing = missed_together(check_set(totals(actual), spec), plan.kinds_made)
    if standing:
        raise ToolError(f"the prepared files together break a limit: {_told(standing)}")


def _as_planned(entry: PlanEntry, actual: MediaInfo) -> None:
    """Raise unless what came out is what was promised: damaged footage may decode to less."""
    for name in ("width", "height"):
        planned, made = getattr(entry.predicted, name, None), getattr(actual, name, None)
        if planned != made and planned is not None and made is not None:
            raise ToolError(f"{entry.label}: {made} px were made where {planned} px were planned")
    planned_s, made_s = getattr(entry.predicted, "duration_s", None), getattr(actual, "duration_s", None)
    if planned_s is not None and made_s is not None and abs(made_s - planned_s) > LOST_S[actual.kind]:
        raise damaged(entry.label, f"{made_s:g} s were made where {planned_s:g} s were planned")


def damaged(label: str, symptom: str = "it can't be decoded") -> DamagedError:
    """The error for media that is not what its header promises."""
    return DamagedError(
        f"{label}: {symptom}; the file is damaged. Export it again, or name a part that plays with #t=START,END"
    )


def _told(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{finding.rule}: {finding.message}" for finding in findings)
