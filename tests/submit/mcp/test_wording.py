"""Messages for a terminal, in the words of the tools."""

import pytest

from submit.mcp.answers import MOST_CHARACTERS, shortened
from submit.mcp.wording import in_tools


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'prep-and-submit result k7f3' fetches it", "`result` (k7f3) fetches it"),
        ("'prep-and-submit jobs' lists them", "'prep-and-submit jobs' lists them"),
        ("to continue without it: `skip_unreadable=True`", "to continue without it: `skip_unreadable=True`"),
        ("--skip-bad leaves it out", "`skip_unreadable=True` leaves it out"),
        ("--duration SECONDS narrows the range", "`generation.duration` SECONDS narrows the range"),
        ("`strip_metadata` removes it", "`options.strip_metadata` removes it"),
        ("choose with `fit=crop`", "choose with `options.fit` crop"),
        ("`again` makes a new one", "`again` makes a new one"),
        ("needs --allow-private-network", "needs --allow-private-network"),
        ("an em--dash and a--b", "an em--dash and a--b"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert in_tools(text) == expected


@pytest.mark.parametrize(("lines", "cut"), [(60, False), (61, True), (500, True)])
def test_a_long_text_is_cut_between_lines(lines: int, cut: bool) -> None:
    text = "\n".join(f"{number:99}" for number in range(lines))
    short = shortened(text)
    assert len(short) <= MOST_CHARACTERS + 60 and ("the document has everything" in short) == cut
    kept, _, note = short.rpartition("\n")
    if cut:
        assert text.startswith(kept) and f"… {lines - kept.count(chr(10)) - 1} more lines" in note
