"""Executors: where rows are prepared. This machine needs no service; another kind implements the same port."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from submit.batches.preparation import Preparation, Prepared, prepare_row


class Executor(Protocol):
    """Carries out preparations, several at a time; each may be carried out again after a failure of a machine."""

    def submit(self, task: Preparation) -> "Future[Prepared]":
        """Start *task*; the future raises what `prepare_row` raises."""
        ...

    def close(self) -> None:
        """Stop what is going on, and wait until nothing is left of it."""
        ...


class LocalExecutor:
    """Prepares in threads of this process; media are opened in processes of their own, and ffmpeg is one."""

    def __init__(self, workers: int) -> None:
        self._cancel = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="prepare")

    def submit(self, task: Preparation) -> "Future[Prepared]":
        return self._pool.submit(prepare_row, task, self._cancel)

    def close(self) -> None:
        self._cancel.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
