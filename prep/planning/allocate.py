"""Splitting a shared budget."""

from collections.abc import Sequence


def water_fill(wants: Sequence[float], budget: float) -> tuple[float, ...]:
    """Give each what it wants, up to one common level such that the sum is at most *budget*.

    Small wants are met whole (the very number comes back); the rest share what is left equally. A budget below zero
    gives nothing to anyone.
    """
    shares = [0.0] * len(wants)
    left = max(budget, 0.0)
    by_size = sorted(range(len(wants)), key=lambda index: wants[index])
    for position, index in enumerate(by_size):
        level = left / (len(wants) - position)
        shares[index] = min(wants[index], level)
        left -= shares[index]
    return tuple(shares)
