"""Lock on one job, which waits while another process holds it. `next_step` decides what is done with the job."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from prep.errors import Busy, Cancelled
from prep.model.progress import Progress
from submit.errors import StillRunning
from submit.job.context import JobContext
from submit.job.messages import interrupted, still_running
from submit.journal import JobRecord


class Claim(NamedTuple):
    """*job* as it is now; *held*: nobody else may change it inside the block."""

    job: JobRecord
    held: bool


@contextmanager
def claim(job_id: str, ctx: JobContext, is_done: Callable[[JobRecord], bool]) -> Iterator[Claim]:
    """Hold a job. While another process holds it, wait until that lets go, or the job satisfies *is_done*: then it is
    not held, and nothing is left to do.

    Raises Cancelled when *cancel* is set, StillRunning after *timeout_s* seconds.
    """
    deadline = None if ctx.timeout_s is None else time.monotonic() + ctx.timeout_s
    with ExitStack() as stack:
        announced = False
        while True:
            try:
                stack.enter_context(ctx.journal.claim(job_id))
            except Busy:
                job = ctx.journal.get(job_id)
                if is_done(job):
                    yield Claim(job, held=False)
                    return
            else:
                yield Claim(ctx.journal.get(job_id), held=True)
                return
            if not announced:
                message = f"another process is working on job {job_id}; waiting for it"
                ctx.progress(Progress(stage="queue", message=message))
                announced = True
            if deadline is not None and time.monotonic() >= deadline:
                raise StillRunning(still_running(job))
            if ctx.cancel.wait(ctx.poll_s):
                raise Cancelled(interrupted(job))
