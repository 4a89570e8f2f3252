"""CONTRIBUTING.md: every path in it exists, and nothing needs more than three places."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| (an? .*?) \| (.*) \|$", PAGE, re.MULTILINE))
PATHS = sorted(set(re.findall(r"`([\w.<>/-]*/[\w.<>/-]*|[\w-]+\.\w+)`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists(path: str) -> None:
    """`<name>` stands for any name."""
    assert list(ROOT.glob(re.sub(r"<\w+>", "*", path))), path


@pytest.mark.parametrize("what", ["an endpoint", "a rule", "a step", "an output format", "a media format"])
def test_it_says_what_to_touch(what: str) -> None:
    assert what in ROWS


@pytest.mark.parametrize("what", ROWS)
def test_three_places_are_enough(what: str) -> None:
    assert 1 <= ROWS[what].count("`") // 2 <= 3
