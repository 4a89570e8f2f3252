"""Effects of the faults that strike a job: how long it waits, how it ends, whether its result is kept."""

from collections.abc import Awaitable, Callable

from submit.sandbox.clock import Clock, wait
from submit.sandbox.faults.plan import Faults
from submit.sandbox.jobs import Job, Outcome
from submit.sandbox.judge.problem import Problem

Answer = Callable[[Job], Awaitable[Outcome]]
REFUSED = "The content could not be processed because it contained material flagged by a content checker."


def build_hold(faults: Faults, clock: Clock) -> Callable[[Job], Awaitable[None]]:
    """Return a wait that keeps a job in the queue longer than usual."""

    async def hold(job: Job) -> None:
        strike = faults.strike("job", only="queue")
        if strike:
            job.log(f"kept in the queue for {strike.seconds:g} s")
            await wait(clock, strike.seconds)

    return hold


def build_answer(faults: Faults, answer: Answer) -> Answer:
    """Wrap *answer*: a fault may decide how the job ends."""

    async def end(job: Job) -> Outcome:
        if faults.strike("job", only="policy-refusal"):
            return Outcome(status_code=422, body={"detail": [_policy_problem(job)]})
        outcome = await answer(job)
        if outcome.charge and faults.strike("job", only="lost-result"):
            return outcome.model_copy(update={"kept": False})
        return outcome

    return end


def _policy_problem(job: Job) -> dict[str, object]:
    context = {"extra_info": {"reason": "partner_validation_failed"}}
    problem = Problem(loc=("body", "prompt"), type="content_policy_violation", msg=REFUSED, ctx=context)
    return problem.as_json(job.submitted.body)
