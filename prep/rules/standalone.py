"""The limits of a file that is judged by itself, whatever it is sent with."""

from typing import TypeVar

from prep.model.limits import AudioLimits, EndpointSpec, Limit, VideoLimits

L = TypeVar("L", VideoLimits, AudioLimits)


def by_itself(spec: EndpointSpec) -> EndpointSpec:
    """*spec* without what company would mend, and without the shared budgets that a limit of one file is as strict as.

    What is left of the budgets still counts: no set takes a video of 60 MB where all videos may have 50.
    """
    return spec.model_copy(
        update={
            "video": _alone(spec.video).model_copy(update={"min_total_duration_s": None}),
            "audio": _alone(spec.audio),
            "set": spec.set.model_copy(update={"audio_needs_visual": None}),
        }
    )


def _alone(limits: L) -> L:
    spare = {
        f"max_total_{name}": None
        for name in ("duration_s", "bytes")
        if _as_strict(getattr(limits, f"max_{name}", None), getattr(limits, f"max_total_{name}", None))
    }
    return limits.model_copy(update=spare)


def _as_strict(single: Limit[float] | None, total: Limit[float] | None) -> bool:
    return single is not None and total is not None and single.tolerated <= total.tolerated
