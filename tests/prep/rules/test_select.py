"""Selection of findings."""

import pytest

from prep.errors import UsageError
from prep.model.finding import Finding
from prep.rules import check_image
from prep.rules.select import Selection, read_patterns
from tests.made import image, report_of
from tests.prep.rules.tables import TWO

# one of each basis: documented, upstream, advice
FOUND = check_image(image(4000, 1000, container="heif", private_metadata=("gps",)), TWO.image)
FORMAT, ASPECT, PRIVATE = "image-format-unsupported", "image-aspect-too-wide", "image-private-metadata"


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (Selection(), {FORMAT, ASPECT, PRIVATE}),
        (Selection(select=(ASPECT,)), {ASPECT}),
        (Selection(select=("image-*",)), {FORMAT, ASPECT, PRIVATE}),
        (Selection(select=("video-*",)), set()),
        (Selection(ignore=(ASPECT,)), {FORMAT, PRIVATE}),
        (Selection(ignore=("*-private-*", "*-aspect-*")), {FORMAT}),
        (Selection(select=("image-*",), ignore=("image-aspect-*",)), {FORMAT, PRIVATE}),
        (Selection(basis=("documented",)), {FORMAT}),
        (Selection(basis=("upstream", "advice")), {ASPECT, PRIVATE}),
        (Selection(basis=("documented",), select=(ASPECT,)), set()),
    ],
)
def test_selection(selection: Selection, left: set[str]) -> None:
    assert {finding.rule for finding in FOUND if selection.takes(finding)} == left


def test_a_report_tells_how_many_were_left_out() -> None:
    report = Selection(select=("video-*",)).of(report_of(image(4000, 1000)))
    assert (report.findings, report.deselected, report.ok) == ((), 1, True)


def test_what_can_not_be_read_is_always_told() -> None:
    finding = Finding(
        rule="input-unreadable", severity="error", basis="documented", actual="", allowed="", message="empty"
    )
    assert Selection(select=("video-*",), ignore=("*",), basis=("advice",)).takes(finding)


def test_patterns_may_stand_together() -> None:
    assert read_patterns(["video-*, image-animated", "audio-*"]) == ("video-*", "image-animated", "audio-*")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("vido-hdr", "did you mean video-hdr"),
        ("nothing-*", "'prep-and-submit explain' lists them"),
        ("refused-missing", "no such rule"),  # no check finds it
    ],
)
def test_a_pattern_that_no_rule_answers_to(given: str, told: str) -> None:
    with pytest.raises(UsageError, match=f"{given.replace('*', '.')}: no such rule") as caught:
        read_patterns(["video-hdr", given])
    assert told in str(caught.value)
