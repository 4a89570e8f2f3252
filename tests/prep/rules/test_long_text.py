"""Text of a stranger, which may be as long as a job file or an answer: time grows with it, not with its square."""

import time

import pytest

from prep.model.redact import shown
from prep.rules.prompt import MOST_UNKNOWN, check_prompt

MOST_S = 3.0
LENGTH = 300_000
TEXTS = {
    "a URL of one word": "https://" + "a" * LENGTH,
    "URLs in a row": "https://" * (LENGTH // 8),
    "a password without an end": "https://user:" + "a" * LENGTH,
    "words with dots": "a." * (LENGTH // 2) + "://",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_long_text_is_shown(text: str) -> None:
    began_s = time.process_time()
    assert shown(text) == text
    assert time.process_time() - began_s < MOST_S


def test_urls_in_a_row_keep_their_secrets() -> None:
    text = "https://a#https://b?5ecret 1https://c/d?5ecret,https://u:5ecret@d"
    assert shown(text) == "https://a#https://b?… 1https://c/d?…"
    assert shown("xhttps://u:5ecret@d") == "xhttps://…@d"


PROMPTS = {
    "a name of many parts": ("@" + "a-" * (LENGTH // 2), 1),
    "many names": (" ".join(f"@u{number}" for number in range(LENGTH // 6)), MOST_UNKNOWN),
}


@pytest.mark.parametrize(("prompt", "unknown"), PROMPTS.values(), ids=PROMPTS)
def test_a_long_prompt_is_checked(prompt: str, unknown: int) -> None:
    began_s = time.process_time()
    rules = [finding.rule for finding in check_prompt(prompt, {"@Image1": "walk"})]
    assert time.process_time() - began_s < MOST_S
    assert rules == ["prompt-tag-undefined"] * unknown + ["prompt-reference-unused"]
