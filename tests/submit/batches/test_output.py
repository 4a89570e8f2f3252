"""Folders that a batch can't be written to, in a real run and in a dry one."""

import os
from pathlib import Path

import pytest
from PIL import Image

from tests.types import Say

HEADER = "id,prompt,ref1,duration,resolution,aspect_ratio\n"
RUNS = {"dry": ("--dry-run",), "skip-bad": ("--sandbox", "--skip-bad"), "sandbox": ("--sandbox",)}


@pytest.fixture
def originals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """F1 and F1/a, two folders of references, and "linked", which leads to F1."""
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path / "F1", tmp_path / "F1" / "a"):
        folder.mkdir()
        Image.new("RGB", (320, 320), (120, 90, 160)).save(folder / "hero.png")
    (tmp_path / "linked").symlink_to("F1", target_is_directory=True)
    return tmp_path / "F1"


def _tree(folder: Path) -> list[str]:
    return sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)


def _rows(*references: str) -> None:
    lines = [f"{name},@Image1 waves {name},{path},4,480p,1:1\n" for name, path in zip("abc", references, strict=False)]
    Path("jobs.csv").write_text(HEADER + "".join(lines), "utf-8")


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(
    ("references", "out"),
    [
        pytest.param(["F1"], "F1", id="the-folder"),
        pytest.param(["F1/hero.png", "F1"], "F1/", id="of-a-later-row"),
        pytest.param(["F1"], "linked", id="by-a-link"),
        pytest.param(["F1/a"], "F1", id="the-folder-of-its-row"),
        pytest.param(["F1/hero.png", "F1/a"], "F1", id="the-folder-of-another-row"),
    ],
)
def test_a_batch_is_not_written_among_references(
    references: list[str], out: str, run: str, originals: Path, say: Say
) -> None:
    before = _tree(originals)
    _rows(*references)
    code, _, err = say("batch", "jobs.csv", "--out", out, *RUNS[run])
    assert (code, err.count("\n")) == (2, 1) and "a folder of references; choose another folder" in err
    assert _tree(originals) == before


def test_a_folder_among_the_originals_can_be_written_to(originals: Path, say: Say) -> None:
    """Also the second time: what lies in a folder of references beside media is no change of them."""
    _rows("F1")
    command = ("batch", "jobs.csv", "--out", "F1/takes", "--sandbox", "--poll", "0.05")
    code, out, err = say(*command)
    assert code == 0 and "1 to send" in out, err
    (originals / ".DS_Store").touch()
    code, out, _ = say(*command)
    assert code == 0 and "to send" not in out
    assert len((originals / "takes" / "results.jsonl").read_text("utf-8").splitlines()) == 1
