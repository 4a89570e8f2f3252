"""A job that another process works on is found and waited for, and paid for once."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from prep import prepare
from prep.errors import Busy, Cancelled, RefusedError
from submit import Offer, resume, submit
from submit.errors import NotSent, StillRunning
from submit.journal import Journal
from submit.sandbox import running
from tests.submit.cloud import Cloud
from tests.types import Media

Generate = Callable[..., Any]
ROOT = str(Path(__file__).parents[3])
HOOKS = ("on_upload", "on_submit", "on_state", "on_result", "on_download")
WAITING = "another process is working on job"


class Pause:
    """Holds a run at a hook of the cloud until `go`; `reached` is set when it is there."""

    def __init__(self, cloud: Cloud, hook: str) -> None:
        self.reached, self._go = threading.Event(), threading.Event()
        self.error: BaseException | None = None
        setattr(cloud, hook, self._hold)

    def _hold(self, *_: object) -> None:
        self.reached.set()
        assert self._go.wait(60)
        if self.error:
            error, self.error = self.error, None
            raise error

    def go(self, error: BaseException | None = None) -> None:
        self.error = error
        self._go.set()


@pytest.fixture
def aside(generate: Generate) -> Any:
    """`aside(...)` runs the job in a thread, as another process would."""
    with ThreadPoolExecutor() as pool:
        yield lambda call=generate, **options: pool.submit(call, **options)


def _waiting(event: threading.Event) -> Callable[[Any], None]:
    """A callback that sets *event* when the run waits for another process."""
    return lambda news: event.set() if WAITING in news.message else None


@pytest.mark.parametrize("hook", HOOKS)
def test_the_second_run_waits_and_gets_the_video(
    cloud: Cloud, generate: Generate, aside: Any, tmp_path: Path, hook: str
) -> None:
    pause, waits = Pause(cloud, hook), threading.Event()
    first: Future[Any] = aside(out=tmp_path / "first")
    assert pause.reached.wait(60)
    second: Future[Any] = aside(out=tmp_path / "second", progress=_waiting(waits), poll_s=0.01)
    if hook != "on_upload":  # before there is a job, both prepare and upload
        assert waits.wait(60)
    pause.go()
    done, joined = first.result(60), second.result(60)
    assert (done.job, len(cloud.posts)) == (joined.job, 1)
    assert Path(done.result.path).read_bytes() == Path(joined.result.path).read_bytes() == b"the video"
    assert Path(joined.result.path).parent == tmp_path / "second"


@pytest.mark.parametrize("hook", HOOKS[2:])
def test_the_same_folder(cloud: Cloud, generate: Generate, aside: Any, hook: str) -> None:
    pause, waits = Pause(cloud, hook), threading.Event()
    first: Future[Any] = aside()
    assert pause.reached.wait(60)
    second: Future[Any] = aside(progress=_waiting(waits), poll_s=0.01)
    assert waits.wait(60)
    pause.go()
    assert first.result(60).result == second.result(60).result
    assert second.result().found and second.result().manifest == first.result().manifest
    assert len(cloud.posts) == 1


def test_a_prepared_folder_that_is_submitted_already(cloud: Cloud, aside: Any, media: Media, tmp_path: Path) -> None:
    prepare([media("at_limit_300.png")], out=tmp_path / "ready")

    def submitted(progress: Callable[[Any], None] | None = None) -> Any:
        return submit(tmp_path / "ready", "@Image1 waves", platform=cloud, progress=progress, poll_s=0.01)

    pause, waits = Pause(cloud, "on_submit"), threading.Event()
    first: Future[Any] = aside(submitted)
    assert pause.reached.wait(60)
    second: Future[Any] = aside(submitted, progress=_waiting(waits))
    assert waits.wait(60)
    pause.go()
    assert first.result(60).job == second.result(60).job
    assert second.result().result() == first.result().result()
    assert len(cloud.posts) == 1


def test_another_job_in_the_same_folder_is_busy(cloud: Cloud, generate: Generate, aside: Any) -> None:
    pause = Pause(cloud, "on_state")
    first: Future[Any] = aside()
    assert pause.reached.wait(60)
    for options in ({"prompt": "@Image1 runs"}, {"again": True}):
        with pytest.raises(Busy, match="another process"):
            generate(**options)
    pause.go()
    first.result(60)
    assert len(cloud.posts) == 1


def test_whoever_waits_takes_over_when_the_other_fails(
    cloud: Cloud, generate: Generate, aside: Any, tmp_path: Path
) -> None:
    pause, waits = Pause(cloud, "on_state"), threading.Event()
    first: Future[Any] = aside(out=tmp_path / "first")
    assert pause.reached.wait(60)
    second: Future[Any] = aside(out=tmp_path / "second", progress=_waiting(waits), poll_s=0.01)
    assert waits.wait(60)
    pause.go(RuntimeError("it dies"))
    with pytest.raises(RuntimeError):
        first.result(60)
    assert Path(second.result(60).result.path).read_bytes() == b"the video"
    assert len(cloud.posts) == 1


@pytest.mark.parametrize("folder", ["out", "other"])
@pytest.mark.parametrize("agrees", [True, False])
def test_whoever_waits_is_asked_when_it_was_not_sent(
    cloud: Cloud, generate: Generate, aside: Any, tmp_path: Path, folder: str, agrees: bool
) -> None:
    """Nobody was asked about a job that another process was sending."""
    pause, waits, offers = Pause(cloud, "on_submit"), threading.Event(), []

    def confirm(offer: Offer) -> bool:
        offers.append(offer)
        return agrees

    first: Future[Any] = aside()
    assert pause.reached.wait(60)
    second: Future[Any] = aside(
        out=tmp_path / folder, progress=_waiting(waits), poll_s=0.01, confirm=confirm, max_cost=9
    )
    assert waits.wait(60)
    pause.go(NotSent("unreachable"))
    with pytest.raises(NotSent):
        first.result(60)
    if agrees:
        assert second.result(60).result
    else:
        with pytest.raises(RefusedError, match="not agreed to; nothing was uploaded or submitted"):
            second.result(60)
    assert [offer.request.prompt for offer in offers] == ["@Image1 waves"]
    assert len(cloud.posts) == 1 + agrees


def test_resume_waits_as_well(cloud: Cloud, generate: Generate, aside: Any) -> None:
    pause, waits = Pause(cloud, "on_state"), threading.Event()
    first: Future[Any] = aside()
    assert pause.reached.wait(60)
    second: Future[Any] = aside(
        lambda **options: resume(platform=cloud, **options), progress=_waiting(waits), poll_s=0.01
    )
    assert waits.wait(60)
    pause.go()
    assert second.result(60) == first.result(60).result


def test_waiting_can_be_stopped(cloud: Cloud, generate: Generate, aside: Any, tmp_path: Path) -> None:
    pause, cancel = Pause(cloud, "on_state"), threading.Event()
    first: Future[Any] = aside()
    assert pause.reached.wait(60)
    with pytest.raises(StillRunning, match="goes on as request abc-123"):
        generate(out=tmp_path / "second", timeout_s=0.01, poll_s=0.01)
    with pytest.raises(Cancelled, match="goes on as request abc-123"):
        generate(
            out=tmp_path / "third",
            cancel=cancel,
            progress=lambda news: cancel.set() if WAITING in news.message else None,
        )
    pause.go()
    assert first.result(60).result is not None
    assert len(cloud.posts) == 1


def test_two_processes(media: Media, tmp_path: Path) -> None:
    with running(tmp_path / "box", faults="queue:2s") as box:
        command = [
            *(sys.executable, "-m", "submit.command", "run", str(media("at_limit_300.png"))),
            *("--prompt", "@Image1 waves", "--duration", "4", "--resolution", "480p", "--max-cost", "9"),
            *("--state", "state", "--poll", "0.05"),
        ]
        processes = [
            subprocess.Popen(
                [*command, "--out", f"out{number}"],
                cwd=tmp_path,
                env={**os.environ, **box.env, "PYTHONPATH": ROOT},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for number in range(3)
        ]
        ended = [(process.communicate(timeout=120), process.returncode) for process in processes]
        assert [code for _, code in ended] == [0, 0, 0], ended
        assert len(box.requests()) == 1
    videos = [path.read_bytes() for path in tmp_path.glob("out*/result-*.mp4")]
    assert len(videos) == 3 and len(set(videos)) == 1
    [job] = Journal(tmp_path / "state").jobs()
    assert job.state == "downloaded"
