"""Looking at jobs, stopping and forgetting them."""

from collections.abc import Callable
from typing import Any

import pytest

from prep.errors import Busy, RemoteError, UsageError
from submit.errors import NotSent, Refusal
from submit.job.context import JobContext
from submit.job.lookup import find
from submit.job.manage import cancel, forget, status
from submit.journal import Journal
from submit.platform import State
from tests.submit.cloud import Cloud
from tests.submit.journal.records import record

pytestmark = pytest.mark.usefixtures("both_journals")

Generate = Callable[..., Any]
REQUEST_CANCELLED = Refusal("Request was cancelled by the client", 499, "", "client_cancelled")


@pytest.fixture
def ctx(cloud: Cloud) -> JobContext:
    return JobContext(cloud, Journal(), poll_s=0.001)


def test_a_running_job_is_asked_for(cloud: Cloud, generate: Generate, ctx: JobContext) -> None:
    job = find(generate(wait=False).job, ctx.journal)
    cloud.states = [State(status="queued", position=3)]
    report = status(job, ctx.journal, ctx)
    assert (report.job.state, report.busy, report.remote) == ("submitted", False, State(status="queued", position=3))
    assert status(job, ctx.journal, None).remote is None


@pytest.mark.parametrize(("answer", "state"), [(None, "completed"), (Refusal("no", 422, []), "failed")])
def test_a_job_that_has_ended_meanwhile(
    cloud: Cloud, generate: Generate, ctx: JobContext, answer: Any, state: str
) -> None:
    job = find(generate(wait=False).job, ctx.journal)
    cloud.answer = answer or cloud.answer
    assert status(job, ctx.journal, ctx).job.state == state


def test_a_job_that_somebody_holds_is_only_looked_at(generate: Generate, ctx: JobContext) -> None:
    job = find(generate(wait=False).job, ctx.journal)
    with ctx.journal.claim(job.id):
        assert status(job, ctx.journal, ctx) == (job, None, True)
        with pytest.raises(Busy):
            forget(job.id, ctx.journal, sure=True)


def test_whose_process_died_while_sending_is_uncertain(ctx: JobContext) -> None:
    job = ctx.journal.begin(record())[0]
    for state in ("uploaded", "submitting"):
        job = ctx.journal.move(job, state)
    assert status(job, ctx.journal, None).job.state == "uncertain"


def test_cancelling_what_runs(cloud: Cloud, generate: Generate, ctx: JobContext) -> None:
    job = find(generate(wait=False).job, ctx.journal)
    cloud.answer = REQUEST_CANCELLED
    assert cancel(job, ctx.journal, lambda: ctx.platform).state == "cancelled"
    assert cloud.cancelled == ["abc-123"]
    with pytest.raises(UsageError, match="is cancelled"):
        cancel(ctx.journal.get(job.id), ctx.journal, lambda: ctx.platform)


def test_cancelled_too_late_it_is_a_result(cloud: Cloud, generate: Generate, ctx: JobContext) -> None:
    job = find(generate(wait=False).job, ctx.journal)
    assert cancel(job, ctx.journal, lambda: ctx.platform).state == "completed", (
        "the platform took the wish, and finished all the same"
    )
    job = find(generate("@Image1 runs", wait=False).job, ctx.journal)
    cloud.can_cancel = False
    with pytest.raises(RemoteError, match="finished before"):
        cancel(job, ctx.journal, lambda: ctx.platform)


def test_cancelling_what_was_not_sent(cloud: Cloud, generate: Generate, ctx: JobContext) -> None:
    def unreachable() -> None:
        raise NotSent("unreachable")

    cloud.on_submit = unreachable
    with pytest.raises(NotSent):
        generate()
    assert cancel(find(None, ctx.journal), ctx.journal, lambda: ctx.platform).state == "cancelled"
    assert cloud.cancelled == []


def test_cancelling_what_was_sent_meanwhile(cloud: Cloud, generate: Generate, ctx: JobContext) -> None:
    """Another process sent it, or fetched its video, since *job* was read."""

    def unreachable() -> None:
        raise NotSent("unreachable")

    cloud.on_submit = unreachable
    with pytest.raises(NotSent):
        generate()
    unsent = find(None, ctx.journal)
    cloud.on_submit = lambda: None
    sent = find(generate(wait=False).job, ctx.journal)
    cloud.answer = REQUEST_CANCELLED
    assert (cancel(unsent, ctx.journal, lambda: ctx.platform).state, cloud.cancelled) == ("cancelled", ["abc-123"])
    assert cancel(sent, ctx.journal, lambda: ctx.platform).state == "cancelled", "what waited for it saw its end first"


def test_forgetting_what_is_owed_needs_a_yes(generate: Generate, ctx: JobContext) -> None:
    job = find(generate(wait=False).job, ctx.journal)
    with pytest.raises(UsageError, match="--yes"):
        forget(job.id, ctx.journal)
    forget(job.id, ctx.journal, sure=True)
    assert ctx.journal.jobs() == ()
    done = find(generate().job, ctx.journal)
    forget(done.id, ctx.journal)
    with pytest.raises(UsageError, match="no job"):
        find(None, ctx.journal)
