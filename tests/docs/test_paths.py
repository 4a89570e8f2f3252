"""Paths in the documents exist, and by CONTRIBUTING.md nothing takes more than three of them to add."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| (an? .*?) \| (.*) \|$", PAGE, re.MULTILINE))
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))]
OURS = r"`((?:prep|submit|tests|fixtures|benchmarks|docs|\.ci)/[\w.<>/*-]*)`"


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_paths_exist(document: str) -> None:
    """`<name>` stands for any name."""
    paths = re.findall(OURS, (ROOT / document).read_text("utf-8"))
    assert [path for path in paths if not list(ROOT.glob(re.sub(r"<\w+>", "*", path)))] == []


@pytest.mark.parametrize("what", ["an endpoint", "a rule", "a step", "an output format", "a media format"])
def test_it_says_what_to_touch(what: str) -> None:
    assert what in ROWS


@pytest.mark.parametrize("what", ROWS)
def test_three_places_are_enough(what: str) -> None:
    assert 1 <= ROWS[what].count("`") // 2 <= 3
