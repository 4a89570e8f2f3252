"""A paid result is not lost through a fetch that fails, and nothing that was accepted is submitted again unasked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import prep
import submit
from prep.errors import RemoteError, UsageError
from submit import resume
from submit.errors import Hopeless, Refusal, RefusedBefore, ResultUnavailable, StillRunning, UnknownRequest
from submit.journal import Journal
from tests.submit.cloud import Cloud, raising
from tests.types import Media

Generate = Callable[..., Any]
FAILURES = {
    "a failing server": RemoteError("fetching the result of abc-123 failed: status 503"),
    "not found (yet)": UnknownRequest("fetching the result of abc-123 failed: Request not found"),
}
REFUSED = [{"type": "content_policy_violation", "msg": "no", "loc": ["body", "prompt"]}]
CANCELLED = Refusal("Request was cancelled by the client", 499, "", "client_cancelled")


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("times", [1, 2])
def test_a_fetch_that_fails_is_repeated(cloud: Cloud, generate: Generate, failure: RemoteError, times: int) -> None:
    left = [failure] * times

    def fail() -> None:
        if left:
            raise left.pop()

    cloud.on_result = fail
    events: list[Any] = []
    assert Path(generate(progress=events.append).result.path).is_file()
    assert (left, len(cloud.posts)) == ([], 1)
    assert any("trying again" in event.message for event in events)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_result_that_stays_away_is_uncertain(cloud: Cloud, generate: Generate, failure: RemoteError) -> None:
    cloud.on_result = raising(failure)
    for _ in range(2):
        with pytest.raises(ResultUnavailable, match=r"abc-123.*may be billed.*prep-and-submit result \w+"):
            generate()
    [job] = Journal().jobs()
    assert job.state == "uncertain" and job.ticket is not None and job.ticket.request_id == "abc-123"
    with pytest.raises(ResultUnavailable):
        resume(job.id, resubmit=True, platform=cloud)
    cloud.on_result = lambda: None
    assert Path(resume(job.id, platform=cloud).path).is_file()
    assert len(cloud.posts) == 1


def test_a_result_that_is_gone_is_a_finding(cloud: Cloud, generate: Generate) -> None:
    cloud.on_result = raising(UnknownRequest("gone"))
    with pytest.raises(ResultUnavailable) as caught:
        generate()
    assert [finding.rule for finding in caught.value.findings] == ["refused-result-gone"]


def test_a_refused_job_is_not_submitted_again(cloud: Cloud, generate: Generate) -> None:
    cloud.answer = Refusal("request abc-123 failed", 422, REFUSED)
    with pytest.raises(Refusal):
        generate()
    for call in (generate, lambda: resume(None, platform=cloud)):
        with pytest.raises(RefusedBefore, match=r"'prep-and-submit run \.\.\. --again'") as caught:
            call()
        assert [finding.rule for finding in caught.value.findings] == ["refused-content-policy-violation"]
    assert len(cloud.posts) == 1
    cloud.answer = {"video": {"url": "https://fal.media/v.mp4"}}
    assert generate(again=True).result is not None
    assert len(cloud.posts) == 2


@pytest.mark.parametrize("refusal", [Refusal("failed", 422, REFUSED), CANCELLED], ids=["failed", "cancelled"])
@pytest.mark.parametrize("how", ["run", "resume"])
def test_a_job_that_is_over_is_asked_once_more(cloud: Cloud, generate: Generate, refusal: Refusal, how: str) -> None:
    """The refusal may have been wrong; asking costs nothing."""
    cloud.answer = refusal
    with pytest.raises(Refusal):
        generate()
    cloud.answer = {"video": {"url": "https://fal.media/v.mp4"}}
    path = generate().result.path if how == "run" else resume(None, platform=cloud).path
    assert Path(path).read_bytes() == b"the video"
    [job] = Journal().jobs()
    assert (job.state, job.failure, len(cloud.posts)) == ("downloaded", None, 1)


@pytest.mark.parametrize("failure", [RemoteError("the network is down"), UnknownRequest("gone")], ids=["down", "gone"])
def test_a_refused_job_that_can_not_be_asked_stays_refused(
    cloud: Cloud, generate: Generate, failure: RemoteError
) -> None:
    cloud.answer = Refusal("failed", 422, REFUSED)
    with pytest.raises(Refusal):
        generate()
    cloud.on_result = raising(failure)
    with pytest.raises(RefusedBefore):
        generate()
    assert [job.state for job in Journal().jobs()] == ["failed"]


def test_a_cancelled_job_is_not_submitted_again(cloud: Cloud, generate: Generate) -> None:
    cloud.answer = CANCELLED
    with pytest.raises(Refusal):
        generate()
    with pytest.raises(
        UsageError, match=r"was cancelled; 'prep-and-submit run \.\.\. --again' submits it as a new job"
    ):
        generate()
    assert len(cloud.posts) == 1


def test_a_job_of_a_prepared_folder_is_submitted_again_from_there(cloud: Cloud, media: Media) -> None:
    prep.prepare(media("at_limit_300.png"), out="my ready")
    cloud.answer = CANCELLED
    with pytest.raises(Refusal):
        submit.submit("my ready", "@Image1", platform=cloud).result()
    command = r"'prep-and-submit submit .*my ready \.\.\. --again'"
    with pytest.raises(UsageError, match=f"was cancelled; {command} submits it as a new job"):
        resume(None, platform=cloud)


@pytest.mark.parametrize("hook", ["on_state", "on_download"])
def test_a_failed_call_says_what_is_known_of_the_job(cloud: Cloud, generate: Generate, hook: str) -> None:
    setattr(cloud, hook, raising(RemoteError("status 503")))
    with pytest.raises(RemoteError, match=r"status 503.*job \w+ .*may be billed.*prep-and-submit result \w+"):
        generate()
    assert len(cloud.posts) == 1


def test_a_request_that_the_platform_does_not_know(cloud: Cloud, generate: Generate) -> None:
    cloud.on_state = raising(UnknownRequest("Request not found"))
    with pytest.raises(UnknownRequest, match=r"abc-123.*another account.*--again"):
        generate()
    assert [job.state for job in Journal().jobs()] == ["submitted"]
    cloud.on_state = lambda: None
    assert generate().found


def test_the_time_to_wait_is_over_while_the_result_stays_away(
    cloud: Cloud, generate: Generate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("submit.job.remote.poll.FETCH_PAUSES_S", (3600.0,))
    cloud.on_result = raising(RemoteError("status 503"))
    with pytest.raises(StillRunning, match="prep-and-submit result"):
        generate(timeout_s=0.01)
    assert [job.state for job in Journal().jobs()] == ["submitted"]


@pytest.mark.parametrize("how", ["run", "resume"])
def test_a_video_that_is_here_again_is_found(cloud: Cloud, generate: Generate, tmp_path: Path, how: str) -> None:
    """Its disk was away for a while, and the platform no longer serves it."""
    video = Path(generate().result.path)
    video.rename(tmp_path / "away.mp4")
    cloud.on_download = raising(Hopeless("no longer served (404)"))
    with pytest.raises(RemoteError, match="no longer served"):
        generate()
    (tmp_path / "away.mp4").rename(video)
    path = generate().result.path if how == "run" else resume(None, platform=cloud).path
    assert (path, [job.state for job in Journal().jobs()]) == (str(video), ["downloaded"])


@pytest.mark.parametrize("folder", ["out", "copy"])
def test_a_video_that_the_user_has_edited_stays(cloud: Cloud, generate: Generate, tmp_path: Path, folder: str) -> None:
    """The first is the job's own folder, the second one that its video was copied into."""
    generate()
    edited: list[Path] = []
    for number in range(3):
        path = Path(generate(out=tmp_path / folder).result.path)
        assert path.read_bytes() == b"the video" and path.parent == tmp_path / folder
        path.write_bytes(f"cut {number}".encode())
        edited.append(path)
    assert [path.read_text() for path in edited] == ["cut 0", "cut 1", "cut 2"]
    assert [path.stem.partition("-")[2][8:] for path in edited] == ["", "-2", "-3"]
    last = Path(resume(tmp_path / folder, platform=cloud).path)
    assert last.read_bytes() == b"the video" and last not in edited
