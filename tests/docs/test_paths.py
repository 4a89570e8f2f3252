"""Paths, links and anchors in the documents exist, and by CONTRIBUTING.md nothing takes more than three files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| (an? .*?) \| (.*) \|$", PAGE, re.MULTILINE))
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))]
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
OURS = r"`((?:prep|submit|tests|fixtures|benchmarks|docs|\.ci)/[\w.<>/*-]*)`"


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_paths_exist(document: str) -> None:
    """`<name>` stands for any name."""
    paths = re.findall(OURS, (ROOT / document).read_text("utf-8"))
    assert [path for path in paths if not list(ROOT.glob(re.sub(r"<\w+>", "*", path)))] == []


def _text(document: Path) -> str:
    """The page without its blocks of code."""
    return CODE.sub("", document.read_text("utf-8"))


def _anchors(document: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", _text(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in _anchors(target))


@pytest.mark.parametrize("document", [*sorted(DOCUMENTS), "CHANGELOG.md", "fixtures/README.md"])
def test_links_lead_somewhere(document: str) -> None:
    page = ROOT / document
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", _text(page)) if "://" not in link]
    assert [link for link in links if not _leads_somewhere(page, link)] == []


@pytest.mark.parametrize("what", ["an endpoint", "a rule", "a step", "an output format", "a media format"])
def test_it_says_what_to_touch(what: str) -> None:
    assert what in ROWS


@pytest.mark.parametrize("what", ROWS)
def test_three_places_are_enough(what: str) -> None:
    assert 1 <= ROWS[what].count("`") // 2 <= 3
