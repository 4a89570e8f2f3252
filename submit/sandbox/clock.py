"""Waiting on a clock that somebody else may drive."""

import asyncio
from collections.abc import Callable

Clock = Callable[[], float]
_LOOK_S = 0.02


async def wait(clock: Clock, seconds: float) -> None:
    """Until *clock* shows *seconds* more than now; it may stand still for long, and jump."""
    due = clock() + seconds
    while (left := due - clock()) > 0:
        await asyncio.sleep(min(left, _LOOK_S))
