"""Whatever ends a job early: it leaves a trace, and nothing that was paid for is lost."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from prep.errors import Cancelled, ExitCode, RemoteError, UsageError
from prep.model.progress import Progress
from submit import resume
from submit.errors import SubmitUncertain
from submit.job.remote import post
from submit.journal import Journal
from submit.platform import State
from tests.submit.cloud import Cloud, raising
from tests.submit.job_values import Job


def test_it_is_not_known_whether_it_arrived(job: Job) -> None:
    job.cloud.on_submit = raising(SubmitUncertain("the connection broke"))
    with pytest.raises(SubmitUncertain, match="not sent again") as caught:
        job.run()
    assert caught.value.exit_code == ExitCode.REMOTE
    assert job.receipt["state"] == "uncertain"
    assert len(job.cloud.posts) == 1
    job.cloud.on_submit = lambda: None
    job.doubted_again()


@pytest.mark.parametrize("death", [SystemExit(1), RuntimeError("a bug"), MemoryError(), RemoteError("what is that?")])
def test_whatever_dies_at_the_post_leaves_a_trace(job: Job, death: BaseException) -> None:
    job.cloud.on_submit = raising(death)
    with pytest.raises(type(death)):
        job.run()
    assert job.receipt["state"] == "uncertain"
    job.cloud.on_submit = lambda: None
    job.doubted_again()


@pytest.mark.parametrize("hook", ["on_state", "on_download"])
@pytest.mark.parametrize("death", [KeyboardInterrupt(), SystemExit(1), RuntimeError("a bug")])
def test_whatever_dies_later_keeps_the_request_id(job: Job, hook: str, death: BaseException) -> None:
    setattr(job.cloud, hook, raising(death))
    with pytest.raises((type(death), Cancelled)) as caught:
        job.run()
    if isinstance(death, KeyboardInterrupt):
        assert "prep-and-submit result" in str(caught.value)
    assert job.receipt["ticket"]["request_id"] == "abc-123"
    setattr(job.cloud, hook, lambda: None)
    job.fetched_again()


def test_cancelled_while_uploading(job: Job) -> None:
    cancel = threading.Event()
    job.cloud.on_upload = lambda path: cancel.set()
    with pytest.raises(Cancelled):
        job.run(cancel=cancel)
    assert job.cloud.posts == []
    assert {known.state for known in Journal().jobs()} <= {"prepared"}


def test_cancelled_while_waiting(job: Job) -> None:
    cancel = threading.Event()
    job.cloud.states = [State(status="queued", position=1)]
    job.cloud.on_state = cancel.set
    with pytest.raises(Cancelled, match=r"goes on as request abc-123.*prep-and-submit result") as caught:
        job.run(cancel=cancel)
    assert caught.value.exit_code == ExitCode.INTERRUPTED == 130
    assert job.cloud.polls == 1
    assert (job.receipt["state"], job.receipt["ticket"]["request_id"]) == ("submitted", "abc-123")
    job.fetched_again()


def test_a_download_that_fails_keeps_what_was_paid_for(job: Job) -> None:
    job.cloud.on_download = raising(RemoteError("the download ended early"))
    with pytest.raises(RemoteError, match="early"):
        job.run()
    assert (job.receipt["state"], job.receipt["result"]) == ("completed", job.cloud.answer)
    job.cloud.on_download = lambda: None
    job.fetched_again()


def test_a_result_that_can_not_be_fetched_keeps_the_receipt(job: Job) -> None:
    job.cloud.answer = RemoteError("the network is down")
    with pytest.raises(RemoteError, match="network"):
        job.run()
    assert (job.receipt["state"], job.receipt["ticket"]["request_id"]) == ("uncertain", "abc-123")
    job.fetched_again()


@pytest.mark.parametrize("answer", [{}, {"video": None}, {"video": {}}, {"video": {"url": 3}}, {"video": "https://x"}])
def test_an_answer_without_a_video_is_kept(job: Job, answer: dict[str, Any]) -> None:
    job.cloud.answer = answer
    with pytest.raises(RemoteError, match="no video"):
        job.run()
    assert (job.receipt["state"], job.receipt["result"]) == ("completed", answer)


@pytest.mark.parametrize("hook", ["on_state", "on_download"])
def test_what_was_interrupted_is_resumed_without_a_second_post(job: Job, hook: str) -> None:
    setattr(job.cloud, hook, raising(KeyboardInterrupt()))
    with pytest.raises(Cancelled):
        job.run()
    setattr(job.cloud, hook, lambda: None)
    result = resume(job.out, platform=job.cloud)
    assert Path(result.path).is_file()
    assert job.receipt["state"] == "downloaded"
    assert len(job.cloud.posts) == 1
    assert resume(job.out, platform=job.cloud) == result


@pytest.mark.parametrize("line", range(10))
def test_a_ctrl_c_between_the_answer_and_its_record(generate: Callable[..., Any], cloud: Cloud, line: int) -> None:
    """At each line that is executed from then on, until it is recorded."""
    left = line

    def interrupt(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.endswith(post.__file__):
            return None
        if event == "line" and cloud.posts and frame.f_code.co_name in ("wait", "post", "_record_ticket"):
            left -= 1
            if left == -1:
                raise KeyboardInterrupt
        return interrupt

    tracing = sys.gettrace()
    sys.settrace(interrupt)
    try:
        with pytest.raises(Cancelled):
            generate(isolation="none")
    finally:
        sys.settrace(tracing)
    assert Path(resume(platform=cloud).path).is_file()
    assert left == -1 and len(cloud.posts) == 1


def test_a_ctrl_c_before_there_is_a_job(job: Job) -> None:
    """While its files are made: there is nothing to come back to, and nothing is left."""

    def pressed(event: Progress) -> None:
        if event.stage == "prepare":
            raise KeyboardInterrupt

    with pytest.raises(Cancelled, match="nothing was submitted, and nothing will be billed"):
        job.run(progress=pressed)
    assert (Journal().jobs(), job.cloud.posts, job.out.exists()) == ((), [], False)


def test_there_is_nothing_to_resume(job: Job) -> None:
    with pytest.raises(UsageError, match=r"receipt\.json"):
        resume(job.out, platform=job.cloud)
