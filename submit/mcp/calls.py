"""Calls: the progress of a running one is reported, and its work ends when the client cancels it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import anyio
from mcp_types import CallToolResult

from prep.errors import PrepError
from prep.model.progress import OnProgress, Progress
from submit.mcp.answers import failure
from submit.mcp.desk import Call

P = ParamSpec("P")
T = TypeVar("T")


class Reporter:
    """Sends the latest progress to the client, no faster than the client takes it; called in the event loop.

    The number grows with every report, as the protocol demands: the sum of the parts that are done.
    """

    def __init__(self, ctx: Call) -> None:
        self._ctx = ctx
        self._news = asyncio.Event()
        self._parts: dict[tuple[str, str], float] = {}
        self._sent = 0.0
        self._message = ""

    def __call__(self, event: Progress) -> None:
        key = (event.stage, event.message or event.tag or event.label)
        self._parts[key] = max(self._parts.get(key, 0.0), event.part, float(bool(event.message)))
        subject = " ".join(filter(None, (event.tag, event.label)))
        self._message = event.message or f"{event.stage} {subject} {event.part:.0%}"
        self._news.set()

    async def send(self) -> None:
        """Report until it is cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            total = round(sum(self._parts.values()), 3)
            if total > self._sent:
                self._sent = total
                await self._ctx.report_progress(total, message=self._message)


async def working(ctx: Call, work: Callable[[OnProgress], Awaitable[T]]) -> T:
    """Return or raise what *work* does. A call that the client cancels ends when its work has: nothing stays half-made.

    *work* is an async twin of the library's, which stops its thread when it is cancelled.
    """
    reporter = Reporter(ctx)
    sending = asyncio.ensure_future(reporter.send())
    task = asyncio.ensure_future(work(reporter))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([task])
        raise
    finally:
        sending.cancel()


def answering(tool: Callable[P, Awaitable[CallToolResult]]) -> Callable[P, Awaitable[CallToolResult]]:
    """Turn the errors of the library into answers of *tool*, which is called as its function is."""

    @wraps(tool)
    async def call(*args: P.args, **kwargs: P.kwargs) -> CallToolResult:
        try:
            return await tool(*args, **kwargs)
        except PrepError as error:
            ctx: Any = kwargs["ctx"]
            return failure(tool.__name__, error, ctx)

    return call
