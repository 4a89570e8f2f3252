"""The same where an event loop runs: arun, asubmit, aresume.

Each runs its twin of `submit.api` in a thread of its own. A task that is cancelled stops waiting, as a Ctrl-C does:
the job goes on, and saying the same again, or `aresume`, comes back to it.
"""

import os
from decimal import Decimal

from prep.aio import Tell, in_thread
from prep.inputs.resolve import References
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Options
from prep.net.network import Network
from prep.specs import DEFAULT_ENDPOINT
from submit.api import Confirm, Outcome, resume, run, submit
from submit.job.context import EXPIRES, POLL_S
from submit.job.submission import Result, Submission
from submit.platform import Platform


class AsyncSubmission:
    """As `Submission`, which is its *submission*; `result` is awaited."""

    def __init__(self, submission: Submission, progress: Tell | None) -> None:
        self.submission = submission
        self._progress = progress

    @property
    def job(self) -> str:
        return self.submission.job

    @property
    def request_id(self) -> str:
        return self.submission.request_id

    async def result(self, timeout_s: float | None = None) -> Result:
        return await in_thread(lambda cancel, _: self.submission.result(cancel, timeout_s), self._progress)


async def arun(
    references: References,
    prompt: str,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    generation: Generation | None = None,
    options: Options | None = None,
    max_cost: Decimal | None = None,
    confirm: Confirm | None = None,
    again: bool = False,
    wait: bool = True,
    webhook: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    expires: str = EXPIRES,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: Tell | None = None,
    network: Network | None = None,
) -> Outcome:
    """As `run`, with *progress* called in the event loop and *confirm* in the thread."""
    return await in_thread(
        lambda cancel, tell: run(
            references,
            prompt,
            endpoint,
            out=out,
            generation=generation,
            options=options,
            max_cost=max_cost,
            confirm=confirm,
            again=again,
            wait=wait,
            webhook=webhook,
            platform=platform,
            state=state,
            cache=cache,
            expires=expires,
            poll_s=poll_s,
            timeout_s=timeout_s,
            progress=tell,
            cancel=cancel,
            network=network,
        ),
        progress,
    )


async def asubmit(
    folder: str | os.PathLike[str],
    prompt: str,
    *,
    generation: Generation | None = None,
    spec: EndpointSpec | None = None,
    max_cost: Decimal | None = None,
    confirm: Confirm | None = None,
    again: bool = False,
    webhook: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    expires: str = EXPIRES,
    poll_s: float = POLL_S,
    progress: Tell | None = None,
    network: Network | None = None,
) -> AsyncSubmission:
    """As `submit`; `await` the `.result()` of what is returned."""
    submission = await in_thread(
        lambda cancel, tell: submit(
            folder,
            prompt,
            generation=generation,
            spec=spec,
            max_cost=max_cost,
            confirm=confirm,
            again=again,
            webhook=webhook,
            platform=platform,
            state=state,
            expires=expires,
            poll_s=poll_s,
            progress=tell,
            cancel=cancel,
            network=network,
        ),
        progress,
    )
    return AsyncSubmission(submission, progress)


async def aresume(
    job: str | os.PathLike[str] | None = None,
    *,
    resubmit: bool = False,
    request_id: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: Tell | None = None,
) -> Result:
    """As `resume`."""
    return await in_thread(
        lambda cancel, tell: resume(
            job,
            resubmit=resubmit,
            request_id=request_id,
            platform=platform,
            state=state,
            poll_s=poll_s,
            timeout_s=timeout_s,
            progress=tell,
            cancel=cancel,
        ),
        progress,
    )
