"""State of a batch while it runs, however its folder is named, and of rows whose lines are older than their jobs."""

import os
from pathlib import Path
from typing import Any

import pytest

from prep.errors import RemoteError
from submit.batches.api import batch
from submit.batches.results.status import batch_status
from submit.platform import State
from tests.submit.batches.conftest import Jobs
from tests.submit.batches.test_pausing import Numbered
from tests.submit.cloud import raising


def _run(jobs: list[dict[str, Any]], out: Path, cloud: Numbered) -> Any:
    made = batch(jobs, out=out, platform=cloud, poll_s=0.01, timeout_s=0.01, isolation="none")
    list(made)
    return made


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_its_folder_may_be_named_in_any_way(jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    cloud.states = [State(status="running")]
    out.mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to(out)
    _run(jobs(1), tmp_path / "link", cloud)
    monkeypatch.chdir(tmp_path / "sub")
    for name in (out, tmp_path / "link", "../out", tmp_path / "sub" / ".." / "out"):
        assert batch_status(name).states == {"running": 1}, name


def test_a_row_that_failed_and_was_sent_since(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    cloud.on_upload = raising(RemoteError("status 503"))
    assert _run(jobs(1), out, cloud).summary.states == {"failed": 1}
    assert batch_status(out).states == {"failed": 1}
    cloud.on_upload, cloud.states = lambda path: None, [State(status="running")]
    assert _run(jobs(1), out, cloud).summary.states == {"running": 1}
    assert batch_status(out).states == {"running": 1}


def test_a_row_that_was_done_and_fails_since_it_changed(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    _run(jobs(1), out, cloud)
    cloud.on_upload = raising(RemoteError("status 503"))
    (tmp_path / "picture0.png").write_bytes((tmp_path / "picture1.png").read_bytes())
    assert _run(jobs(1), out, cloud).summary.states == {"failed": 1}
    assert batch_status(out).states == {"failed": 1}
