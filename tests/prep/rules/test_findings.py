"""Wording of findings: numbers, units, severity."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.model.finding import Finding, Unit
from prep.model.limits import Limit
from prep.rules import check_one, check_set
from prep.rules.amounts import amount, amounts, moment, span
from prep.rules.catalogue import RULES
from prep.rules.findings import about, at_least, at_most, broken, one_of
from tests.made import audio, image, video
from tests.prep.rules import tables
from tests.prep.rules.tables import TWO


def _limit(value: Any, accepted: Any = None) -> Limit[Any]:
    return Limit[Any].model_validate(
        {"value": value, "accepted": accepted, "basis": "upstream", "source": "https://e.org", "checked": "2026-11-22"}
    )


def _everything_found() -> list[Finding]:
    """Every finding of every case in the tables."""
    single = [
        finding
        for case in (*tables.IMAGE_CASES, *tables.VIDEO_CASES, *tables.AUDIO_CASES)
        for finding in check_one(case.info, TWO)
    ]
    return single + [finding for case in tables.SET_CASES for finding in check_set(case.totals, case.spec)]


FOUND = _everything_found()


def test_messages_name_what_was_found_and_what_is_allowed() -> None:
    numeric = [finding for finding in FOUND if finding.unit and finding.basis != "advice"]
    assert len(numeric) > 60
    for finding in numeric:
        pattern = r"(?: is |^)([\d.,]+(?: [a-zA-Z]+)?).* \((?:max|min) ([\d.,]+(?: [a-zA-Z]+)?)"
        numbers = re.search(pattern, finding.message)
        assert numbers, finding.message
        assert numbers[1] != numbers[2], finding.message


def test_a_warning_tells_what_was_seen_to_pass_and_promises_no_fix() -> None:
    tolerated = [finding for finding in FOUND if finding.severity == "warning" and finding.basis != "advice"]
    assert len(tolerated) > 10
    for finding in tolerated:
        assert re.search(r"; \S+ \S+ reportedly passes\)$", finding.message), finding.message
        assert finding.fix is None


def test_an_error_says_what_prep_would_do() -> None:
    errors = [finding for finding in FOUND if finding.severity == "error"]
    assert errors
    assert all(finding.fix == RULES[finding.rule].fix for finding in errors)


def test_the_basis_is_that_of_the_limit() -> None:
    by_rule = {finding.rule: finding.basis for finding in FOUND}
    assert by_rule["video-area-too-large"] == "documented"
    assert by_rule["video-fps-too-low"] == "upstream"
    assert by_rule["video-hdr"] == "advice"


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (image(bytes=31_200_000 + 300_000), "the file is 31.5 MB (max 30 MB)"),
        (image(bytes=31_457_281), "the file is 31.5 MB (max 30 MB)"),
        (
            image(bytes=30_000_001),
            "the file is 30,000,001 bytes (max 30,000,000 bytes; 31.5 MB reportedly passes)",
        ),
        (image(container="heif"), "the format is HEIF (allowed: JPEG, PNG, WebP)"),
        (image(299, 400), "the shorter side of 299×400 is 299 px (min 300 px)"),
        (image(6001, 6000), "the longer side of 6001×6000 is 6,001 px (max 6,000 px)"),
        (video(1280, 726), "the area of 1280×726 is 929,280 px (max 927,408 px)"),
        (video(fps=23.976), "the frame rate is 23.98 fps (min 24 fps)"),
        (video(fps=23.9999), "the frame rate is 23.9999 fps (min 24 fps)"),
        (video(fps=60.01), "the frame rate is 60.01 fps (max 60 fps)"),
        (video(duration_s=15.1), "the duration is 15.1 s (max 15 s; 15.2 s reportedly passes)"),
        (video(duration_s=15.21), "the duration is 15.2 s (max 15 s)"),
        (video(duration_s=1.79), "the duration is 1.79 s (min 2 s)"),
        (video(duration_s=1.9996), "the duration is 1.9996 s (min 2 s; 1.8 s reportedly passes)"),
        (audio(bytes=18_300_000), "the file is 18.3 MB (max 15 MB)"),
        (video(audio_codec="opus"), "the soundtrack's codec is Opus (allowed: AAC, MP3)"),
    ],
    ids=lambda value: None if isinstance(value, str) else value.kind,
)
def test_message(info: Any, message: str) -> None:
    assert [finding.message for finding in check_one(info, TWO)] == [message]


UNITS: tuple[Unit, ...] = ("bytes", "s", "px", "fps", "ratio", "files", "")
WHOLE = ("bytes", "px", "files")


@given(
    unit=st.sampled_from(UNITS),
    first=st.floats(0, 1e9, allow_nan=False),
    second=st.floats(0, 1e9, allow_nan=False),
)
@settings(deadline=None)
def test_different_amounts_look_different(unit: Unit, first: float, second: float) -> None:
    if unit in WHOLE:
        first, second = int(first), int(second)
    texts = amounts(first, second, unit)
    assert (texts[0] == texts[1]) is (first == second)


@given(
    unit=st.sampled_from(UNITS),
    limit=st.sampled_from([1, 2, 15, 24, 60, 300, 6000, 927_408]),
    off=st.sampled_from([1e-9, 1e-6, 1e-4, 0.001, 0.01, 0.4, 1, 17]),
)
@settings(deadline=None)
def test_amounts_beside_a_limit_look_different(unit: Unit, limit: int, off: float) -> None:
    over = limit + (max(1, int(off)) if unit in WHOLE else off)
    first, second = amounts(over, limit, unit)
    assert first != second


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "bytes", "0 kB"),
        (99_900, "bytes", "99.9 kB"),
        (31_200_000, "bytes", "31.2 MB"),
        (30_000_000, "bytes", "30 MB"),
        (15, "s", "15 s"),
        (999_000, "bytes", "999 kB"),
        (1_500_000_000, "bytes", "1.5 GB"),
        (15.84, "s", "15.8 s"),
        (139.42, "s", "139 s"),
        (1234.5, "s", "1,234 s"),
        (927_408, "px", "927,408 px"),
        (23.976, "fps", "23.98 fps"),
        (2.5, "ratio", "2.5"),
        (12, "files", "12"),
    ],
)
def test_amount(value: float, unit: Unit, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.0"), (2.5, "0:02.5"), (59.96, "1:00.0"), (63, "1:03.0"), (3599.9, "59:59.9"), (3723.5, "1:02:03.5")],
)
def test_a_moment(seconds: float, text: str) -> None:
    assert moment(seconds) == text


@pytest.mark.parametrize(
    ("start_s", "duration_s", "text"),
    [
        (63.0, 2.1333, "1:03.00–1:05.13 (2.13 s)"),
        (0, 5, "0:00.0–0:05.0 (5 s)"),
        (3600, 14.9, "1:00:00.0–1:00:14.9 (14.9 s)"),
    ],
)
def test_a_span(start_s: float, duration_s: float, text: str) -> None:
    assert span(start_s, duration_s) == text


def test_a_limit_that_is_not_stated_is_not_broken() -> None:
    assert at_most("video-too-long", 1e9, None, "s") == ()
    assert at_least("video-too-short", 0, None, "s") == ()
    assert one_of("video-codec-unsupported", "vp9", None) == ()


@pytest.mark.parametrize(
    ("value", "severity"), [(9, []), (10, []), (10.5, ["warning"]), (11, ["warning"]), (11.5, ["error"])]
)
def test_between_the_strict_and_the_accepted_value_is_a_warning(value: float, severity: list[str]) -> None:
    found = at_most("video-too-long", value, _limit(10.0, 11.0), "s")
    assert [finding.severity for finding in found] == severity
    mirrored = at_least("video-too-short", -value, _limit(-10.0, -11.0), "s")
    assert [finding.severity for finding in mirrored] == severity


def test_without_a_tolerance_everything_over_is_an_error() -> None:
    (finding,) = at_most("video-too-long", 10.001, _limit(10.0), "s")
    assert (finding.severity, finding.actual, finding.allowed, finding.unit) == ("error", 10.001, 10.0, "s")


def test_about_names_the_reference() -> None:
    found = about(check_one(video(fps=10, hdr="pq"), TWO), "dance.mov", "@Video1")
    assert len(found) == 2
    assert {(finding.subject, finding.tag) for finding in found} == {("dance.mov", "@Video1")}


def test_what_has_to_be_mended() -> None:
    """Errors, and the advice that makes uncertain what the endpoint would see; neither warnings nor the rest."""
    found = check_one(video(fps=10, duration_s=15.1, rotation=90, hdr="pq", private_metadata=("gps",)), TWO)
    assert len(found) == 5
    assert broken(found) == {"video-fps-too-low", "video-not-upright"}
