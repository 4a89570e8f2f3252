"""Slots: how many jobs are in flight on the platform at a time, and how many rows upload."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prep.errors import Cancelled
from submit.job.context import Turn

TICK_S = 0.2
UPLOADING_AT_ONCE = 4  # rows; each uploads up to four files at once


class NotStarted(Cancelled):
    """The batch stopped before this row was sent."""


class Slots:
    """*size* places in flight. Jobs that were sent earlier take theirs even where none is free."""

    def __init__(self, size: int, cancel: threading.Event) -> None:
        self._free, self._cancel = size, cancel
        self._changed = threading.Condition()
        self._closed = False

    def take(self, *, sent: bool = False) -> None:
        """Wait for a free place. Raises NotStarted once the slots are closed; one that was *sent* waits for nothing."""
        with self._changed:
            while self._free <= 0 and not sent and not self._shut():
                self._changed.wait(TICK_S)
            if self._shut() and not sent:
                raise NotStarted("the batch stopped before this row was sent")
            self._free -= 1

    def _shut(self) -> bool:
        """A job that is given up gives its slot back, and nobody may take that once the batch is cancelled."""
        return self._closed or self._cancel.is_set()

    def give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify()

    def close(self) -> None:
        """Let nobody in any more: whoever waits is turned away."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class RowTurn(Turn):
    """The turn of one row: it uploads beside few others, and is sent when a slot is free, after *waited_s* seconds."""

    def __init__(self, slots: Slots, uploads: threading.Semaphore, enter: Callable[[str], None]) -> None:
        self._slots, self._uploads, self._enter = slots, uploads, enter
        self.in_flight = False
        self.waited_s = 0.0

    @contextmanager
    def uploading(self) -> Iterator[None]:
        with self._uploads:
            self._enter("uploading")
            yield
        self._enter("uploaded")

    def before_post(self) -> None:
        self._take(sent=False)

    def was_sent(self) -> None:
        """Count a job that is on the platform already."""
        self._take(sent=True)

    def over(self) -> None:
        """The job is no longer in flight."""
        if self.in_flight:
            self.in_flight = False
            self._slots.give_back()

    def _take(self, *, sent: bool) -> None:
        if not self.in_flight:
            begun = time.monotonic()
            self._slots.take(sent=sent)
            self.waited_s = time.monotonic() - begun
            self.in_flight = True
        self._enter("running")
