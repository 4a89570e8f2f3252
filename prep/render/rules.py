"""The rules, for a terminal and as the page docs/rules.md."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from prep.model.rule import Rule
from prep.render.text import MARKS

GROUPS = {
    "image": "One image",
    "video": "One video",
    "audio": "One sound",
    "set": "All references together",
    "prompt": "The prompt",
    "request": "The request and its bill",
    "input": "What can't be read",
    "refusal": "What the platform may answer",
}
BASES = {
    "documented": "stated by the endpoint",
    "upstream": "enforced by the provider behind it",
    "advice": "no limit, never fails a run unless asked to",
}


def rule_text(rule: Rule) -> str:
    """One rule, at length."""
    fal = [f"fal says     {rule.fal_error}"] if rule.fal_error else []
    return "\n".join(
        [
            f"{rule.name}  ({rule.severity}, {rule.basis}: {BASES[rule.basis]})",
            "",
            rule.meaning,
            f"why          {rule.why}",
            f"fix          {how_to_fix(rule)}",
            f"example      {rule.example}",
            *fal,
        ]
    )


def how_to_fix(rule: Rule) -> str:
    """One sentence."""
    if rule.fix:
        return f"prep would {rule.fix}."
    remedy = rule.remedy or ""
    return f"{remedy[:1].upper()}{remedy[1:]}."


def rules_text(rules: Iterable[Rule]) -> str:
    """All rules, a line each, grouped by what they are about."""
    rules = list(rules)
    width = max(len(rule.name) for rule in rules)
    lines = []
    for title, group in _grouped(rules):
        lines += ["", title]
        lines += [f"  {MARKS[rule.severity]} {rule.name.ljust(width)}  {rule.meaning}" for rule in group]
    return "\n".join(lines[1:])


def rules_page(rules: Iterable[Rule]) -> str:
    """docs/rules.md, which a test compares with this."""
    rules = list(rules)
    lines = [
        "# Rules",
        "",
        "Made from `prep/rules/catalogue`; `prep-and-submit explain RULE` says the same in a terminal.",
        "",
        "An *error* would be refused, a *warning* may be, an *info* is worth knowing. The basis of a rule is",
        "*documented* (stated by the endpoint), *upstream* (enforced by the provider behind it) or *advice* (no limit:",
        "it never fails a run unless `--fail-on` asks for it). `--select` and `--ignore` take the names, and patterns",
        "such as `video-*`.",
    ]
    for title, group in _grouped(rules):
        lines += ["", f"## {title}"]
        for rule in group:
            lines += ["", *_entry(rule)]
    return "\n".join(lines) + "\n"


def _entry(rule: Rule) -> Iterator[str]:
    yield f"### {rule.name}"
    yield ""
    yield f"{rule.severity}, {rule.basis}. {rule.meaning}"
    yield ""
    yield f"- why: {rule.why}"
    yield f"- fix: {how_to_fix(rule)}"
    yield f"- example: {rule.example}"
    if rule.fal_error:
        error = f"`{rule.fal_error}`"
        yield f"- fal's error type: {error}" if rule.about == "refusal" else f"- forestalls fal's error type {error}"


def _grouped(rules: Iterable[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    for about, group in groupby(rules, key=lambda rule: rule.about):
        yield GROUPS[about], list(group)
