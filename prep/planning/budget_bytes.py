"""Bytes: the share of each video, so that all together stay under the size that they share."""

from collections.abc import Sequence

from prep.model.limits import Value, VideoLimits
from prep.planning.predict import REMUX_OVERHEAD_BYTES

# What is encoded gets at least this, or else the largest of the others is encoded as well.
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
        return self.size_bytes + (REMUX_OVERHEAD_BYTES if self.remuxed else 0)


def share_bytes(videos: Sequence[Footage], limits: VideoLimits) -> tuple[int | None, ...]:
    """Return for each video the most bytes it may be encoded to; None: its picture stays as it is coded.

    Those that are encoded share what the others leave, by their seconds. Where that is too little, or the others do not
    fit by themselves, the largest of these is encoded as well: those that stay keep every byte.
    """
    encoded = [video.encoded for video in videos]
    while not _fits(videos, encoded, limits) and not all(encoded):
        staying = [index for index, made in enumerate(encoded) if not made]
        encoded[max(staying, key=lambda index: videos[index].size_bytes)] = True
    rate = min(MOST_BYTES_PER_S, _left(videos, encoded, limits) / max(_seconds(videos, encoded), 0.001))
    each = limits.max_bytes.value if limits.max_bytes else None
    shares = [max(1, int(rate * video.seconds)) for video in videos]
    return tuple(
        (share if each is None else min(share, each)) if made else None
        for share, made in zip(shares, encoded, strict=True)
    )


def _fits(videos: Sequence[Footage], encoded: Sequence[bool], limits: VideoLimits) -> bool:
    """True if what stays fits, and leaves enough for what is encoded. Untouched files may use the tolerance."""
    total = limits.max_total_bytes
    if total is None:
        return True
    if any(encoded):
        return _left(videos, encoded, limits) >= LEAST_BYTES_PER_S * _seconds(videos, encoded)
    remuxed = any(video.remuxed for video in videos)
    return _kept(videos, encoded) <= (total.value if remuxed else total.tolerated)


def _left(videos: Sequence[Footage], encoded: Sequence[bool], limits: VideoLimits) -> float:
    if limits.max_total_bytes is None:
        return float("inf")
    return limits.max_total_bytes.value * HEADROOM - _kept(videos, encoded)


def _kept(videos: Sequence[Footage], encoded: Sequence[bool]) -> int:
    return sum(video.kept_bytes for video, made in zip(videos, encoded, strict=True) if not made)


def _seconds(videos: Sequence[Footage], encoded: Sequence[bool]) -> float:
    return sum(video.seconds for video, made in zip(videos, encoded, strict=True) if made)
