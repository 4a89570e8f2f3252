"""Threads end when one is interrupted, or when nobody asks for more."""

import os
import signal
import threading
from concurrent.futures import Future
from typing import Any

import pytest

from prep.check_many import check_each
from prep.inputs.references import read_references
from prep.memoize import once
from prep.model.progress import Progress
from prep.threads import EitherEvent, each
from tests.types import Media

WAIT_S = 60.0


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to one thread")
def test_an_interrupt_stops_what_runs() -> None:
    """Also one that the kernel gives to another thread than the main one, which is then not woken by it."""
    cancel, ends = threading.Event(), []
    both = threading.Barrier(2)

    def one(number: int) -> None:
        both.wait(WAIT_S)
        if number == 0:
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        ends.append(cancel.wait(WAIT_S))

    with pytest.raises(KeyboardInterrupt):
        each(one, [0, 1], cancel)
    assert ends == [True, True]


def test_a_failure_of_one_item_leaves_the_event_alone() -> None:
    cancel = threading.Event()
    with pytest.raises(ZeroDivisionError):
        each(lambda number: 1 // number, [0, 1], cancel)
    assert not cancel.is_set()


def test_an_event_of_two() -> None:
    first = threading.Event()
    both = EitherEvent(first)
    assert not both.wait(0.01)
    both.set()
    assert both.wait(WAIT_S) and not first.is_set()
    other = EitherEvent(first)
    first.set()
    assert other.is_set() and other.wait()


def test_reports_that_nobody_asks_for_are_given_up(media: Media) -> None:
    """The caller's own event is not touched."""
    seen: list[Progress] = []
    cancel = threading.Event()
    reports = check_each(read_references([media("photo.jpg")]).references * 500, progress=seen.append, cancel=cancel)
    next(reports)
    reports.close()
    count = len(seen)
    assert not cancel.is_set() and count < 500


def test_what_failed_once_is_tried_again() -> None:
    answers: list[Any] = [OSError("503"), 7, 8]
    made: dict[str, Future[int]] = {}
    lock = threading.Lock()

    def make() -> int:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return int(answer)

    with pytest.raises(OSError, match="503"):
        once(made, lock, "a", make, again=True)
    assert [once(made, lock, "a", make, again=True) for _ in range(2)] == [7, 7]
