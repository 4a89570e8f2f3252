"""Rules for prompts."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.model.finding import errors_in
from prep.rules import check_prompt
from tests.prep.rules.prompt_table import HERO, PROMPT_CASES, TAGS, PromptCase


@pytest.mark.parametrize("case", PROMPT_CASES, ids=lambda case: case.id)
def test_prompt(case: PromptCase) -> None:
    found = {finding.rule: finding.severity for finding in check_prompt(case.prompt, case.tags)}
    assert found == case.broken


def test_each_unknown_word_is_told_once_and_with_what_is_known() -> None:
    findings = errors_in(check_prompt("@hreo @hreo @wlak @hero", TAGS))
    assert [finding.actual for finding in findings] == ["@hreo", "@wlak"]
    assert findings[0].message == (
        "the prompt names @hreo, but no reference has that name (did you mean '@hero'? known: @hero, @walk, @Audio1)"
    )


@pytest.mark.parametrize(
    ("tags", "told"),
    [({}, "no images"), (HERO, "only 1 image"), ({"@Image1": None, "@Image2": None}, "2 images")],
)
def test_a_number_out_of_range_tells_how_many_there_are(tags: dict[str, str | None], told: str) -> None:
    (finding,) = errors_in(check_prompt("@Image9", tags))
    verb = "is" if told == "only 1 image" else "are"
    assert finding.message == f"the prompt names @Image9, but there {verb} {told}"


@pytest.mark.parametrize(
    ("prompt", "tag", "told"),
    [
        ("nothing", None, "@Image1 (@hero), @Video1 (@walk) and @Audio1 are sent, but the prompt doesn't mention them"),
        ("@walk", None, "@Image1 (@hero) and @Audio1 are sent, but the prompt doesn't mention them"),
        ("@hero @walk", "@Audio1", "@Audio1 is sent, but the prompt doesn't mention it"),
    ],
)
def test_unused_references_are_told_in_one_finding(prompt: str, tag: str | None, told: str) -> None:
    (finding,) = check_prompt(prompt, TAGS)
    assert (finding.tag, finding.message) == (tag, told)


def test_an_empty_prompt_says_nothing_else() -> None:
    assert [finding.rule for finding in check_prompt(" ", TAGS)] == ["prompt-empty"]


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True).filter(
    lambda name: not re.fullmatch(r"(image|video|audio)\d+", name, re.IGNORECASE)
)


@given(name=NAMES, around=st.sampled_from(["{}", "the {} walks", "({})", "{}, {}.", "{}'s"]))
@settings(deadline=None)
def test_every_name_that_a_reference_may_have_can_be_named(name: str, around: str) -> None:
    assert check_prompt(around.replace("{}", f"@{name}"), {"@Image1": name}) == ()


@given(prompt=st.text(alphabet="@hero1Image _-.走é\n", max_size=30))
@settings(deadline=None)
def test_any_text_is_judged(prompt: str) -> None:
    known = {"prompt-empty", "prompt-tag-undefined", "prompt-tag-out-of-range", "prompt-reference-unused"}
    assert {finding.rule for finding in check_prompt(prompt, HERO)} <= known
