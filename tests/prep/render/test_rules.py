"""The rules as people read them."""

import re
from textwrap import dedent

import pytest

from prep.model.finding import Rule
from prep.render.rules import rule_text, rules_page, rules_text
from prep.rules.catalogue import RULES


def test_a_rule() -> None:
    assert rule_text(RULES["image-file-too-large"]) == dedent("""\
        image-file-too-large (error; documented by the endpoint)

        The image file is too large. The endpoint refuses the request after the upload.

        Fix: `prep` re-encodes the image.
        Example: hero.png: the file is 35.2 MB (max 30 MB)
        fal error: file_too_large""")


def test_a_rule_without_a_fix_says_what_else_helps() -> None:
    lines = rule_text(RULES["audio-without-visual"]).splitlines()
    assert "Fix: Add an image or a video." in lines
    assert not any(line.startswith("fal error") for line in lines)


PAGE = " ".join(rules_page(RULES.values()).split())
NAMES = [name for item in re.findall(r" - \*\*(.+?)\*\*| - (`.+?`): ", PAGE) for name in "".join(item).split(", ")]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_all_rules(rule: Rule) -> None:
    (line,) = (line for line in rules_text(RULES.values()).splitlines() if f" {rule.name} " in line)
    assert line.endswith(rule.meaning)
    error_type = rule.name.removeprefix("refused-").replace("-", "_")
    assert NAMES.count(f"`{error_type}`" if rule.about == "refusal" else rule.name) == 1
