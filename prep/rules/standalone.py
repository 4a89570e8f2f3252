"""The limits for a file that is checked alone, whatever it is sent with."""

from typing import TypeVar

from prep.model.limits import AudioLimits, EndpointSpec, Limit, VideoLimits

L = TypeVar("L", VideoLimits, AudioLimits)


def by_itself(spec: EndpointSpec) -> EndpointSpec:
    """*spec* without the rules that other files could satisfy, and without shared budgets that one file's limit covers.

    The other budgets still count: no set takes a video of 60 MB where all videos together may have 50.
    """
    return spec.model_copy(
        update={
            "video": _alone(spec.video).model_copy(update={"min_total_duration_s": None}),
            "audio": _alone(spec.audio),
            "set": spec.set.model_copy(update={"audio_needs_visual": None}),
        }
    )


def _alone(limits: L) -> L:
    covered = {
        f"max_total_{name}": None
        for name in ("duration_s", "bytes")
        if _as_strict(getattr(limits, f"max_{name}", None), getattr(limits, f"max_total_{name}", None))
    }
    return limits.model_copy(update=covered)


def _as_strict(single: Limit[float] | None, total: Limit[float] | None) -> bool:
    return single is not None and total is not None and single.tolerated <= total.tolerated
