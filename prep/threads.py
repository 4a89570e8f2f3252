"""Threads: one function for many items, several at a time, and the end of all of them."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from prep.log import in_context

POLL_S = 0.05
# The kernel may give a signal to any thread; Python acts on it in the main one, which has to wake up for that.
WAKE_S = 0.5
AHEAD = 4  # items in work per processor: memory does not grow with a list
S = TypeVar("S")
T = TypeVar("T")


class EitherEvent(threading.Event):
    """Set when it is set itself, or when *other* is: one failure stops the rest without touching the caller's event."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.is_set() and (deadline is None or time.monotonic() < deadline):
            self._other.wait(POLL_S)
        return self.is_set()


def each(one: Callable[[T], S], items: Sequence[T], cancel: threading.Event) -> list[S]:
    """Call *one* for every item; results are in the order of *items*; records and spans belong to those of the caller.

    An interrupt sets *cancel*, which stops what runs. A single item takes no thread: a caller may have many items one
    by one, and threads cost memory.
    """
    if len(items) == 1:
        return [one(items[0])]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool, stopping(cancel):
        futures = [pool.submit(in_context(one), item) for item in items]
        try:
            return [_awaited(future) for future in futures]
        finally:
            for future in futures:
                future.cancel()


def in_order(one: Callable[[T], S], items: Iterable[T], stop: threading.Event) -> Iterator[S]:
    """Yield what *one* returns for each of *items*, in order; a few per processor are in work, however many there are.

    An interrupt, and leaving the iteration, sets *stop*, which stops what runs.
    """
    workers = os.cpu_count() or 1
    running: deque[Future[S]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool, stopping(stop):
        try:
            for item in items:
                running.append(pool.submit(in_context(one), item))
                if len(running) >= AHEAD * workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def _awaited(future: "Future[S]") -> S:
    while wait([future], WAKE_S).not_done:
        pass
    return future.result()


@contextmanager
def stopping(event: threading.Event) -> Iterator[None]:
    """Set *event* when the block is left by an interrupt, or as a generator that nobody goes on with."""
    try:
        yield
    except Exception:
        raise
    except BaseException:
        event.set()
        raise
