"""Comparing one number with one limit, and saying it: strict and accepted values, units, wording."""

from collections.abc import Iterable
from typing import Literal

from prep.model.finding import Finding, Unit
from prep.model.limits import Limit
from prep.model.media import Kind
from prep.rules.catalogue import RULES

Findings = tuple[Finding, ...]


def at_most(rule: str, actual: float, limit: Limit[int] | Limit[float] | None, unit: Unit) -> Findings:
    """One finding when *actual* is over *limit*; a warning when it is still within what was seen accepted."""
    if limit is None or actual <= limit.value:
        return ()
    return (_out_of_bounds(rule, actual, limit, unit, "at most", tolerated=actual <= limit.tolerated),)


def at_least(rule: str, actual: float, limit: Limit[int] | Limit[float] | None, unit: Unit) -> Findings:
    """One finding when *actual* is under *limit*; a warning when it is still within what was seen accepted."""
    if limit is None or actual >= limit.value:
        return ()
    return (_out_of_bounds(rule, actual, limit, unit, "at least", tolerated=actual >= limit.tolerated),)


def one_of(rule: str, actual: str, limit: Limit[tuple[str, ...]] | None) -> Findings:
    """One finding when *actual* is not in the list."""
    if limit is None or actual in limit.value:
        return ()
    allowed = ", ".join(name.upper() for name in limit.value)
    return (
        Finding(
            rule=rule,
            severity="error",
            basis=limit.basis,
            actual=actual,
            allowed=allowed,
            message=f"{RULES[rule].subject} is {actual.upper()}; allowed are {allowed}",
            fix=RULES[rule].fix,
        ),
    )


def advice(rule: str, actual: float | int | str, allowed: float | int | str, message: str, unit: Unit = "") -> Findings:
    """One finding that no limit asks for; its severity is the rule's own."""
    return (
        Finding(
            rule=rule,
            severity=RULES[rule].severity,
            basis="advice",
            actual=actual,
            allowed=allowed,
            unit=unit,
            message=message,
            fix=RULES[rule].fix,
        ),
    )


def missed_together(findings: Iterable[Finding], made: frozenset[Kind]) -> Findings:
    """As `missed`, for findings over the set: the seconds of sounds do not become strict because a video is made."""
    return tuple(
        standing
        for finding in findings
        for standing in missed((finding,), made=any(finding.rule.startswith(f"{kind}s-") for kind in made))
    )


def over_share(rule: str, actual: int, share: int, subject: str) -> Finding:
    """A file that was made as small as it can be and is still over its share of the bytes."""
    found, allowed = amounts(actual, share, "bytes")
    return Finding(
        rule=rule,
        severity="error",
        basis="documented",
        subject=subject,
        actual=actual,
        allowed=share,
        unit="bytes",
        message=f"at the lowest quality it is {found}; its share is {allowed}; use a shorter or smaller part of it",
    )


def about(findings: Iterable[Finding], subject: str, tag: str | None) -> Findings:
    """The same findings, with the name of the reference they are about."""
    return tuple(finding.model_copy(update={"subject": subject, "tag": tag}) for finding in findings)


def broken(findings: Iterable[Finding]) -> frozenset[str]:
    """The rules that must be mended: errors, and advice that comes with a fix of its own."""
    return frozenset(
        finding.rule
        for finding in findings
        if finding.severity == "error" or (finding.basis == "advice" and RULES[finding.rule].mended)
    )


def missed(findings: Iterable[Finding], *, made: bool) -> Findings:
    """The findings that must not stand, as errors. What is *made* has to meet the strict value of every limit."""
    return tuple(
        finding.model_copy(update={"severity": "error"})
        for finding in findings
        if finding.severity == "error" or (made and finding.basis != "advice")
    )


def _out_of_bounds(
    rule: str,
    actual: float,
    limit: Limit[int] | Limit[float],
    unit: Unit,
    word: Literal["at most", "at least"],
    tolerated: bool,
) -> Finding:
    found, allowed = amounts(actual, limit.value, unit)
    message = f"{RULES[rule].subject} is {found}; allowed is {word} {allowed}"
    if tolerated:
        message += f" ({amounts(limit.tolerated, limit.value, unit)[0]} was seen to pass)"
    return Finding(
        rule=rule,
        severity="warning" if tolerated else "error",
        basis=limit.basis,
        actual=actual,
        allowed=limit.value,
        unit=unit,
        message=message,
        fix=None if tolerated else RULES[rule].fix,
    )


def amounts(first: float, second: float, unit: Unit) -> tuple[str, str]:
    """Both numbers in words, with just enough digits that different numbers look different."""
    for digits in range(1, 7):
        texts = amount(first, unit, digits), amount(second, unit, digits)
        if texts[0] != texts[1] or first == second:
            return texts
    return f"{first}", f"{second}"


def amount(value: float, unit: Unit, digits: int = 1) -> str:
    """One number in words: "31.2 MB", "15 s", "927,408 px"."""
    match unit:
        case "bytes" if digits >= 5:
            return f"{int(value):,} bytes"
        case "bytes" if value < 100_000:
            return f"{_plain(value / 1000, digits)} kB"
        case "bytes":
            return f"{_plain(value / 1_000_000, digits)} MB"
        case "s":
            return f"{_plain(value, digits + 1)} s"
        case "px":
            return f"{int(value):,} px"
        case "fps":
            return f"{_plain(value, digits + 1)} fps"
        case "files":
            return f"{int(value)}"
        case _:
            return _plain(value, digits + 1)


def _plain(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
