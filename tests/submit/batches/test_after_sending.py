"""Rows whose job is on the platform when something on this computer is in the way: only that row ends."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from submit.batches.api import batch
from submit.journal.place import JOURNAL
from submit.platform import State
from tests.submit.batches.conftest import Jobs
from tests.submit.batches.test_pausing import Numbered


def _run(jobs: list[dict[str, Any]], out: Path, cloud: Numbered, state: Path) -> Any:
    options: dict[str, Any] = {"poll_s": 0.01, "timeout_s": 0.01, "isolation": "none", "concurrency": 1, "workers": 1}
    made = batch(jobs, out=out, platform=cloud, state=state, **options)
    return made, {result.id: result for result in made}


def _damage(state: Path) -> None:
    with closing(sqlite3.connect(state / JOURNAL, isolation_level=None)) as connection:
        connection.execute("UPDATE jobs SET record = substr(record, 1, 100) WHERE request_id IS NOT NULL")


def test_a_video_that_has_no_place(jobs: Jobs, tmp_path: Path) -> None:
    """It is paid for, and the next run fetches it."""
    cloud, out = Numbered(), tmp_path / "out"

    def block() -> None:
        shutil.rmtree(out / "take0")
        (out / "take0").write_text("mine")

    cloud.on_result = block
    made, results = _run(jobs(1), out, cloud, tmp_path / "state")
    assert made.summary.states == {"running": 1} and "can't be created" in results["take0"].error
    cloud.on_result = lambda: None
    (out / "take0").unlink()
    made, results = _run(jobs(1), out, cloud, tmp_path / "state")
    assert (made.summary.states, len(cloud.posts)) == ({"done": 1}, 1)


def test_a_damaged_record(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out, state = Numbered(), tmp_path / "out", tmp_path / "state"
    cloud.states = [State(status="running")]
    _run(jobs(1), out, cloud, state)
    _damage(state)
    (out / "take0" / "receipt.json").unlink()  # it would be restored from that
    cloud.states = [State(status="completed")]
    made, results = _run(jobs(2), out, cloud, state)
    assert made.summary.states == {"uncertain": 1, "done": 1}
    assert "damaged" in results["take0"].error and len(cloud.posts) == 2


@pytest.mark.parametrize("after", ["the request", "the video"])
def test_a_record_that_is_damaged_while_its_row_runs(jobs: Jobs, tmp_path: Path, after: str) -> None:
    cloud, out, state = Numbered(), tmp_path / "out", tmp_path / "state"

    def damage() -> None:
        if len(cloud.posts) == 1:
            _damage(state)

    if after == "the request":
        cloud.on_state = damage
    else:
        cloud.on_download = damage
    made, results = _run(jobs(2), out, cloud, state)
    assert made.summary.states == {"uncertain": 1, "done": 1}
    assert "damaged" in results["take0"].error and len(cloud.posts) == 2


def test_an_iteration_that_was_left_goes_on_with_another(jobs: Jobs, tmp_path: Path) -> None:
    cloud = Numbered()
    made = batch(jobs(3), out=tmp_path / "out", platform=cloud, poll_s=0.01, isolation="none", concurrency=1)
    first = next(iter(made))
    assert first.state == "done" and not made.cancel.is_set()
    list(made)
    assert (made.summary.states, len(cloud.posts)) == ({"done": 3}, 3)
