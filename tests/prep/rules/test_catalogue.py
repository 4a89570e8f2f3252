"""The catalogue: every rule is told well, and every rule has a case that breaks it."""

import re
from pathlib import Path

import pytest
from PIL import Image

from prep import check
from prep.model.finding import Rule
from prep.rules.catalogue import CHECKED, RULES
from prep.rules.catalogue.refusal import OTHERWISE, refusal_rule
from prep.rules.content import LOOKED_FOR
from tests.prep.rules import tables
from tests.prep.rules.prompt_table import PROMPT_CASES


def _broken_by_cases() -> set[str]:
    cases = (
        *tables.IMAGE_CASES,
        *tables.VIDEO_CASES,
        *tables.AUDIO_CASES,
        *tables.SET_CASES,
        *PROMPT_CASES,
    )
    return {rule for case in cases for rule in case.broken}


def test_every_rule_is_broken_by_a_case() -> None:
    """A rule without a row in the tables fails here.

    The part that is not made yet is only seen by `check`, below; damage only when it is decoded (tools/test_damage.py);
    what can't be read by the command (tests/cli). What takes a look inside is in test_inside.py. An image is
    enlarged by a plan (planning/test_image.py), and its quality lowered when it is written (tools/test_image_bytes.py).
    """
    elsewhere = {"part-not-made", "image-damaged", "video-damaged", "audio-damaged", "input-unreadable"}
    elsewhere |= {"input-skipped", "input-folder-extras", "prompt-reference-skipped"}  # prep/inputs
    elsewhere |= {"part-length-changed"}  # prep/test_best_seconds.py
    elsewhere |= {"output-beside-originals"}  # prep/inputs/test_output.py
    elsewhere |= {"video-lengthened", "audio-lengthened"}  # planning/test_plan_set.py
    elsewhere |= {"reference-repeated"}  # prep/test_repeated.py
    elsewhere |= {"output-earlier-files"}  # prep/test_api.py
    elsewhere |= {"prompt-longer-than-useful"}  # rules/test_wishes.py
    elsewhere |= {"image-enlarged", "image-quality-lowered"} | LOOKED_FOR
    elsewhere |= {"image-mostly-padding", "video-mostly-padding"}  # planning/test_plan_set.py
    assert _broken_by_cases() | elsewhere == set(CHECKED)


def test_a_part_that_is_not_made_yet(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (900, 600), "orange").save(photo)
    assert check([photo]).findings == ()
    (finding,) = check([f"{photo}#xywh=0,0,600,600"]).findings
    assert (finding.rule, finding.severity, finding.subject) == ("part-not-made", "info", "photo.png")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert rule.meaning.endswith(".") and rule.why.endswith(".")
    assert rule.about == "set" or rule.name.startswith(rule.about.replace("refusal", "refused"))
    assert rule.fal_error is None or f"refused-{rule.fal_error.replace('_', '-')}" in RULES
    lengthened = rule.name in ("video-too-short", "audio-too-short")  # unless --short refuse
    assert bool(rule.fix) + bool(rule.remedy) == 1 + lengthened, "either prep mends it, or it says what else helps"
    assert rule.basis != "advice" or rule.severity != "error", "advice fails no run unless asked"
    assert not rule.mended or (rule.basis == "advice" and rule.fix)


def test_names_are_unique() -> None:
    from prep.rules.catalogue import audio, image, prompt, reference_set, refusal, request, timeline, unreadable, video

    groups = (
        image.IMAGE_RULES,
        video.VIDEO_RULES,
        timeline.TIMELINE_RULES,
        audio.AUDIO_RULES,
        reference_set.REFERENCE_SET_RULES,
        prompt.PROMPT_RULES,
        request.REQUEST_RULES,
        unreadable.UNREADABLE_RULES,
        refusal.REFUSAL_RULES,
    )
    assert sum(map(len, groups)) == len(RULES)


@pytest.mark.parametrize(
    ("error_type", "rule"),
    [
        ("file_too_large", "refused-file-too-large"),
        ("content_policy_violation", "refused-content-policy-violation"),
        ("value_error", OTHERWISE),
        ("../../etc", OTHERWISE),
        ("", OTHERWISE),
    ],
)
def test_the_rule_of_a_refusal(error_type: str, rule: str) -> None:
    assert refusal_rule(error_type) == rule
    assert rule in RULES
