"""Bytes: how many each video may take, so that all together stay under the size that they share."""

from collections.abc import Sequence

from prep.model.limits import VideoLimits
from prep.planning.predict import REMUX_OVERHEAD_BYTES

# What is encoded anew gets at least this, or else the largest of the others is encoded anew as well.
LEAST_BYTES_PER_S = 2_000_000 // 8
# Far more than any reference needs; it only keeps noise from filling the budget of all.
MOST_BYTES_PER_S = 40_000_000 // 8
# Rate control meets a size within a few percent; what is left over is the container.
HEADROOM = 0.98


def share_bytes(
    sizes: Sequence[int], seconds: Sequence[float], encoded: Sequence[bool], limits: VideoLimits
) -> tuple[int | None, ...]:
    """For each video the most bytes it may be encoded to; None: its picture stays as it is.

    *encoded* tells which pictures are encoded anew whatever their size. Of the others, the largest are added until the
    rest fits: those that stay keep every byte.
    """
    chosen = list(encoded)
    total = limits.max_total_bytes
    while total is not None:
        kept = sum(size + REMUX_OVERHEAD_BYTES for size, anew in zip(sizes, chosen, strict=True) if not anew)
        if not any(chosen) and sum(sizes) <= total.tolerated:
            break
        left = total.value * HEADROOM - kept
        if left >= LEAST_BYTES_PER_S * _sum(seconds, chosen) and (any(chosen) or left >= 0):
            break
        largest = max((index for index, anew in enumerate(chosen) if not anew), key=lambda i: sizes[i], default=None)
        if largest is None:
            break
        chosen[largest] = True
    rate = MOST_BYTES_PER_S
    if total is not None and any(chosen):
        left = total.value * HEADROOM - sum(
            size + REMUX_OVERHEAD_BYTES for size, anew in zip(sizes, chosen, strict=True) if not anew
        )
        rate = min(rate, max(1, int(left / max(_sum(seconds, chosen), 0.001))))
    each = limits.max_bytes.value if limits.max_bytes else None
    return tuple(
        (min(int(rate * length), each or int(rate * length)) if anew else None)
        for length, anew in zip(seconds, chosen, strict=True)
    )


def _sum(seconds: Sequence[float], chosen: Sequence[bool]) -> float:
    return sum(length for length, anew in zip(seconds, chosen, strict=True) if anew)
