"""Division of a shared budget."""

from collections.abc import Sequence


def water_fill(wants: Sequence[float], budget: float) -> tuple[float, ...]:
    """Give each what it wants, up to one common level at which the sum is at most *budget*.

    Small wants are met in full (as the very same number); the rest share what is left equally. With a budget below zero
    nobody gets anything.
    """
    shares = [0.0] * len(wants)
    left = max(budget, 0.0)
    by_size = sorted(range(len(wants)), key=lambda index: wants[index])
    for position, index in enumerate(by_size):
        level = left / (len(wants) - position)
        shares[index] = min(wants[index], level)
        left -= shares[index]
    return tuple(shares)
