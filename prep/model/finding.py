"""Rules and findings: what a reference, the set or the prompt can break, and what one of them breaks."""

from collections.abc import Iterable
from typing import Literal

from prep.model.limits import Basis
from prep.model.value import Value

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


class Rule(Value):
    """*subject* is what the rule measures, in words. *fix* is what prep does about it; where that is None, or was not
    wanted, *remedy* says what the user can do. Both name an option as `fit=crop`: findings travel, and who reads them
    may have typed a command, written a job file, or called the library.

    *severity* and *basis* are the rule's own; the limit that a file breaks may name another basis, and a value that
    was seen accepted is only a warning. *fal_error* is the documented error type that the rule forestalls, or, of a
    refusal, the one that it tells. *mended* marks advice that prep acts on, because what the endpoint would see is not
    certain otherwise. *beside* is what prep does about it in a file that it re-makes for another reason. *own*: no page
    documents the rule; this program refuses what breaks it.
    """

    name: str
    about: Literal["image", "video", "audio", "set", "prompt", "request", "input", "output", "refusal"]
    severity: Severity
    basis: Basis
    subject: str
    meaning: str
    why: str
    fix: str | None = None
    remedy: str | None = None
    example: str
    fal_error: str | None = None
    mended: bool = False
    beside: str | None = None
    own: bool = False


def errors_in(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return failing(findings, "error")


def failing(findings: Iterable[Finding], fail_on: Severity) -> tuple[Finding, ...]:
    """Those that are *fail_on* or worse."""
    counted = SEVERITIES[SEVERITIES.index(fail_on) :]
    return tuple(finding for finding in findings if finding.severity in counted)
