"""Looking at jobs, stopping and forgetting them."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from prep.errors import Busy, RemoteError, UsageError
from submit.errors import NotSent, Refusal
from submit.job.context import Setting
from submit.job.manage import cancel, find, forget, look
from submit.journal import Journal
from submit.platform import State
from tests.submit.cloud import Cloud
from tests.submit.journal.records import record

Generate = Callable[..., Any]
REQUEST_CANCELLED = Refusal("Request was cancelled by the client", 499, "", "client_cancelled")


@pytest.fixture
def setting(cloud: Cloud) -> Setting:
    return Setting(cloud, Journal(), lambda event: None, threading.Event(), poll_s=0.001)


def test_a_running_job_is_asked_for(cloud: Cloud, generate: Generate, setting: Setting) -> None:
    job = find(generate(wait=False).job, setting.journal)
    cloud.states = [State(status="queued", position=3)]
    status = look(job, setting.journal, setting)
    assert (status.job.state, status.busy, status.remote) == ("submitted", False, State(status="queued", position=3))
    assert look(job, setting.journal, None).remote is None


@pytest.mark.parametrize(("answer", "state"), [(None, "completed"), (Refusal("no", 422, []), "failed")])
def test_a_job_that_has_ended_meanwhile(
    cloud: Cloud, generate: Generate, setting: Setting, answer: Any, state: str
) -> None:
    job = find(generate(wait=False).job, setting.journal)
    cloud.answer = answer or cloud.answer
    assert look(job, setting.journal, setting).job.state == state


def test_a_job_that_somebody_holds_is_only_looked_at(generate: Generate, setting: Setting) -> None:
    job = find(generate(wait=False).job, setting.journal)
    with setting.journal.claim(job.id):
        assert look(job, setting.journal, setting) == (job, None, True)
        with pytest.raises(Busy):
            forget(job, setting.journal, sure=True)


def test_whose_process_died_while_sending_is_uncertain(setting: Setting) -> None:
    job = setting.journal.begin(record())[0]
    for state in ("uploaded", "submitting"):
        job = setting.journal.move(job, state)
    assert look(job, setting.journal, None).job.state == "uncertain"


def test_cancelling_what_runs(cloud: Cloud, generate: Generate, setting: Setting) -> None:
    job = find(generate(wait=False).job, setting.journal)
    cloud.answer = REQUEST_CANCELLED
    assert cancel(job, setting).state == "cancelled"
    assert cloud.cancelled == ["abc-123"]
    with pytest.raises(UsageError, match="is cancelled"):
        cancel(setting.journal.get(job.id), setting)


def test_cancelled_too_late_it_is_a_result(cloud: Cloud, generate: Generate, setting: Setting) -> None:
    job = find(generate(wait=False).job, setting.journal)
    assert cancel(job, setting).state == "completed", "the platform took the wish, and finished all the same"
    job = find(generate("@Image1 runs", wait=False).job, setting.journal)
    cloud.can_cancel = False
    with pytest.raises(RemoteError, match="done before"):
        cancel(job, setting)


def test_cancelling_what_was_not_sent(cloud: Cloud, generate: Generate, setting: Setting) -> None:
    def unreachable() -> None:
        raise NotSent("unreachable")

    cloud.on_submit = unreachable
    with pytest.raises(NotSent):
        generate()
    assert cancel(find(None, setting.journal), setting).state == "cancelled"
    assert cloud.cancelled == []


def test_cancelling_what_was_sent_meanwhile(cloud: Cloud, generate: Generate, setting: Setting) -> None:
    """Another process sent it, or fetched its video, since *job* was read."""

    def unreachable() -> None:
        raise NotSent("unreachable")

    cloud.on_submit = unreachable
    with pytest.raises(NotSent):
        generate()
    unsent = find(None, setting.journal)
    cloud.on_submit = lambda: None
    sent = find(generate(wait=False).job, setting.journal)
    cloud.answer = REQUEST_CANCELLED
    assert (cancel(unsent, setting).state, cloud.cancelled) == ("cancelled", ["abc-123"])
    assert cancel(sent, setting).state == "cancelled", "what waited for it saw its end first"


def test_forgetting_what_is_owed_needs_a_yes(generate: Generate, setting: Setting) -> None:
    job = find(generate(wait=False).job, setting.journal)
    with pytest.raises(UsageError, match="--yes"):
        forget(job, setting.journal)
    forget(job, setting.journal, sure=True)
    assert setting.journal.jobs() == ()
    done = find(generate().job, setting.journal)
    forget(done, setting.journal)
    with pytest.raises(UsageError, match="no job"):
        find(None, setting.journal)
