"""An output folder that the originals lie in: nothing is mixed without a word."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from prep import plan, prepare
from prep.fix import Fixer, check_and_fix
from prep.model.finding import Finding
from prep.specs import DEFAULT_ENDPOINT
from submit import offer
from tests.types import Media, Say

RULE = "output-beside-originals"


@pytest.fixture(autouse=True)
def here(media: Media, tmp_path: Path) -> Path:
    (tmp_path / "photos/sub").mkdir(parents=True)
    for name in ("photos/a.jpg", "photos/sub/b.jpg"):
        shutil.copyfile(media("photo_orient6.jpg"), tmp_path / name)
    (tmp_path / "linked").symlink_to("photos", target_is_directory=True)
    return tmp_path


def _beside(findings: Sequence[Finding]) -> list[str]:
    return [finding.message for finding in findings if finding.rule == RULE]


WAYS: dict[str, Callable[[list[str], str], Sequence[Finding]]] = {
    "prep": lambda references, out: prepare(references, out=out).findings,
    "a plan": lambda references, out: prepare(plan(references), out=out).findings,
    "run": lambda references, out: offer(references, "a walk", out=out).findings,
    "fix": lambda references, out: check_and_fix(references, DEFAULT_ENDPOINT, Fixer(Path(out))).findings,
}


@pytest.mark.parametrize("findings_of", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    ("references", "out", "number"),
    [
        (["photos/a.jpg"], "photos", 1),
        (["photos/a.jpg"], "./linked/", 1),
        (["linked/a.jpg", "photos/sub/b.jpg"], "photos", 1),
        (["photos/a.jpg"], "photos/ready", 0),
        (["photos/sub/b.jpg"], "photos", 0),
        (["photos/a.jpg"], ".", 0),
    ],
    ids=["the same", "through a link", "one of two", "below", "above", "two above"],
)
def test_it_is_said_and_the_originals_stay(
    findings_of: Callable[[list[str], str], Sequence[Finding]], references: list[str], out: str, number: int
) -> None:
    before = {path: path.read_bytes() for path in Path("photos").rglob("*.jpg")}
    messages = _beside(findings_of(references, out))
    assert len(messages) == number
    assert all("such as " in message and message.endswith("/ready") for message in messages)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    "command", [["prep"], ["run", "--dry-run", "--prompt", "@Image1"], ["run", "--sandbox", "--prompt", "@Image1"]]
)
def test_the_command_names_the_folder_and_goes_on(say: Say, command: list[str]) -> None:
    code, out, _ = say(*command, "photos/a.jpg", "--out", "photos")
    assert code == 0
    assert " ".join(out.split()).count(f"{RULE}: the prepared files go into photos/, where your originals are") == 1
