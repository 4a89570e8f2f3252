"""The budgets that references share, as gauges: how much of each was given, and how much is used."""

from typing import Literal, NamedTuple

from prep.model.finding import Unit
from prep.model.limits import EndpointSpec, Limit, Value
from prep.model.manifest import Totals
from prep.rules.findings import amount


class Gauge(Value):
    """*used*, *given* and *limit* are parts of the scale, which ends at the largest of them.

    *words* and *given_words* say the same; *given_words* is empty where as much is used as was given.
    """

    name: str
    words: str
    given_words: str = ""
    used: float
    given: float
    limit: float
    state: Literal["fine", "warning", "error"]


class _Budget(NamedTuple):
    name: str
    field: str
    unit: Unit
    most: Limit[int] | Limit[float] | None
    least: Limit[float] | None = None


def gauges(spec: EndpointSpec, given: Totals, used: Totals, *, bounded: bool = False) -> tuple[Gauge, ...]:
    """A gauge for every budget that the endpoint limits and the references use; *given* are the whole files.

    *bounded*: the bytes used are only known as a bound, since they are yet to be made.
    """
    budgets = (
        _Budget("References", "files", "files", spec.set.max_files),
        _Budget("Images", "images", "files", spec.image.max_count),
        _Budget("Videos", "videos", "files", spec.video.max_count),
        _Budget(
            "Video, seconds", "video_duration_s", "s", spec.video.max_total_duration_s, spec.video.min_total_duration_s
        ),
        _Budget("Video, bytes", "video_bytes", "bytes", spec.video.max_total_bytes),
        _Budget("Sounds", "audios", "files", spec.audio.max_count),
        _Budget("Sound, seconds", "audio_duration_s", "s", spec.audio.max_total_duration_s),
    )
    return tuple(
        _gauge(
            budget,
            budget.most,
            getattr(given, budget.field),
            getattr(used, budget.field),
            at_most="at most " if bounded and budget.unit == "bytes" else "",
        )
        for budget in budgets
        if budget.most is not None and getattr(given, budget.field)
    )


def _gauge(budget: _Budget, most: Limit[int] | Limit[float], given: float, used: float, *, at_most: str) -> Gauge:
    scale = max(most.value, given, used)
    words = f"{at_most}{amount(used, budget.unit)} of {amount(most.value, budget.unit)}"
    state: Literal["fine", "warning", "error"] = "fine"
    if used > most.value:
        state = "warning" if used <= most.tolerated else "error"
        words += f", {amount(used - most.value, budget.unit)} over"
    elif budget.least is not None and used < budget.least.value:
        state = "warning" if used >= budget.least.tolerated else "error"
        words += f", at least {amount(budget.least.value, budget.unit)}"
    return Gauge(
        name=budget.name,
        words=words,
        given_words=f"{amount(given, budget.unit)} given" if given != used else "",
        used=used / scale,
        given=given / scale,
        limit=most.value / scale,
        state=state,
    )
