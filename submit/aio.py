"""Async twins for programs with an event loop: arun, asubmit, abatch, aresume, astatus, acancel, ajobs.

Each runs its twin in a thread of its own. Cancelling the task stops waiting, as a Ctrl-C does: the job
goes on, and the same call, or `aresume`, returns to it.
"""

import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prep.aio import in_thread, twin
from prep.model.finding import Finding
from prep.model.manifest import Manifest
from submit.api import run, submit
from submit.batches.api import batch
from submit.batches.results.result import BatchSummary, RowResult
from submit.batches.run import Batch
from submit.batches.survey import BatchOffer
from submit.job.submission import Result, Submission
from submit.journal import JobRecord
from submit.managing import cancel, jobs, resume, status

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


class AsyncSubmission:
    """As `Submission`, which is its *submission*; `result` is awaited."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission

    @property
    def found(self) -> bool:
        return self.submission.found

    @property
    def record(self) -> JobRecord:
        return self.submission.record

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.submission.findings

    @property
    def job(self) -> str:
        return self.submission.job

    @property
    def manifest(self) -> Manifest:
        return self.submission.manifest

    @property
    def request_id(self) -> str:
        return self.submission.request_id

    async def result(self, cancel: threading.Event | None = None, timeout_s: float | None = None) -> Result:
        """Wait for the video; cancelling the task stops waiting, as *cancel* does."""
        return await twin(self.submission.result)(cancel=cancel, timeout_s=timeout_s)


class AsyncBatch:
    """As `Batch`, which is its *batch*; `async for` runs it. Cancelling the task stops it, as `cancel` does."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    @property
    def offer(self) -> BatchOffer:
        return self.batch.offer

    @property
    def summary(self) -> BatchSummary:
        return self.batch.summary

    async def __aiter__(self) -> AsyncIterator[RowResult]:
        results = iter(self.batch)
        try:
            while (result := await twin(_next)(results, cancel=self.batch.cancel)) is not None:
                yield result
        finally:
            await in_thread(lambda report: results.close(), None, self.batch.cancel)


def _next(results: Iterator[RowResult], cancel: threading.Event) -> RowResult | None:  # noqa: ARG001  it ends the wait
    return next(results, None)


def _twin(function: Callable[P, T], wrap: Callable[[T], S]) -> Callable[P, Coroutine[Any, Any, S]]:
    """Return the twin of *function*, with what that returns in *wrap*, whose own work is awaited as well."""

    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> S:
        return wrap(await twin(function)(*args, **kwargs))

    return call


arun = twin(run)
asubmit = _twin(submit, AsyncSubmission)
abatch = _twin(batch, AsyncBatch)
aresume = twin(resume)
astatus = twin(status)
acancel = twin(cancel)
ajobs = twin(jobs)
