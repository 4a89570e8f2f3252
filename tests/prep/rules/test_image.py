"""Rules for images."""

import pytest

from prep.rules import check_image
from tests.prep.rules.tables import IMAGE_CASES, ImageCase


@pytest.mark.parametrize("case", IMAGE_CASES, ids=lambda case: case.id)
def test_image(case: ImageCase) -> None:
    findings = check_image(case.info, case.limits)
    assert {finding.rule: finding.severity for finding in findings} == case.broken
    assert len(findings) == len(case.broken)


def test_a_message_about_sides_shows_the_size() -> None:
    case = next(case for case in IMAGE_CASES if case.id == "1001x400")
    (finding,) = check_image(case.info, case.limits)
    assert finding.message == "the aspect ratio of 1001×400 is 2.502 (max 2.5)"
