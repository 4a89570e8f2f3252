"""Gauges for the budgets that references share: how much of each is used, before and after preparation."""

from typing import Literal, NamedTuple

from prep.model.finding import Unit
from prep.model.limits import EndpointSpec, Limit
from prep.model.manifest import Totals
from prep.model.value import Value
from prep.rules.amounts import amount


class Gauge(Value):
    """*used*, *before* and *limit* are parts of the scale, which ends at the largest of them.

    *words* and *before_words* say the same in words; *before_words* is empty where both are equal.
    """

    name: str
    words: str
    before_words: str = ""
    used: float
    before: float
    limit: float
    state: Literal["fine", "warning", "error"]


class _Budget(NamedTuple):
    name: str
    field: str
    unit: Unit
    most: Limit[int] | Limit[float] | None
    least: Limit[float] | None = None


def gauges(spec: EndpointSpec, before: Totals, used: Totals, *, bounded: bool = False) -> tuple[Gauge, ...]:
    """A gauge for every budget that the endpoint limits and the references use; *before* are the whole sources.

    *bounded*: the bytes used are the most that is allowed, since the files are yet to be made; no bar shows them.
    """
    video, audio = spec.video, spec.audio
    budgets = (
        _Budget("References", "files", "files", spec.set.max_files),
        _Budget("Images", "images", "files", spec.image.max_count),
        _Budget("Videos", "videos", "files", video.max_count),
        _Budget("Video, seconds", "video_duration_s", "s", video.max_total_duration_s, video.min_total_duration_s),
        _Budget("Video, bytes", "video_bytes", "bytes", video.max_total_bytes),
        _Budget("Sounds", "audios", "files", audio.max_count),
        _Budget("Sound, seconds", "audio_duration_s", "s", audio.max_total_duration_s),
    )
    return tuple(
        _gauge(
            budget,
            budget.most,
            getattr(before, budget.field),
            getattr(used, budget.field),
            bounded=bounded and budget.unit == "bytes",
        )
        for budget in budgets
        if budget.most is not None and getattr(before, budget.field)
    )


def _gauge(budget: _Budget, most: Limit[int] | Limit[float], before: float, used: float, *, bounded: bool) -> Gauge:
    scale = max(most.value, before, used)
    state: Literal["fine", "warning", "error"] = "fine"
    limit = amount(most.value, budget.unit)
    words = f"kept within {limit}" if bounded else f"{amount(used, budget.unit)} of {limit}"
    if used > most.value:
        state = "warning" if used <= most.tolerated else "error"
        words += f", {amount(used - most.value, budget.unit)} over"
    elif budget.least is not None and used < budget.least.value:
        state = "warning" if used >= budget.least.tolerated else "error"
        words += f", min {amount(budget.least.value, budget.unit)}"
    return Gauge(
        name=budget.name,
        words=words,
        before_words=f"{amount(before, budget.unit)} in the sources" if before != used else "",
        used=0.0 if bounded else used / scale,
        before=before / scale,
        limit=most.value / scale,
        state=state,
    )
