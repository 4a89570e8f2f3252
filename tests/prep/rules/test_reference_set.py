"""Rules for whole sets."""

import pytest

from prep.model.manifest import totals
from prep.model.media import Kind
from prep.rules import check_set
from tests.made import audio, image, video
from tests.prep.rules.tables import SET_CASES, TWO, SetCase


@pytest.mark.parametrize("case", SET_CASES, ids=lambda case: case.id)
def test_set(case: SetCase) -> None:
    findings = check_set(case.totals, case.spec)
    assert {finding.rule: finding.severity for finding in findings} == case.broken
    assert len(findings) == len(case.broken)
    assert all(finding.subject is None and finding.tag is None for finding in findings)


def test_totals_count_each_kind() -> None:
    infos = (image(), video(duration_s=4.5, bytes=7), audio(2.25), image(), video(duration_s=3.25, bytes=11))
    assert totals(infos).model_dump() == {
        "files": 5,
        "images": 2,
        "videos": 2,
        "audios": 1,
        "video_duration_s": 7.75,
        "video_bytes": 18,
        "audio_duration_s": 2.25,
    }


def test_totals_of_nothing() -> None:
    assert set(totals(()).model_dump().values()) == {0}


@pytest.mark.parametrize(
    "seconds",
    [(5.1, 5.05, 5.05), (15.2 / 3,) * 3, (1.1, 2.2, 11.9), (0.1,) * 152],
    ids=["three", "thirds", "uneven", "many"],
)
def test_a_sum_of_floats_does_not_tip_the_limit(seconds: tuple[float, ...]) -> None:
    """15.2 s is accepted however it is made up; a sum in binary may come out a hair above."""
    found = check_set(totals(video(duration_s=length) for length in seconds), TWO)
    assert ("videos-too-long", "warning") in {(finding.rule, finding.severity) for finding in found}


@pytest.mark.parametrize(
    ("kinds", "messages"),
    [
        (["video"] * 3, []),
        (["video", "image", "video", "video", "video"], ["4 videos (max 3): e.bin is past the limit"]),
        (["audio"] * 5, ["5 sounds (max 3): d.bin and e.bin are past the limit"]),
        (["image"] * 12, ["12 images (max 9): j.bin, k.bin and l.bin are past the limit"]),
        (
            ["image"] * 14,
            [
                "14 images (max 9): j.bin, k.bin, l.bin and 2 more are past the limit",
                "14 files (max 12): m.bin and n.bin are past the limit",
            ],
        ),
    ],
    ids=["at the limit", "one over", "two over", "three over", "two limits"],
)
def test_what_is_past_the_limit_is_named(kinds: list[str], messages: list[str]) -> None:
    made = {"image": image(), "video": video(duration_s=2.0), "audio": audio(2.0)}
    files: list[tuple[Kind, str]] = [(made[kind].kind, f"{chr(97 + at)}.bin") for at, kind in enumerate(kinds)]
    findings = check_set(totals(made[kind] for kind in kinds), TWO, files)
    assert [finding.message for finding in findings if finding.rule.startswith("too-many")] == messages
