"""Output folders of batches, in real runs and dry ones: which are refused, and what those of earlier runs say."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from submit.sandbox import Sandbox
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


@pytest.fixture
def ready(originals: Path, say: Say) -> Path:
    """The folder of a batch that ran in a sandbox."""
    _rows("F1/hero.png", "F1/hero.png")
    assert say("batch", "jobs.csv", "--out", "takes", "--sandbox", "--poll", "0.05")[0] == 0
    return originals.parent / "takes"


@pytest.mark.parametrize("flags", [(), ("--dry-run",)], ids=["real", "dry"])
@pytest.mark.parametrize("key", ["", "a:b"], ids=["no-key", "key"])
def test_a_batch_of_a_sandbox_is_not_continued_for_real(
    flags: tuple[str, ...], key: str, ready: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", key)
    code, out, err = say("batch", "jobs.csv", "--out", "takes", "--max-cost", "3", *flags)
    if flags or key:
        assert (code, out) == (2, "")
        assert err == f"prep-and-submit: {ready}: a batch that ran in a sandbox; choose another folder\n"
    else:
        assert code == 5 and "FAL_KEY is not set" in err


FOREIGN = {
    "of-another-account": ("a:b", (), "a batch of another account"),
    "a-paid-one-in-a-sandbox": ("", ("--sandbox",), "a batch of another account"),
}


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["real", "dry"])
@pytest.mark.parametrize("case", FOREIGN)
def test_a_batch_of_another_account(
    case: str, dry: tuple[str, ...], ready: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, flags, message = FOREIGN[case]
    note = json.loads((ready / "batch.json").read_text("utf-8"))
    (ready / "batch.json").write_text(json.dumps(note | {"account": "another"}), "utf-8")
    monkeypatch.setenv("FAL_KEY", key)
    code, _, err = say("batch", "jobs.csv", "--out", "takes", *flags, *dry)
    assert code == 2 and f"{message} (another FAL_KEY); choose another folder" in err


WRONG = {
    "executor": ("--executor", "foo"),
    "work": ("--work", "s3://bucket/work"),
    "upload_to": ("--upload-to", "nowhere"),
}


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["real", "dry"])
@pytest.mark.parametrize("case", WRONG)
def test_an_option_that_can_not_be_used(case: str, dry: tuple[str, ...], originals: Path, say: Say) -> None:
    _rows("F1/hero.png")
    code, out, err = say("batch", "jobs.csv", "--out", "takes", "--sandbox", *WRONG[case], *dry)
    assert (code, out, err.count("\n")) == (2, "", 1) and not Path("takes").exists()


@pytest.mark.parametrize("out", [("--out", "takes"), ("--out=takes",), ("--out", "takes/")], ids=" ".join)
def test_a_sandbox_batch_ends_with_the_command_for_real(out: tuple[str, ...], originals: Path, say: Say) -> None:
    """It names another folder, since this one stays that of the sandbox."""
    _rows("F1/hero.png")
    command = ("batch", "jobs.csv", *out, "--sandbox", "--poll", "0.05", "--yes")
    for _ in range(2):
        code, printed, _ = say(*command)
        *_, blank, last = printed.splitlines()
        assert (code, blank) == (0, "")
        assert last == "Next, for real: prep-and-submit batch jobs.csv --poll 0.05 --out takes-real"


def test_the_page_of_a_rehearsal_names_no_budget_and_says_once_that_all_is_done(ready: Path, say: Say) -> None:
    page = (ready / "batch.html").read_text("utf-8")
    head = page[page.index("<header>") : page.index("</header>")]
    assert head.count("done") == 1 and "2 of 2 done" in head
    assert "Budget" not in head and "At most" not in head and "would be $" in head
    assert '<p class="again" hidden>' in head


def test_a_finished_batch_says_that_nothing_was_to_do(ready: Path, say: Say) -> None:
    command = ("batch", "jobs.csv", "--out", "takes", "--sandbox", "--poll", "0.05")
    code, out, _ = say(*command)
    assert code == 0 and out.splitlines()[0] == "Nothing to do: 2 rows are done."
    assert "rows         2: 2 done" in out
    results = ready / "results.jsonl"
    results.write_text(results.read_text("utf-8").replace('"state":"done"', '"state":"refused"', 1), "utf-8")
    code, out, _ = say(*command)
    assert code == 4 and out.splitlines()[0] == "Nothing to do: 2 rows have ended."
    code, out, _ = say(*command[:2], "--out", "others", *command[4:])
    assert code == 0 and "Nothing to do" not in out


def test_a_dry_run_knows_what_is_spent(start: Callable[..., Sandbox], originals: Path, say: Say) -> None:
    start()
    _rows("F1/hero.png")
    command = ("batch", "jobs.csv", "--out", "takes", "--poll", "0.05", "--max-cost")
    code, out, _ = say(*command, "2", "--dry-run")
    assert code == 0 and "\nBudget: $2.00\n" in out
    assert say(*command, "2")[0] == 0
    _rows("F1/hero.png", "F1/hero.png")
    for limit, line in [("2", "of which $0.54 are spent"), ("1", "of which $0.54 are spent; it may not be enough")]:
        code, out, _ = say(*command, limit, "--dry-run")
        assert code == 0 and f"\nBudget: ${limit}.00, {line}" in out
        code, out, _ = say(*command, limit, "--dry-run", "--json")
        assert json.loads(out)["data"]["offer"]["spent_usd"] == 0.5432
    code, out, _ = say(*command, "2")
    assert code == 0 and "Budget: $2.00, of which $0.54 are spent\n" in out, "the real run says the same"
