"""A batch whose journal was lost, or put back to a copy of before: the receipts in its folders keep it from paying."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Cancelled, PrepError
from prep.execution.lock import claimed
from submit.batches.api import batch
from submit.job.manage import forget
from submit.journal import Journal
from submit.platform import State
from tests.submit.batches.conftest import SMALL, Jobs
from tests.submit.batches.test_pausing import Numbered
from tests.types import Media


def _run(jobs: list[dict[str, Any]], out: Path, cloud: Numbered, **options: Any) -> tuple[Any, PrepError | None]:
    made = batch(jobs, out=out, platform=cloud, poll_s=0.01, state=out.parent / "state", **options)
    try:
        list(made)
    except PrepError as error:
        return made, error
    return made, None


def _put_back(folder: Path) -> None:
    shutil.rmtree(folder / "state")
    shutil.copytree(folder / "backup", folder / "state")


@pytest.mark.parametrize("loss", [_put_back, lambda folder: forget(None, Journal(folder / "state"), sure=True)])
def test_a_row_that_was_sent_is_found_by_its_receipt(
    jobs: Jobs, tmp_path: Path, loss: Callable[[Path], object]
) -> None:
    cloud = Numbered()
    _run(jobs(1), tmp_path / "takes", cloud, max_cost=2)
    shutil.copytree(tmp_path / "state", tmp_path / "backup")
    cloud.states = [State(status="running")]
    _run(jobs(2), tmp_path / "takes", cloud, max_cost=2, timeout_s=0.01)
    assert len(cloud.posts) == 2
    loss(tmp_path)
    cloud.states = [State(status="completed")]
    made, error = _run(jobs(2), tmp_path / "takes", cloud, max_cost=2)
    assert (error, len(cloud.posts), made.summary.states) == (None, 2, {"done": 2})
    assert made.summary.spent_usd == 2 * made.summary.quoted.max_usd / 2


def test_a_row_that_is_dearer_than_it_was_ends(media: Media, tmp_path: Path) -> None:
    """The clip was replaced by a longer one after the question."""
    clip = tmp_path / "clip.mp4"
    shutil.copyfile(media("clip_720p.mp4"), clip)

    def replace(_: object) -> bool:
        shutil.copyfile(media("clip_720p_10s.mp4"), clip)
        return True

    row = {"id": "a", "prompt": "@Video1 again", "references": [str(clip)], "generation": SMALL}
    cloud = Numbered()
    made, _ = _run([row], tmp_path / "takes", cloud, confirm=replace)
    assert (cloud.posts, made.summary.states) == ([], {"over-budget": 1})


def test_a_batch_that_waits_for_a_folder_can_be_interrupted(jobs: Jobs, tmp_path: Path) -> None:
    made = batch(jobs(1), out=tmp_path / "takes", platform=Numbered(), state=tmp_path / "state", max_cost=2)
    with claimed(tmp_path / "takes" / "take0"):
        threading.Timer(0.3, made.cancel.set).start()
        with pytest.raises(Cancelled):
            list(made)
