"""A journal that was put back to a copy of before the job was sent, and what a receipt can't do to a journal."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Busy, RemoteError, UsageError
from prep.execution.lock import claimed
from prep.model.progress import Progress
from submit import resume, status
from submit.errors import StillRunning
from submit.journal import Journal
from submit.platform import State
from tests.submit.cloud import Cloud, raising

Generate = Callable[..., Any]


def test_what_was_sent_since_the_copy_is_found(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    state, copy = tmp_path / "state", tmp_path / "copy"
    cloud.on_upload = raising(RemoteError("status 503"))
    with pytest.raises(RemoteError):
        generate(state=state)
    shutil.copytree(state, copy)
    cloud.on_upload, cloud.states = lambda _: None, [State(status="running")]
    with pytest.raises(StillRunning):
        generate(state=state, timeout_s=0.01)
    shutil.rmtree(state)
    shutil.move(copy, state)
    assert [job.state for job in Journal(state).jobs()] == ["prepared"]
    cloud.states = [State(status="completed")]
    assert Path(generate(state=state).result.path).is_file()
    assert len(cloud.posts) == 1


def test_a_video_that_is_moved_at_once_is_downloaded_once(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    """As a program does that keeps folders in step."""

    def move(event: Progress) -> None:
        if event.stage == "download" and event.part == 1:
            for video in (tmp_path / "out").glob("result-*.mp4"):
                video.rename(tmp_path / "moved.mp4")

    generate(progress=move)
    assert (len(cloud.downloads), (tmp_path / "moved.mp4").read_bytes()) == (1, b"the video")


def test_files_that_another_process_may_replace_are_not_sent(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    cloud.on_upload = raising(RemoteError("status 503"))
    with pytest.raises(RemoteError):
        generate()
    cloud.on_upload = lambda _: None
    [job] = Journal().jobs()
    with claimed(tmp_path / "out"), pytest.raises(Busy, match="another process is using it"):
        resume(job.id, platform=cloud)
    assert cloud.posts == []
    assert Path(resume(job.id, platform=cloud).path).is_file()


def test_a_receipt_without_sources_hinders_no_job(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    generate()
    receipt = tmp_path / "out" / "receipt.json"
    text = json.loads(receipt.read_text())
    for entry in text["manifest"]["entries"]:
        del entry["source"]
    receipt.write_text(json.dumps(text | {"id": "another", "key": "another"}))
    other = tmp_path / "other"
    status(tmp_path / "out", platform=cloud, state=other)
    assert Path(generate(out=tmp_path / "fresh", state=other).result.path).is_file()


@pytest.mark.parametrize("options", [{"poll_s": 1e11}, {"poll_s": float("nan")}, {"poll_s": -1}, {"timeout_s": "x"}])
def test_a_time_that_can_not_be_waited_is_refused_before_the_job_is_sent(
    cloud: Cloud, generate: Generate, options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(options))}: should be a number of seconds up to 31,536,000"):
        generate(**options)
    assert cloud.posts == []


def test_a_folder_that_is_called_like_a_job_is_not_taken_for_it(
    cloud: Cloud, generate: Generate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = generate().job
    other = generate("@Image1 runs", out=tmp_path / mine).job
    monkeypatch.chdir(tmp_path)
    assert status(mine, platform=cloud).job.id == mine
    assert status(tmp_path / mine, platform=cloud).job.id == other
