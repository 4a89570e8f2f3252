"""Waiting by a clock that a test may drive."""

import asyncio
from collections.abc import Callable

Clock = Callable[[], float]
_TICK_S = 0.02


async def wait(clock: Clock, seconds: float) -> None:
    """Wait until *clock* has advanced by *seconds*; it may stand still, and jump."""
    due = clock() + seconds
    while (left := due - clock()) > 0:
        await asyncio.sleep(min(left, _TICK_S))
