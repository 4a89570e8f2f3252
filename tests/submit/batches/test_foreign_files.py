"""Files of the user's that have the names of a batch's: they stay as they are, and the error names them."""

import json
from pathlib import Path

import pytest

from prep import prepare
from prep.errors import UsageError
from submit.batches.api import batch
from submit.errors import BatchPaused, NotSent
from tests.submit.batches.conftest import Jobs
from tests.submit.batches.test_pausing import Numbered
from tests.submit.cloud import raising


@pytest.mark.parametrize("name", ["summary.json", "batch.html", "results.jsonl", "batch.json"])
@pytest.mark.parametrize("is_list", [False, True], ids=["beside the jobs", "the jobs"])
def test_a_folder_of_the_users(jobs: Jobs, tmp_path: Path, name: str, is_list: bool) -> None:
    cloud, out, rows = Numbered(), tmp_path / "out", jobs(1)
    out.mkdir()
    text = "".join(json.dumps(row) + "\n" for row in rows) if name == "results.jsonl" else json.dumps(rows)
    (out / name).write_text(text)
    with pytest.raises(UsageError, match=f"{name}: not that of a batch, and it would be replaced; "):
        batch(out / name if is_list else rows, out=out, platform=cloud)
    assert ([path.name for path in out.iterdir()], (out / name).read_text()) == ([name], text)


@pytest.mark.parametrize("name", ["row.json", "card.json"])
def test_a_folder_of_a_row(jobs: Jobs, tmp_path: Path, name: str) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    (out / "take0").mkdir(parents=True)
    (out / "take0" / name).write_text("mine")
    results = {result.id: result for result in batch(jobs(2), out=out, platform=cloud, poll_s=0.01)}
    assert {row: result.state for row, result in results.items()} == {"take0": "failed", "take1": "done"}
    assert results["take0"].error.startswith(f"{out / 'take0' / name}: not that of a batch, and it would be replaced")
    assert ([path.name for path in (out / "take0").iterdir() if not path.name.startswith(".")]) == [name]
    assert (out / "take0" / name).read_text() == "mine" and len(cloud.posts) == 1


@pytest.mark.parametrize("name", ["row.json", "card.json"])
def test_an_empty_record(jobs: Jobs, tmp_path: Path, name: str) -> None:
    """A power cut leaves it, and it is nothing of the user's."""
    cloud, out = Numbered(), tmp_path / "out"
    (out / "take0").mkdir(parents=True)
    (out / "take0" / name).touch()
    (result,) = batch(jobs(1), out=out, platform=cloud, poll_s=0.01, isolation="none")
    assert result.state == "done" and (out / "take0" / name).stat().st_size


def test_our_records_without_a_manifest(jobs: Jobs, tmp_path: Path) -> None:
    """Another command that was killed here had removed it."""
    cloud, out = Numbered(), tmp_path / "out"
    list(batch(jobs(1), out=out, platform=cloud, poll_s=0.01))
    for name in ("manifest.json", "image1-picture0.png"):
        (out / "take0" / name).unlink()
    (result,) = batch([jobs(1)[0] | {"prompt": "@Image1 bows"}], out=out, platform=cloud, poll_s=0.01)
    assert (result.state, len(cloud.posts)) == ("done", 2), result.error


def test_files_that_another_command_put_there_are_not_sent(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out, rows = Numbered(), tmp_path / "out", jobs(2)
    cloud.on_submit = raising(NotSent("no connection"))
    with pytest.raises(BatchPaused):
        list(batch(rows[:1], out=out, platform=cloud))
    prepare(rows[1]["references"], out=out / "take0")
    cloud.on_submit = lambda: None
    (result,) = batch(rows[:1], out=out, platform=cloud, poll_s=0.01)
    assert result.state == "failed" and "image1-picture0.png would be replaced" in result.error, "which prep left there"
    (out / "take0" / "image1-picture0.png").unlink()
    (result,) = batch(rows[:1], out=out, platform=cloud, poll_s=0.01)
    assert (result.state, result.paths.files) == ("done", ("take0/image1-picture0.png",))
    assert cloud.posts[-1][1]["image_urls"] == ["https://cdn/image1-picture0.png"]
