"""The rule for a prompt that names a reference which was skipped."""

from collections.abc import Mapping

from prep.model.finding import Finding
from prep.rules.catalogue import RULES
from prep.rules.findings import Findings
from prep.rules.prompt import check_prompt, mentionable, mentions

RULE = "prompt-reference-skipped"


def check_prompt_without(prompt: str, tags: Mapping[str, str | None], skipped: Mapping[str, str]) -> Findings:
    """Every finding about the prompt after references were skipped; *tags* are those of the references that are kept.

    *skipped* are the names of the others, in lower case, and the reasons.
    """
    known = {word: f"@{word}" for word in skipped} | mentionable(tags)
    words = {word.lower(): word for _, word, _ in mentions(prompt, known)}
    findings = tuple(_finding(words[word], reason) for word, reason in skipped.items() if word in words)
    actual = {finding.actual for finding in findings}
    return (*findings, *(finding for finding in check_prompt(prompt, tags) if finding.actual not in actual))


def _finding(word: str, reason: str) -> Finding:
    return Finding(
        rule=RULE,
        severity=RULES[RULE].severity,
        basis=RULES[RULE].basis,
        actual=f"@{word}",
        allowed="a reference that is kept",
        message=f"the prompt names @{word}, {reason}",
    )
