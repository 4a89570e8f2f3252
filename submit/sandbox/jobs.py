"""Jobs of the sandbox and their queue."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from pydantic import Field

from prep.log import get_logger
from prep.model.value import Value
from submit.sandbox.billing import Charge
from submit.sandbox.clock import Clock
from submit.sandbox.ledger import Event, Ledger

SLOTS = 2  # what a new account may run at a time
FIRST_POSITION = 2
RESULT_LIFETIME_S = 3600  # of an answer under 10 kB; the platform keeps it longer where it stores requests
MIN_WORK_S = 0.1  # so that a polling client sees IN_PROGRESS even for a job that is refused at once

logger = get_logger(__name__)


class Outcome(Value):
    """How a job ended: the answer to the result fetch, the charge (None: not billed), whether the result is kept."""

    status_code: int
    body: dict[str, Any]
    headers: dict[str, str] = Field(default_factory=dict)
    charge: Charge | None = None
    kept: bool = True


class Submitted(Value):
    """One accepted submission. *headers* are its X-Fal-* headers, never the key."""

    request_id: str
    endpoint: str
    body: Any
    webhook_url: str | None
    headers: dict[str, str]


@dataclass
class Job:
    """One request in the queue; times are seconds of the loop's clock, but *expires_at*, when its result is gone, is
    seconds of the sandbox's clock.
    """

    submitted: Submitted
    queued_at: float
    state: Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"] = "IN_QUEUE"
    started_at: float = 0.0
    finished_at: float = 0.0
    expires_at: float = 0.0
    held: bool = False
    logs: list[dict[str, str]] = field(default_factory=list)
    outcome: Outcome | None = None
    task: asyncio.Task[None] | None = None
    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def log(self, message: str) -> None:
        stamp = datetime.now(UTC).isoformat()
        self.logs.append({"message": message, "level": "INFO", "source": "sandbox", "timestamp": stamp})


class Stages(NamedTuple):
    """What happens to each job: *hold* keeps it in the queue, *answer* decides how it ends, *notify* reports that."""

    hold: Callable[[Job], Awaitable[None]]
    answer: Callable[[Job], Awaitable[Outcome]]
    notify: Callable[[Job], Awaitable[None]]


class JobQueue:
    """Runs a few jobs at a time, each after *queue_s* seconds. *clock* measures how long results are kept."""

    def __init__(self, stages: Stages, ledger: Ledger, queue_s: float, clock: Clock) -> None:
        self._stages = stages
        self._ledger = ledger
        self._queue_s = queue_s
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._slots = asyncio.Semaphore(SLOTS)

    def submitted(self) -> tuple[Submitted, ...]:
        return tuple(job.submitted for job in tuple(self._jobs.values()))

    def finished(self) -> list[Job]:
        """List the jobs that have ended, the latest end first."""
        done = [job for job in self._jobs.values() if job.outcome is not None]
        return sorted(done, key=lambda job: job.finished_at, reverse=True)

    def find(self, request_id: str) -> Job | None:
        return self._jobs.get(request_id)

    def submit(self, endpoint: str, body: object, webhook_url: str | None, headers: Mapping[str, str]) -> Job:
        submitted = Submitted(
            request_id=str(uuid.uuid4()), endpoint=endpoint, body=body, webhook_url=webhook_url, headers=dict(headers)
        )
        job = Job(submitted=submitted, queued_at=asyncio.get_running_loop().time())
        self._jobs[submitted.request_id] = job
        self._ledger.record("accepted", submitted.request_id, endpoint)
        job.task = asyncio.create_task(self._run(job))
        return job

    def position(self, job: Job) -> int:
        """How many are ahead of *job*: those really waiting, and at first a few imaginary ones."""
        waited_s = asyncio.get_running_loop().time() - job.queued_at
        left = max(0.0, 1 - waited_s / self._queue_s) if self._queue_s else 0.0
        left = 1.0 if job.held else left
        ahead = sum(1 for other in self._jobs.values() if other.state == "IN_QUEUE" and other.queued_at < job.queued_at)
        return ahead + round(left * FIRST_POSITION)

    def is_lost(self, job: Job) -> bool:
        """Return whether the result of a finished *job* is gone."""
        return job.outcome is not None and (not job.outcome.kept or self._clock() >= job.expires_at)

    def cancel(self, job: Job) -> bool:
        """Cancel *job* without billing it; return False when it has ended already."""
        if job.state == "COMPLETED":
            return False
        if job.task is not None:
            job.task.cancel()
        body = {"detail": "Request was cancelled by the client", "error_type": "client_cancelled"}
        headers = {"X-Fal-Error-Type": "client_cancelled"}
        self._finish(job, Outcome(status_code=499, body=body, headers=headers), "cancelled")
        return True

    async def stop(self) -> None:
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        job.held = True
        await self._stages.hold(job)
        job.held = False
        await asyncio.sleep(self._queue_s)
        async with self._slots:
            loop = asyncio.get_running_loop()
            job.state, job.started_at = "IN_PROGRESS", loop.time()
            try:
                outcome = await self._stages.answer(job)
            except Exception as error:  # a bug in the sandbox must end the job, or its client would poll forever
                lacks = isinstance(error, OSError)  # room on the disk, for one
                logger.error(
                    "the sandbox failed on %s: %s", job.submitted.request_id, error, exc_info=None if lacks else error
                )
                problem = {"loc": ["body"], "msg": f"sandbox: {error}", "type": "internal_server_error"}
                outcome = Outcome(status_code=500, body={"detail": [problem]})
            await asyncio.sleep(max(0.0, job.started_at + MIN_WORK_S - loop.time()))
            unpaid: Event = "refused" if outcome.status_code < 500 else "failed"
            self._finish(job, outcome, "billed" if outcome.charge else unpaid)
        await self._stages.notify(job)

    def _finish(self, job: Job, outcome: Outcome, event: Event) -> None:
        job.outcome, job.finished_at = outcome, asyncio.get_running_loop().time()
        job.expires_at = self._clock() + RESULT_LIFETIME_S
        job.state = "COMPLETED"
        self._ledger.record(event, job.submitted.request_id, job.submitted.endpoint, outcome.charge)
