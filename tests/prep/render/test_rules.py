"""The rules as people read them."""

from textwrap import dedent

import pytest

from prep.model.rule import Rule
from prep.render.rules import rule_text, rules_page, rules_text
from prep.rules.catalogue import RULES


def test_a_rule() -> None:
    assert rule_text(RULES["image-file-too-large"]) == dedent("""\
        image-file-too-large  (error, documented: stated by the endpoint)

        The file has more bytes than one image may have.
        why          The endpoint refuses it after the upload.
        fix          prep would re-encode it.
        example      hero.png: the file is 31.2 MB; allowed is at most 30 MB
        fal says     file_too_large""")


def test_a_rule_without_a_fix_says_what_else_helps() -> None:
    lines = rule_text(RULES["audio-without-visual"]).splitlines()
    assert "fix          Add an image or a video." in lines
    assert not any(line.startswith("fal says") for line in lines)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_all_rules(rule: Rule) -> None:
    (line,) = (line for line in rules_text(RULES.values()).splitlines() if f" {rule.name} " in line)
    assert line.endswith(rule.meaning)
    assert f"\n### {rule.name}\n" in rules_page(RULES.values())
