"""Secrets in URLs of references and webhooks: in no file of a batch, and in nothing that is printed."""

import json
from pathlib import Path

import pytest

from prep import Network
from submit.batches.api import batch
from tests.prep.net.server import Site
from tests.submit.batches.conftest import Jobs
from tests.submit.batches.test_pausing import Numbered
from tests.types import Say

SECRET = "SECRET0123456789"
HOOK = f"https://me.example/hooks/{SECRET}"


def _written(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_query_of_a_reference(jobs: Jobs, site: Site, tmp_path: Path) -> None:
    (row,), out = jobs(1), tmp_path / "out"
    site.put("/hero.png", Path(row["references"][0]).read_bytes(), "image/png")
    url = site.url(f"/hero.png?token={SECRET}")
    network = Network(allow_private=True)
    row["references"] = [f"hero={url}#xywh=0,0,310,310"]
    row["prompt"] = "@hero dances"
    (result,) = batch([row], out=out, platform=Numbered(), poll_s=0.01, network=network)
    assert result.state == "done" and SECRET not in _written(out)
    noted = json.loads((out / "take0" / "row.json").read_text())["job"]
    assert noted["references"] == [f"hero={site.url('/hero.png')}?…#xywh=0,0,310,310"]


@pytest.mark.parametrize("flags", [("--webhook", HOOK), (f"--webhook={HOOK}",)], ids=["two words", "one word"])
def test_the_path_of_a_webhook(flags: tuple[str, ...], jobs: Jobs, tmp_path: Path, say: Say) -> None:
    (tmp_path / "jobs.json").write_text(json.dumps(jobs(1)))
    command = ("batch", str(tmp_path / "jobs.json"), "--out", str(tmp_path / "out"), "--sandbox", "--yes", *flags)
    code, out, err = say(*command, "--dry-run")
    assert (code, SECRET in out + err) == (0, False)
    code, out, err = say(*command, "--poll", "0.05")
    assert (code, SECRET in out + err + _written(tmp_path / "out")) == (0, False)
