"""The catalogue of rules for a terminal and as the page docs/rules.md."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from prep.flag_names import in_flags
from prep.model.finding import Rule
from prep.render.text import MARKS
from prep.rules.catalogue.reasons import BY_ENDPOINT, BY_PROVIDER, CHOICE
from prep.rules.catalogue.refusal import DOCUMENTED, billed

GROUPS = {
    "image": "One image",
    "video": "One video",
    "audio": "One sound",
    "set": "All references together",
    "prompt": "The prompt",
    "request": "The request and its bill",
    "input": "Unreadable files",
    "output": "The output folder",
    "refusal": "Refusals by the platform",
}
BASES = {
    "documented": "documented by the endpoint",
    "upstream": "enforced by the provider of the model",
    "advice": "advice, not a limit",
}
NOTES = {"info": "note"}
IT = re.compile(r"\bit\b")
# What the page says once of each basis.
BY_BASIS = re.compile(rf"(?:{re.escape(BY_ENDPOINT)}|{re.escape(BY_PROVIDER)}) ?")
REPORTED = "reported by the platform"
INTRODUCTION = """\
# Rules

Generated from `prep/rules/catalogue`; `prep-and-submit explain RULE` adds an example, and fal's error type that
the rule prevents.

| severity | meaning |
|---|---|
| error | the request would be refused |
| warning | it may be refused, or the result may disappoint |
| info | worth knowing |

| basis | meaning |
|---|---|
| documented | the endpoint states the limit and refuses the request after the upload |
| upstream | the provider of the model refuses the request, after the upload and the queue |
| advice | no limit; fails nothing unless `--fail-on` says so |

*prep* says how `prep` fixes it, *you* what you can do yourself. `--select` and `--ignore` take rule names and patterns
such as `video-*`."""
LIMITS = ("| error | basis | meaning | prep would |", "|---|---|---|---|")
REFUSALS = """\
The platform may still refuse a request, after the upload and the queue. The name of such a rule is `refused-` and the
error type with hyphens. *Retry*: the same request may succeed later. Server errors are *not billed*; after any
other refusal you may be billed if work had begun."""


def rule_text(rule: Rule) -> str:
    """One rule, at length."""
    fal = [f"fal error: {rule.fal_error}"] if rule.fal_error else []
    lines = [
        f"{rule.name} ({rule.severity}; {REPORTED if rule.about == 'refusal' else BASES[rule.basis]})",
        "",
        f"{rule.meaning} {rule.why}",
        "",
        f"Fix: {how_to_fix(rule)}",
        f"Example: {rule.example}",
        *fal,
    ]
    return in_flags("\n".join(lines))


def how_to_fix(rule: Rule) -> str:
    """One sentence."""
    if rule.fix:
        noun = {"audio": "sound"}.get(rule.about, rule.about)
        fix = _third_person(rule.fix)
        return f"`prep` {fix if rule.about == 'set' else IT.sub(f'the {noun}', fix, count=1)}."
    remedy = rule.remedy or ""
    beside = (
        f" If `prep` re-makes the file for another reason, it also {_third_person(rule.beside)}." if rule.beside else ""
    )
    return f"{remedy[:1].upper()}{remedy[1:]}.{beside}"


def _third_person(imperative: str) -> str:
    """ "scale it down" as "scales it down"."""
    verb, space, rest = imperative.partition(" ")
    return f"{verb[:-1]}ies{space}{rest}" if verb.endswith("y") else f"{verb}s{space}{rest}"


def rules_text(rules: Iterable[Rule]) -> str:
    """All rules, a line each, grouped by what they are about."""
    rules = list(rules)
    width = max(len(rule.name) for rule in rules)
    lines = ["  ".join(f"{mark} {NOTES.get(severity, severity)}" for severity, mark in MARKS.items())]
    for title, group in _grouped(rules):
        lines += ["", title]
        lines += [f"  {MARKS[rule.severity]} {rule.name.ljust(width)}  {rule.meaning}" for rule in group]
    return "\n".join(lines)


def rules_page(rules: Iterable[Rule]) -> str:
    """docs/rules.md, which a test compares with this."""
    lines = [INTRODUCTION]
    for title, group in _grouped(rules):
        lines += ["", f"## {title}", ""]
        if group[0].about == "refusal":
            lines += [REFUSALS, *_refusals(group)]
        else:
            limits = [rule for rule in group if rule.why in (BY_ENDPOINT, BY_PROVIDER, CHOICE)]
            lines += [*LIMITS, *map(_limit, limits)] if limits else []
            lines += [line for rule in group if rule not in limits for line in ("", *_entry(rule))][not limits :]
    return in_flags("\n".join(lines), quote="`") + "\n"


def _entry(rule: Rule) -> Iterator[str]:
    yield f"### {rule.name}"
    yield ""
    yield f"*{rule.severity}, {rule.basis}.* {rule.meaning} {BY_BASIS.sub('', rule.why)}".rstrip()
    yield ""
    yield f"- prep: {rule.fix}" if rule.fix else f"- you: {rule.remedy}"
    if rule.beside:
        yield f"- prep, if it re-makes the file anyway: {rule.beside}"


def _limit(rule: Rule) -> str:
    fix = rule.fix or f"nothing; *you:* {rule.remedy}"
    return f"| {rule.name} | {rule.basis} | {rule.meaning} | {fix} |"


def _refusals(rules: Iterable[Rule]) -> Iterator[str]:
    """A list for each thing that the user can do, in the order of the first rule with it."""
    lists: dict[str, dict[str, list[str]]] = {}
    for rule in rules:
        name = rule.fal_error or rule.name.removeprefix("refused-").replace("-", "_")
        names = lists.setdefault(how_to_fix(rule) + _chances(rule), {})
        names.setdefault(rule.meaning, []).append(f"`{name}`")
    for title, entries in lists.items():
        yield from ("", title, "", *(f"- {', '.join(names)}: {meaning}" for meaning, names in entries.items()))


def _chances(rule: Rule) -> str:
    """Whether the same request may succeed, and that it costs nothing."""
    refusal = DOCUMENTED.get(rule.fal_error or "")
    if refusal is None:
        return ""
    notes = ["retry"] * refusal.again + ["not billed"] * (billed(refusal.status) == "no")
    return f" *({', '.join(notes)})*" if notes else ""


def _grouped(rules: Iterable[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    for about, group in groupby(rules, key=lambda rule: rule.about):
        yield GROUPS[about], list(group)
