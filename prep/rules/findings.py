"""Findings from one number, or one word, and one limit: strict and accepted values, units, wording."""

from collections.abc import Iterable
from typing import Literal

from prep.model.finding import Finding, Unit
from prep.model.limits import Limit
from prep.model.media import Kind
from prep.rules.amounts import amounts
from prep.rules.catalogue import RULES
from prep.rules.format_names import format_name

Findings = tuple[Finding, ...]


def at_most(rule: str, actual: float, limit: Limit[int] | Limit[float] | None, unit: Unit) -> Findings:
    """One finding when *actual* is over *limit*; a warning when it is still within what reportedly passes."""
    if limit is None or actual <= limit.value:
        return ()
    return (_out_of_bounds(rule, actual, limit, unit, "max"),)


def at_least(rule: str, actual: float, limit: Limit[int] | Limit[float] | None, unit: Unit) -> Findings:
    """One finding when *actual* is under *limit*; a warning when it is still within what reportedly passes."""
    if limit is None or actual >= limit.value:
        return ()
    return (_out_of_bounds(rule, actual, limit, unit, "min"),)


def one_of(rule: str, actual: str, limit: Limit[tuple[str, ...]] | None) -> Findings:
    """One finding when *actual* is not in the list."""
    if limit is None or actual in limit.value:
        return ()
    names = ", ".join(map(format_name, limit.value))
    return (
        Finding(
            rule=rule,
            severity="error",
            basis=limit.basis,
            actual=actual,
            allowed=", ".join(name.upper() for name in limit.value),
            message=f"{RULES[rule].subject} is {format_name(actual)} (allowed: {names})",
            fix=RULES[rule].fix,
        ),
    )


def advice(rule: str, actual: float | int | str, allowed: float | int | str, message: str, unit: Unit = "") -> Findings:
    """One finding that no limit asks for."""
    return (by_rule(rule, actual, allowed, message, unit),)


def by_rule(rule: str, actual: float | int | str, allowed: float | int | str, message: str, unit: Unit = "") -> Finding:
    """A finding whose severity, basis and fix are those of its rule."""
    severity, basis, fix = RULES[rule].severity, RULES[rule].basis, RULES[rule].fix
    return Finding(
        rule=rule,
        severity=severity,
        basis=basis,
        actual=actual,
        allowed=allowed,
        unit=unit,
        message=message,
        fix=fix,
    )


def missed_together(findings: Iterable[Finding], made: frozenset[Kind]) -> Findings:
    """As `missed`, for findings over the set: the seconds of sounds do not become strict because a video is made."""
    return tuple(
        miss
        for finding in findings
        for miss in missed((finding,), made=any(finding.rule.startswith(f"{kind}s-") for kind in made))
    )


def over_share(rule: str, actual: int, share: int, subject: str) -> Finding:
    """A file that is over its share of the bytes even at the lowest quality."""
    size, limit = amounts(actual, share, "bytes")
    return Finding(
        rule=rule,
        severity="error",
        basis="documented",
        subject=subject,
        actual=actual,
        allowed=share,
        unit="bytes",
        message=f"can't be encoded within {limit}: {size} at the lowest quality; use a shorter or smaller part",
    )


def about(findings: Iterable[Finding], subject: str, tag: str | None) -> Findings:
    """The same findings, with the name of the reference that they are about."""
    return tuple(finding.model_copy(update={"subject": subject, "tag": tag}) for finding in findings)


def broken(findings: Iterable[Finding]) -> frozenset[str]:
    """The rules that prep has to act on: errors, and advice that comes with a fix of its own."""
    return frozenset(
        finding.rule
        for finding in findings
        if finding.severity == "error" or (finding.basis == "advice" and RULES[finding.rule].mended)
    )


def missed(findings: Iterable[Finding], *, made: bool) -> Findings:
    """The findings that are not tolerable, as errors. A file that is *made* has to meet every strict value."""
    return tuple(
        finding.model_copy(update={"severity": "error"})
        for finding in findings
        if finding.severity == "error" or (made and finding.basis != "advice")
    )


def _out_of_bounds(
    rule: str, actual: float, limit: Limit[int] | Limit[float], unit: Unit, bound: Literal["max", "min"]
) -> Finding:
    tolerated = actual <= limit.tolerated if bound == "max" else actual >= limit.tolerated
    value, allowed = amounts(actual, limit.value, unit)
    subject = RULES[rule].subject
    # what is counted is its own unit: "10 images (max 9)"
    message = f"{value} {subject}" if unit == "files" else f"{subject} is {value}"
    message += f" ({bound} {allowed}"
    if tolerated:
        accepted = amounts(limit.tolerated, limit.value, unit)[0]
        message += f"; {accepted} reportedly passes"
    return Finding(
        rule=rule,
        severity="warning" if tolerated else "error",
        basis=limit.basis,
        actual=actual,
        allowed=limit.value,
        unit=unit,
        message=f"{message})",
        fix=None if tolerated else RULES[rule].fix,
    )
