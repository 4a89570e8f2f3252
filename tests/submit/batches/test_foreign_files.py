"""Files of the user's that have the names of a batch's: they stay as they are, and the error names them."""

import json
import threading
from pathlib import Path

import pytest

from prep.errors import UnreadableError, UsageError
from prep.specs import load_spec
from submit.batches.api import batch
from submit.batches.preparation import Preparation, prepare_row
from tests.submit.batches.conftest import Jobs
from tests.submit.batches.test_pausing import Numbered


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


def test_records_of_a_row_go_first(jobs: Jobs, tmp_path: Path) -> None:
    """Before the manifest does: what a killed preparation leaves must not be taken for foreign."""
    cloud, out = Numbered(), tmp_path / "out"
    list(batch(jobs(1), out=out, platform=cloud, poll_s=0.01))
    changed = Preparation(json.dumps({"references": ["nothing.png"]}), "other", load_spec(), out / "take0", tmp_path)
    with pytest.raises(UnreadableError, match=r"nothing\.png"):
        prepare_row(changed, threading.Event())
    names = {path.name for path in (out / "take0").iterdir()}
    assert "manifest.json" in names and not names & {"row.json", "card.json"}
