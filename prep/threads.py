"""Threads: one function for many items, several at a time."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from prep.log import in_context

S = TypeVar("S")
T = TypeVar("T")


def each(one: Callable[[T], S], items: Sequence[T]) -> list[S]:
    """Call *one* for every item; results are in the order of *items*, and records name what those of the caller name.

    A single item takes no thread: a caller may have many items one by one, and threads cost memory.
    """
    if len(items) == 1:
        return [one(items[0])]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(in_context(one), items))
