"""The catalogue of rules for a terminal and as the page docs/rules.md."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from textwrap import fill

from prep.flag_names import in_flags
from prep.model.finding import Rule
from prep.render.text import MARKS
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
ONE_FILE = ("image", "video", "audio")
NOTES = {"info": "note"}
IT = re.compile(r"\bit\b")
REPORTED = "reported by the platform"
OWN = "refused by this program"
INTRODUCTION = """\
# Rules

`prep-and-submit explain RULE` adds the reason, an example, and fal's error type that the rule prevents.

- An **error** breaks a limit: one that the endpoint states and checks after the upload (*documented*), one that the
  provider of the model enforces after the upload and the queue (*upstream*), or one of this program, because the result
  would not be what you asked for (*own*).
- A **warning** means that the request may be refused, or that the result may disappoint. An **info** is worth knowing.
  Neither fails a check unless `--fail-on` says so.

→ is what `prep` does, *you* what you can do, and *anyway* what `prep` also does if it re-makes the file for another
reason."""
REFUSALS = """\
The platform may still refuse a request. The name of such a rule is `refused-` and the error type with hyphens. *Retry*:
the same request may succeed later. Server errors are *not billed*; any other may be billed if the generation
had begun."""


def rule_text(rule: Rule) -> str:
    """One rule, at length."""
    fal = [f"fal error: {rule.fal_error}"] if rule.fal_error else []
    lines = [
        f"{rule.name} ({rule.severity}; {_basis(rule)})",
        "",
        f"{rule.meaning} {rule.why}",
        "",
        f"Fix: {how_to_fix(rule)}",
        f"Example: {rule.example}",
        *fal,
    ]
    return in_flags("\n".join(lines))


def _basis(rule: Rule) -> str:
    return REPORTED if rule.about == "refusal" else OWN if rule.own else BASES[rule.basis]


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
    for title, rules_of_one in groupby(rules, key=_heading):
        group = list(rules_of_one)
        items = ["", REFUSALS, *_refusals(group)] if group[0].about == "refusal" else [*_errors(group), *_advice(group)]
        lines += ["", f"## {title}", *items]
    return "\n".join(lines) + "\n"


def _heading(rule: Rule) -> str:
    return "One image, video or sound" if rule.about in ONE_FILE else GROUPS[rule.about]


def _errors(rules: Iterable[Rule]) -> Iterator[str]:
    """An item for each fix; the name of an error says what is wrong."""
    names: dict[str, list[str]] = {}
    for rule in rules:
        if rule.severity == "error":
            names.setdefault(f" ({'own' if rule.own else rule.basis}) {_fix(rule)}", []).append(rule.name)
    yield from _list("Errors", names)


def _advice(rules: Iterable[Rule]) -> Iterator[str]:
    """A list for each severity, with an item for each meaning."""
    rules = list(rules)
    for severity, title in (("warning", "Warnings"), ("info", "Infos")):
        names: dict[str, list[str]] = {}
        for rule in rules:
            if rule.severity == severity:
                basis = "" if rule.basis == "advice" else f" ({rule.basis})"
                names.setdefault(f"{basis}: {rule.meaning} {_fix(rule)}", []).append(rule.name)
        yield from _list(title, names)


def _list(title: str, names: Mapping[str, list[str]]) -> Iterator[str]:
    """The names of the rules by what is said of them."""
    if names:
        yield from ("", f"{title}:", "")
    yield from (_item(f"**{', '.join(same)}**{text}") for text, same in names.items())


def _item(text: str) -> str:
    return fill(f"- {in_flags(text, quote='`')}", 120, subsequent_indent="  ", break_on_hyphens=False)


def _fix(rule: Rule) -> str:
    fix = f"→ {rule.fix}" if rule.fix else f"*you:* {rule.remedy}"
    return f"{fix}; *anyway:* {rule.beside}" if rule.beside else fix


def _refusals(rules: Iterable[Rule]) -> Iterator[str]:
    """An item for each thing that the user can do, in the order of the first rule with it."""
    types: dict[str, list[str]] = {}
    for rule in rules:
        name = rule.fal_error or rule.name.removeprefix("refused-").replace("-", "_")
        types.setdefault(how_to_fix(rule) + _chances(rule), []).append(f"`{name}`")
    yield ""
    yield from (_item(f"{', '.join(names)}: {remedy}") for remedy, names in types.items())


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
