"""The frame rate that a video is encoded at, so that motion stays even."""

from fractions import Fraction
from math import ceil, floor

from prep.model.limits import VideoLimits
from prep.model.media import VideoInfo, exact_rate

# A rate this close to a bound is moved onto it (23.976 to 24, 60.1 to 60); further off, frames are repeated or dropped
# by a whole number so that every one of them is shown equally long.
NEAR = Fraction("0.06")
UNKNOWN_FPS = 30.0  # of a single frame
COMMON = tuple(Fraction(rate) for rate in ("24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60"))


def even_rate(info: VideoInfo, limits: VideoLimits) -> Fraction:
    """The constant rate inside *limits* that is nearest to the source's."""
    rate = exact_rate(info.fps or info.avg_fps or UNKNOWN_FPS)
    if info.vfr:
        allowed = [common for common in COMMON if inside(float(common), limits)]
        rate = min(allowed, key=lambda common: abs(common - rate))
    lowest = Fraction(limits.min_fps.value) if limits.min_fps else Fraction(0)
    highest = Fraction(limits.max_fps.value) if limits.max_fps else rate
    if rate < lowest:
        even = rate * ceil(lowest / rate)
        return lowest if rate > lowest * (1 - NEAR) or even > highest else even
    if rate > highest:
        return highest if rate < highest * (1 + NEAR) else rate / ceil(rate / highest)
    return rate


def inside(fps: float, limits: VideoLimits) -> bool:
    return not (
        (limits.min_fps is not None and fps < limits.min_fps.value)
        or (limits.max_fps is not None and fps > limits.max_fps.value)
    )


def whole_frames(seconds: float, rate: Fraction) -> float:
    """The longest time of whole frames within *seconds*; one frame at least."""
    return float(max(1, floor(Fraction(seconds) * rate + Fraction(1, 1000))) / rate)


def whole_frames_up(seconds: float, rate: Fraction) -> float:
    """The shortest time of whole frames that is at least *seconds*."""
    return float(ceil(Fraction(seconds) * rate - Fraction(1, 1000)) / rate)
