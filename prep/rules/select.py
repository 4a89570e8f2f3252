"""Selection of findings by rule and basis."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from prep.errors import UsageError
from prep.model.finding import Finding, Rule
from prep.model.limits import Basis
from prep.model.reference import TAG
from prep.model.report import UNREADABLE, Report
from prep.model.value import Value
from prep.rules.catalogue import CHECKED, RULES
from prep.spelling import alike


class Selection(Value):
    """*select* and *ignore* are names of rules or patterns of them; an empty *select* or *basis* takes all."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    basis: tuple[Basis, ...] = ()

    def takes(self, finding: Finding) -> bool:
        """A file that can't be read is always reported: silence would mean that it is fine."""
        if finding.rule == UNREADABLE:
            return True
        if self.basis and finding.basis not in self.basis:
            return False
        return (not self.select or _named(finding.rule, self.select)) and not _named(finding.rule, self.ignore)

    def of(self, report: Report) -> Report:
        """*report* with the selected findings, and how many others there are."""
        kept = tuple(finding for finding in report.findings if self.takes(finding))
        return report.model_copy(update={"findings": kept, "deselected": len(report.findings) - len(kept)})


def read_patterns(texts: Iterable[str]) -> tuple[str, ...]:
    """Names and patterns, also several with commas between. Raises UsageError for one that matches no rule."""
    patterns = tuple(pattern.strip() for text in texts for pattern in text.split(",") if pattern.strip())
    for pattern in patterns:
        if not any(fnmatchcase(rule, pattern) for rule in CHECKED):
            raise UsageError(unknown_rule(pattern, CHECKED))
    return patterns


def excluded(location: str, patterns: Iterable[str]) -> bool:
    """Whether *location* (a path or a URL), its end, or one of its folders matches a pattern, in the shell's way."""
    parts = location.replace("\\", "/").split("/")
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    folders = ["/".join(parts[start:end]) for end in range(1, len(parts)) for start in range(end)]
    return any(fnmatchcase(name, pattern.rstrip("/")) for pattern in patterns for name in (*ends, *folders))


def rules_meant(text: str) -> list[Rule]:
    """The rules that *text* stands for: a name, a kind (`video`), a tag (`@Video1`), a pattern (`video-*`).

    Raises UsageError when there are none.
    """
    if text in RULES:
        return [RULES[text]]
    tag = TAG.fullmatch(text.removeprefix("@"))
    word = (tag[1] if tag else text).lower()
    kind = {"sound": "audio"}.get(word, word)
    rules = [rule for rule in RULES.values() if rule.about == kind or fnmatchcase(rule.name, text.lower())]
    if not rules:
        raise UsageError(unknown_rule(text, RULES))
    return rules


def unknown_rule(name: str, known: Iterable[str]) -> str:
    """The message for a *name* that is none of the *known* rules."""
    near = alike(name, known, 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "'prep-and-submit explain' lists them"
    return f"{name}: no such rule ({hint})"


def _named(rule: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(rule, pattern) for pattern in patterns)
