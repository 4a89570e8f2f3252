"""Executors: where rows are prepared. This machine needs no service; others implement the same port."""

from concurrent.futures import Future
from typing import Protocol

from submit.batches.preparation import Preparation, Prepared


class Executor(Protocol):
    """Carries out preparations, several at a time; each may be carried out again after a failure of a machine."""

    def submit(self, task: Preparation) -> "Future[Prepared]":
        """Start *task*; the future raises what `prepare_row` raises."""
        ...

    def close(self) -> None:
        """Stop what is going on, and wait until nothing is left of it."""
        ...
