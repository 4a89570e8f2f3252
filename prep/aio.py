"""The library for programs with an event loop: acheck, aplan, aprepare, aprice.

Each runs its twin of `prep.api` in a thread of its own, so that the loop goes on and the loop's own pool of threads is
left to others.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from prep.api import check, plan, prepare, price
from prep.model.progress import OnProgress, Progress

P = ParamSpec("P")
T = TypeVar("T")


def twin(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return *function* as a coroutine function with the same parameters.

    Its `progress` is called in the event loop, all other callbacks in the thread. When the task is cancelled,
    `cancel` is set, the caller's own where there is one, and the task ends when the work has.
    """
    cancellable = "cancel" in signature(function).parameters

    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        options: dict[str, Any] = dict(kwargs)
        on_progress = options.pop("progress", None)
        cancel = options.pop("cancel", None) or threading.Event()

        def work(report: OnProgress) -> T:
            wires = ({"progress": report} if on_progress else {}) | ({"cancel": cancel} if cancellable else {})
            return function(*args, **(options | wires))

        return await in_thread(work, on_progress, cancel)

    call.__doc__ = f"Do as `{function.__name__}` does, with *progress* called in the event loop."
    return call


async def in_thread(work: Callable[[OnProgress], T], on_progress: OnProgress | None, cancel: threading.Event) -> T:
    """Return or raise what *work* does in a thread of its own; it gets a callback for progress.

    When the task is cancelled, *cancel* is set and the task ends only when *work* has. Progress reaches *on_progress*
    in the event loop; an exception from that stops *work* and is raised here.
    """
    loop = asyncio.get_running_loop()
    failures: list[BaseException] = []

    def deliver(event: Progress) -> None:
        if on_progress is None or failures:
            return
        try:
            on_progress(event)
        except BaseException as error:
            failures.append(error)
            cancel.set()

    def report(event: Progress) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(deliver, event)

    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prep")
    future = asyncio.wrap_future(pool.submit(copy_context().run, work, report))
    pool.shutdown(wait=False)
    try:
        await asyncio.wait([future])
    except asyncio.CancelledError:
        cancel.set()
        while not future.done():
            with suppress(asyncio.CancelledError):  # however often it is cancelled, running work is waited for
                await asyncio.wait([future])
        future.exception()  # retrieved, so that the loop does not complain
        raise
    if failures:
        future.exception()
        raise failures[0]
    return future.result()


acheck = twin(check)
aplan = twin(plan)
aprepare = twin(prepare)
aprice = twin(price)
