"""The catalogue: every rule is told well, and every rule has a case that breaks it."""

import re
from pathlib import Path

import pytest
from PIL import Image

from prep import check
from prep.rules.catalogue import RULES
from tests.prep.rules import tables

FAL_ERRORS = {
    "image_load_error",
    "file_too_large",
    "image_too_small",
    "image_too_large",
    "unsupported_video_format",
    "unsupported_audio_format",
    "video_duration_too_short",
    "video_duration_too_long",
    "audio_duration_too_short",
    "audio_duration_too_long",
    "sequence_too_long",
    "missing",
}


def _broken_by_cases() -> set[str]:
    cases = (
        *tables.IMAGE_CASES,
        *tables.VIDEO_CASES,
        *tables.AUDIO_CASES,
        *tables.SET_CASES,
        *tables.PROMPT_CASES,
    )
    return {rule for case in cases for rule in case.broken}


def test_every_rule_is_broken_by_a_case() -> None:
    """A rule without a row in the tables fails here.

    The part that is not made yet is only seen by `check`, below; damage only when it is decoded (tools/test_damage.py).
    """
    assert _broken_by_cases() | {"part-not-made", "video-damaged"} == set(RULES)


def test_a_part_that_is_not_made_yet(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (900, 600), "orange").save(photo)
    assert check([photo]).findings == ()
    (finding,) = check([f"{photo}#xywh=0,0,600,600"]).findings
    assert (finding.rule, finding.severity, finding.subject) == ("part-not-made", "info", "photo.png")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule(rule: object) -> None:
    from prep.model.rule import Rule

    assert isinstance(rule, Rule)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert rule.meaning.endswith(".") and rule.why.endswith(".")
    assert rule.about == "set" or rule.name.startswith(rule.about)
    assert rule.fal_error is None or rule.fal_error in FAL_ERRORS
    assert not rule.mended or (rule.basis == "advice" and rule.fix)


def test_names_are_unique() -> None:
    from prep.rules.catalogue import audio, image, prompt, reference_set, video

    groups = (
        image.IMAGE_RULES,
        video.VIDEO_RULES,
        audio.AUDIO_RULES,
        reference_set.REFERENCE_SET_RULES,
        prompt.PROMPT_RULES,
    )
    assert sum(map(len, groups)) == len(RULES)
