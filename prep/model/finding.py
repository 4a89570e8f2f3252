"""A finding: a rule broken by a file or by the set."""

from collections.abc import Iterable
from typing import Literal

from prep.model.limits import Basis, Value

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
Unit = Literal["bytes", "s", "px", "fps", "ratio", "files", "bit/s", "LUFS", ""]


class Finding(Value):
    """*subject* is what the user called the reference, None for the whole set; *tag* is the endpoint's name for it.

    *actual* and *allowed* are numbers in *unit*, or words. *fix* says what prep would do; None: it can do nothing.
    """

    rule: str
    severity: Severity
    basis: Basis
    subject: str | None = None
    tag: str | None = None
    actual: float | int | str
    allowed: float | int | str
    unit: Unit = ""
    message: str
    fix: str | None = None


def errors_in(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return failing(findings, "error")


def failing(findings: Iterable[Finding], fail_on: Severity) -> tuple[Finding, ...]:
    """Those that are *fail_on* or worse."""
    counted = SEVERITIES[SEVERITIES.index(fail_on) :]
    return tuple(finding for finding in findings if finding.severity in counted)
