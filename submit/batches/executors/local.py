"""Executor of this machine: threads of this process; media are opened in processes of their own, and ffmpeg is one."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from submit.batches.preparation import Preparation, Prepared, prepare_row


class LocalExecutor:
    """Implements Executor."""

    def __init__(self, workers: int) -> None:
        self._cancel = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="prepare")

    def submit(self, task: Preparation) -> "Future[Prepared]":
        return self._pool.submit(prepare_row, task, self._cancel)

    def close(self) -> None:
        self._cancel.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
