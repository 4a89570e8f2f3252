"""Ctrl-C: the first ends the work, and no further one cuts off the tidying up, or what is then said."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def to_be_continued(told: str = "") -> Iterator[None]:
    """*told* is said of a Ctrl-C inside the block: what stands, and what to do next. Without it, who notices one says
    so, with Cancelled.
    """
    from prep.errors import Cancelled

    def first(*_: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not where it is ignored, as in a shell's &
    if ours:
        signal.signal(signal.SIGINT, first)
    try:
        yield
    except KeyboardInterrupt:
        raise Cancelled(f"interrupted; {told}" if told else "interrupted") from None
    except Cancelled:
        raise
    except BaseException:
        _given_back(ours)
        raise
    else:
        _given_back(ours)


def _given_back(ours: bool) -> None:
    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
