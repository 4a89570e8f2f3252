"""Executor of this machine: threads of this process; media are opened in processes of their own, and ffmpeg is one."""

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from submit.batches.preparation import Preparation, Prepared, prepare_row


class LocalExecutor:
    """Implements Executor; without a number of *workers* there is one per processor."""

    def __init__(self, workers: int | None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._cancel = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=self.workers, thread_name_prefix="prepare")

    def submit(self, task: Preparation) -> "Future[Prepared]":
        return self._pool.submit(copy_context().run, prepare_row, task, self._cancel)

    def close(self) -> None:
        self._cancel.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
