"""Values that are made once, however many threads want them."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def once(made: dict[K, Future[T]], lock: threading.Lock, key: K, make: Callable[[], T], *, again: bool = False) -> T:
    """What *make* returns or raises, called for one of the threads that want it; others wait for it alone.

    *made* holds what there is, and is read and written under *lock* only. With *again*, what failed is tried again for
    who wants it later.
    """
    with lock:
        first = key not in made
        wanted = made.setdefault(key, Future())
    if first:
        try:
            wanted.set_result(make())
        except BaseException as error:
            if again:
                with lock:
                    del made[key]
            wanted.set_exception(error)
    return wanted.result()
