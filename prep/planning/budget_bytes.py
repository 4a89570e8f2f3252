"""Bytes: the share of each video, so that all together stay under the size that they share."""

from collections.abc import Sequence

from prep.model.limits import VideoLimits
from prep.model.value import Value
from prep.planning.predict import REMUX_OVERHEAD_BYTES

# What is re-encoded gets at least this, or else the largest of the others is re-encoded as well.
LEAST_BYTES_PER_S = 2_000_000 // 8
# Far more than any reference needs; it only keeps noise from filling the budget of all.
MOST_BYTES_PER_S = 40_000_000 // 8
# Rate control meets a size within a few percent; what is left over is the container.
HEADROOM = 0.98


class Footage(Value):
    """One video under the shared size: its bytes and seconds, and whether it is re-encoded or only remuxed."""

    size_bytes: int
    seconds: float
    encoded: bool = False
    remuxed: bool = False

    @property
    def kept_bytes(self) -> int:
        """The bytes that are not for sharing: none of what is re-encoded."""
        return 0 if self.encoded else self.size_bytes + (REMUX_OVERHEAD_BYTES if self.remuxed else 0)


def share_bytes(videos: Sequence[Footage], limits: VideoLimits) -> tuple[int | None, ...]:
    """Return for each video the most bytes it may be encoded to; None: its picture stays as it is coded.

    Those that are re-encoded share what the others leave, by their seconds. Where that is too little, or the others do
    not fit by themselves, the largest of these is re-encoded as well: those that stay keep every byte.
    """
    footage = list(videos)
    while not _fits(footage, limits) and (staying := [video for video in footage if not video.encoded]):
        largest = max(staying, key=lambda video: video.size_bytes)
        footage[footage.index(largest)] = largest.model_copy(update={"encoded": True})
    rate = min(MOST_BYTES_PER_S, _left(footage, limits) / max(_encoded_s(footage), 0.001))
    most = limits.max_bytes.value if limits.max_bytes else None
    return tuple(_share(video, rate, most) if video.encoded else None for video in footage)


def _share(video: Footage, rate: float, most: int | None) -> int:
    share = max(1, int(rate * video.seconds))
    return share if most is None else min(share, most)


def _fits(footage: Sequence[Footage], limits: VideoLimits) -> bool:
    """True if what stays fits, and leaves enough for what is re-encoded. Untouched files may use the tolerance."""
    total = limits.max_total_bytes
    if total is None:
        return True
    if any(video.encoded for video in footage):
        return _left(footage, limits) >= LEAST_BYTES_PER_S * _encoded_s(footage)
    remuxed = any(video.remuxed for video in footage)
    return sum(video.kept_bytes for video in footage) <= (total.value if remuxed else total.tolerated)


def _left(footage: Sequence[Footage], limits: VideoLimits) -> float:
    if limits.max_total_bytes is None:
        return float("inf")
    return limits.max_total_bytes.value * HEADROOM - sum(video.kept_bytes for video in footage)


def _encoded_s(footage: Sequence[Footage]) -> float:
    return sum(video.seconds for video in footage if video.encoded)
