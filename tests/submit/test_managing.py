"""Jobs that exist: status, cancel, jobs and resume, also of all of them at once."""

import asyncio
import inspect
import json
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import prep
import submit
from prep.errors import Cancelled, ExitCode, RefusedError, RemoteError, UsageError
from prep.model.progress import Progress
from submit import AsyncSubmission, Generation, Submission, cancel, jobs, resume, run, status
from submit.errors import NotSent, Refusal, StillRunning
from submit.platform import State
from submit.sandbox import Sandbox
from tests.submit.cloud import Cloud, raising
from tests.types import Media, Say

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # fal_client closes no connection


@pytest.mark.parametrize("package", [prep, submit], ids=["prep", "submit"])
def test_dir_lists_the_public_names(package: Any) -> None:
    names = [name for name in dir(package) if name != "__version__"]
    assert names == sorted(package.__all__)
    assert all(getattr(package, name) for name in names)


def test_an_async_submission_has_what_a_submission_has(cloud: Cloud, media: Media, tmp_path: Path) -> None:
    prep.prepare(media("at_limit_300.png"), out="out")
    awaited = asyncio.run(submit.asubmit("out", "@Image1", platform=cloud))
    plain = submit.submit("out", "@Image1", platform=cloud)
    public = {name for name in dir(plain) if not name.startswith("_")}
    assert {name for name in dir(awaited) if not name.startswith("_")} == public | {"submission"}
    for name in public - {"result", "found"}:
        assert getattr(awaited, name) == getattr(plain, name), name
    signatures = [inspect.signature(kind.result) for kind in (AsyncSubmission, Submission)]
    assert signatures[0] == signatures[1]


def test_every_call_has_its_twin() -> None:
    for package in (prep, submit):
        calls = [name for name in package.__all__ if inspect.isfunction(getattr(package, name))]
        plain = {name for name in calls if f"a{name}" in calls}
        assert set(calls) - plain - {f"a{name}" for name in plain} <= {"offer", "offer_prepared", "read_manifest"}


@pytest.mark.parametrize("cap", [3, 3.0, "3", "$3.00", Decimal(3)], ids=repr)
def test_a_cap_is_any_number(media: Media, cloud: Cloud, cap: Any) -> None:
    for seconds in (4, 4.0, "4", Decimal(4)):
        offer = submit.offer(
            media("at_limit_300.png"), "@Image1", max_cost=cap, generation=Generation(duration=seconds)
        )
        assert offer.request.arguments()["duration"] == "4"
    with pytest.raises(RefusedError, match=r"is over your \$3\.00 cap"):
        run(
            media("at_limit_300.png"),
            "@Image1",
            out="o",
            max_cost=cap,
            platform=cloud,
            generation=Generation(duration=15),
        )


@pytest.mark.parametrize(
    "cap", ["much", "1e400", "1_0", "٣", "1.5e0", -1, float("nan"), float("inf"), True, "", [3]], ids=repr
)
def test_no_amount_of_dollars(media: Media, cloud: Cloud, cap: Any) -> None:
    with pytest.raises(UsageError, match=r"^max_cost: .* is not an amount in US dollars$"):
        run(media("at_limit_300.png"), "@Image1", out="out", max_cost=cap, platform=cloud)


def test_the_whole_life_through_fal_client(box: Sandbox, media: Media) -> None:
    """The sandbox's journal is its own; here it is named, as a program would."""
    outcome = run(
        media("at_limit_300.png"), "@Image1", out="out", state="state", wait=False, generation=Generation(seed=1)
    )
    (record,) = jobs(state="state")
    assert (record.id, jobs("failed", state="state")) == (outcome.job, ())
    assert status(outcome.job[:4], state="state").job.state in ("submitted", "completed")
    (done,) = resume(all=True, state="state", poll_s=0.02)
    assert done.result and Path(done.result.path).is_file() and done.error is None
    assert status(state="state").job.state == "downloaded"
    assert resume(all=True, state="state") == ()
    with pytest.raises(UsageError, match="only an unsent or running job"):
        cancel(outcome.job, state="state")


def test_no_such_state() -> None:
    with pytest.raises(UsageError, match="no such state: lost; choose from prepared, "):
        jobs("lost")  # type: ignore[arg-type]


def _three(cloud: Cloud, media: Media) -> list[str]:
    """A job that is running, one that was never sent, and one of another account."""
    ids = []
    for number, prompt in enumerate(("@Image1 waves", "@Image1 walks", "@Image1 runs")):
        cloud.request_id = f"request-{number}"
        cloud.account = "another" if number == 2 else "account"
        cloud.on_submit = raising(NotSent("unreachable")) if number == 1 else lambda: None
        try:
            outcome = run(media("at_limit_300.png"), prompt, out=f"out{number}", platform=cloud, wait=False)
            ids.append(outcome.job)
        except NotSent:
            ids.append(jobs("uploaded")[0].id)
    cloud.account, cloud.on_submit = "account", lambda: None
    return ids


def test_all_of_them_send_nothing(cloud: Cloud, media: Media) -> None:
    running, unsent, foreign = _three(cloud, media)
    posts = len(cloud.posts)
    resumed = {item.job: item for item in resume(all=True, platform=cloud, poll_s=0.001)}
    assert set(resumed) == {running, foreign}, "what was never sent is left alone"
    assert resumed[running].result is not None
    assert str(resumed[foreign].error).startswith(f"job {foreign} was made with another key")
    assert len(cloud.posts) == posts
    assert jobs("uploaded")[0].id == unsent


def test_all_of_them_are_waited_for_at_once(cloud: Cloud, media: Media) -> None:
    """Each is asked for while the other is still running: one that fails or lasts does not hold up the others."""
    for number in range(2):
        cloud.request_id = f"request-{number}"
        run(media("at_limit_300.png"), f"@Image1 waves {number}", out=f"out{number}", platform=cloud, wait=False)
    both = threading.Barrier(2)
    cloud.on_state = lambda: both.wait(30) and None
    cloud.answer = Refusal("no", 422, [])
    resumed = resume(all=True, platform=cloud, poll_s=0.001)
    assert [type(item.error) for item in resumed] == [Refusal, Refusal]
    assert {job.state for job in jobs()} == {"failed"}


def test_the_time_is_over_for_all(cloud: Cloud, media: Media) -> None:
    job = run(media("at_limit_300.png"), "@Image1", out="out", platform=cloud, wait=False).job
    cloud.states = [State(status="running")]
    (item,) = resume(all=True, platform=cloud, poll_s=0.001, timeout_s=0.01)
    assert (item.job, type(item.error)) == (job, StillRunning)


def test_cancelling_the_wait(cloud: Cloud, media: Media) -> None:
    run(media("at_limit_300.png"), "@Image1", out="out", platform=cloud, wait=False)
    cloud.states = [State(status="running")]
    stop = threading.Event()

    def stopping(event: Progress) -> None:
        stop.set()

    with pytest.raises(Cancelled, match="resume --all' returns to them"):
        resume(all=True, platform=cloud, poll_s=0.001, cancel=stop, progress=stopping)
    assert [job.state for job in jobs()] == ["submitted"]


def test_all_is_about_all() -> None:
    with pytest.raises(UsageError, match="all: takes no job"):
        resume("k7f3", all=True)  # type: ignore[call-overload]


def test_the_command_names_each(box: Sandbox, media: Media, say: Say) -> None:
    photo = str(media("at_limit_300.png"))
    ran = [
        run(photo, f"@Image1 {verb}", out=verb, state="state", wait=False, expires="1d").job
        for verb in ("waves", "walks")
    ]
    code, out, err = say("resume", "--all", "--state", "state", "--poll", "0.02")
    assert (code, err) == (0, "")
    assert [line.partition(": ")[0] for line in out.splitlines()] == [f"job {job}" for job in reversed(ran)]
    assert [Path(line).name for line in out.splitlines()] == [f"result-{job}.mp4" for job in reversed(ran)]
    code, out, err = say("resume", "--all", "--state", "state")
    assert (code, out, err) == (0, "", "no job is waiting for its video\n")
    code, out, _ = say("resume", "--all", "--state", "state", "--json")
    assert json.loads(out)["data"] == {"jobs": []}
    assert say("resume", ran[0], "--all")[0] == ExitCode.USAGE


def test_the_command_says_what_failed(box: Sandbox, media: Media, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    job = run(media("at_limit_300.png"), "@Image1", out="out", state="state", wait=False).job
    monkeypatch.setenv("FAL_KEY", "another:key")
    code, out, err = say("resume", "--all", "--state", "state", "--json")
    (item,) = json.loads(out)["data"]["jobs"]
    assert (code, item["job"], item["result"], item["error"]["exit_code"]) == (2, job, None, 2)
    code, out, err = say("resume", "--all", "--state", "state")
    assert (code, out) == (2, "")
    assert err.startswith(f"job {job} was made with another key")


def test_uploads_are_kept_for_as_long_as_was_asked(cloud: Cloud, generate: Callable[..., Any]) -> None:
    """Also those of a job that `resume` sends."""
    kept: list[str] = []
    upload = cloud.upload

    def noted(path: Path, media_type: str, expires: str, on_bytes: Callable[[int], None]) -> str:
        kept.append(expires)
        return upload(path, media_type, expires, on_bytes)

    cloud.upload = noted  # type: ignore[method-assign]
    cloud.on_upload = raising(RemoteError("status 503"))
    with pytest.raises(RemoteError):
        generate(expires="1h")
    cloud.on_upload = lambda path: None
    resume(platform=cloud)
    assert set(kept) == {"1h"} and len(cloud.posts) == 1


@pytest.mark.parametrize("expires", ["2d", "", None, ["1h"]])
def test_a_time_for_which_no_upload_is_kept(cloud: Cloud, generate: Callable[..., Any], expires: Any) -> None:
    with pytest.raises(UsageError, match="expires: should be '1h', '1d', '7d', '30d', '1y', 'never', not "):
        generate(expires=expires)
    assert jobs() == ()
