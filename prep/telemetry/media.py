"""Media, and what is decided about them, as attributes of a span."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prep.telemetry import names
from prep.telemetry.api import Attributes

if TYPE_CHECKING:
    from prep.model.finding import Finding
    from prep.model.media import MediaInfo
    from prep.model.plan import PlanEntry


def media_facts(info: "MediaInfo") -> Attributes:
    """What *info* says of a file, as far as it applies to its kind."""
    return {
        names.KIND: info.kind,
        names.CONTAINER: info.container,
        names.FILE_SIZE: info.bytes,
        names.WIDTH: getattr(info, "width", None),
        names.HEIGHT: getattr(info, "height", None),
        names.DURATION: getattr(info, "duration_s", None),
    }


def decisions(entry: "PlanEntry") -> Attributes:
    """The steps of *entry*, none if the file goes through as it is, and the rules that ask for them."""
    because = dict.fromkeys(rule for step in entry.steps for rule in step.because)
    return {
        names.FILE_NAME: entry.label,
        names.TAG: entry.tag,
        names.STEPS: tuple(step.kind for step in entry.steps),
        names.BECAUSE: tuple(because),
    }


def rules_broken(findings: Iterable["Finding"]) -> Attributes:
    """The rules behind *findings*, errors and warnings."""
    rules = {severity: {f.rule: None for f in findings if f.severity == severity} for severity in ("error", "warning")}
    return {names.ERRORS: tuple(rules["error"]), names.WARNINGS: tuple(rules["warning"])}
