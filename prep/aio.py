"""The library for programs with an event loop: acheck, aplan, aprepare.

Each runs its twin of `prep.api` in a thread of its own, so that the loop goes on and the loop's own pool of
threads is left to others.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from typing import TypeVar

from prep.api import check, plan, prepare
from prep.inputs.resolve import References
from prep.model.limits import EndpointSpec
from prep.model.manifest import Manifest, ManifestEntry
from prep.model.plan import Options, Plan
from prep.model.progress import Progress
from prep.model.report import Report
from prep.net.network import Network
from prep.specs import DEFAULT_ENDPOINT

T = TypeVar("T")
Tell = Callable[[Progress], None]


async def acheck(
    references: References,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    prompt: str | None = None,
    options: Options | None = None,
    thorough: bool = False,
    network: Network | None = None,
) -> Report:
    """As `check`. A task that is cancelled ends as soon as the files at hand have been read."""
    return await in_thread(
        lambda cancel, _: check(
            references,
            endpoint,
            prompt=prompt,
            options=options,
            thorough=thorough,
            cancel=cancel,
            network=network,
        ),
        None,
    )


async def aplan(
    references: References,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    options: Options | None = None,
    network: Network | None = None,
) -> Plan:
    """As `plan`. A task that is cancelled ends as soon as the files at hand have been read."""
    return await in_thread(
        lambda cancel, _: plan(references, endpoint, options=options, cancel=cancel, network=network), None
    )


async def aprepare(
    references: References | Plan,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    options: Options | None = None,
    cache: str | os.PathLike[str] | None = None,
    on_made: Callable[[ManifestEntry, Path], None] | None = None,
    progress: Tell | None = None,
    network: Network | None = None,
) -> Manifest:
    """As `prepare`, with *progress* called in the event loop and *on_made* in threads.

    A task that is cancelled ends when ffmpeg has: *out* is then as it was, or complete where that came too late.
    """
    return await in_thread(
        lambda cancel, tell: prepare(
            references,
            endpoint,
            out=out,
            options=options,
            cache=cache,
            on_made=on_made,
            progress=tell,
            cancel=cancel,
            network=network,
        ),
        progress,
    )


async def in_thread(call: Callable[[threading.Event, Tell], T], progress: Tell | None) -> T:
    """What *call* returns or raises; it runs in a thread of its own, with an event that asks it to stop.

    When the task is cancelled the event is set, and the task ends only when *call* has. What *call* tells is handed to
    *progress* in the event loop; when that raises, *call* is asked to stop and the same is raised here.
    """
    loop, cancel = asyncio.get_running_loop(), threading.Event()
    failures: list[BaseException] = []

    def deliver(event: Progress) -> None:
        if progress is None or failures:
            return
        try:
            progress(event)
        except BaseException as error:
            failures.append(error)
            cancel.set()

    def tell(event: Progress) -> None:
        with suppress(RuntimeError):  # the loop was closed on us: nobody listens any more
            loop.call_soon_threadsafe(deliver, event)

    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prep")
    work = asyncio.wrap_future(pool.submit(copy_context().run, call, cancel, tell))
    pool.shutdown(wait=False)
    try:
        await asyncio.wait([work])
    except asyncio.CancelledError:
        cancel.set()
        while not work.done():
            with suppress(asyncio.CancelledError):  # however often it is cancelled: what runs is waited for
                await asyncio.wait([work])
        work.exception()  # seen, so that the loop does not complain that nobody looked
        raise
    if failures:
        work.exception()
        raise failures[0]
    return work.result()
