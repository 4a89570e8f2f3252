"""Async twins for programs with an event loop: arun, asubmit, aresume.

Each runs its twin in `submit.api` in a thread of its own. Cancelling the task stops waiting, as a Ctrl-C does: the job
goes on, and the same call, or `aresume`, returns to it.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

from prep.aio import twin
from submit.api import resume, run, submit
from submit.job.submission import Result, Submission

P = ParamSpec("P")


class AsyncSubmission:
    """As `Submission`, which is its *submission*; `result` is awaited."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission

    @property
    def job(self) -> str:
        return self.submission.job

    @property
    def request_id(self) -> str:
        return self.submission.request_id

    async def result(self, timeout_s: float | None = None) -> Result:
        return await twin(self.submission.result)(timeout_s=timeout_s)


def _awaitable(function: Callable[P, Submission]) -> Callable[P, Coroutine[Any, Any, AsyncSubmission]]:
    """Return the twin of *function* whose submission is awaited as well."""

    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> AsyncSubmission:
        return AsyncSubmission(await twin(function)(*args, **kwargs))

    return call


arun = twin(run)
asubmit = _awaitable(submit)
aresume = twin(resume)
