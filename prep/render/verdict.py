"""The conclusion of a check or a plan, and the problems that are left to the user."""

from collections.abc import Iterable, Sequence

from prep.model.finding import Finding, errors_in
from prep.model.report import UNREADABLE, Report
from prep.rules.amounts import count
from prep.rules.catalogue import RULES


def report_verdict(report: Report) -> str:
    """One sentence without its full stop: "3 problems; `prep` fixes all of them"."""
    errors = errors_in(report.findings)
    if unreadable := sum(finding.rule == UNREADABLE for finding in errors):
        others = [finding for finding in errors if finding.rule != UNREADABLE]
        rest = f"; in the others {_beside_unreadable(others)}" if others else ""
        if not others and (files := [fix for fix in report.fixes if fix.made]):
            done = " or ".join(dict.fromkeys("fixed" if fix.steps else "copied" for fix in files))
            return f"{count(unreadable, 'file')} can't be used; the other{' is' if len(files) == 1 else 's are'} {done}"
        return f"{count(unreadable, 'file')} can't be used, so this is not a full check{rest}"
    made = sum(bool(fix.made and fix.steps) for fix in report.fixes)
    if errors and made:
        return f"{count(made, 'file')} fixed; still {problems(errors)}"
    if report.deselected:
        number = problems(errors) if errors else "No problem"
        left_out = count(report.deselected, "finding")
        return f"{number} under the selected rules; {left_out} left out, so this is not a full check"
    warnings = [finding for finding in report.findings if finding.severity == "warning"]
    if errors:
        return problems(errors) + (f"; also {count(len(warnings), 'warning')}" if warnings else "")
    if any(finding.rule == "part-not-made" for finding in report.findings):
        return "OK, once `prep` has made the parts you asked for"
    fixable = sum(finding.fix is not None for finding in warnings)
    verdict = "OK, fixed" if made else "OK" if fixable else "OK as it is"
    fixes = f"; `prep` fixes {_how_many(fixable, len(warnings))}" if fixable else ""
    copied = "; copied" if not made and any(fix.made for fix in report.fixes) else ""
    return f"{verdict}{with_warnings(report.findings)}{fixes}{copied}"


def with_warnings(findings: Iterable[Finding]) -> str:
    """The number of warnings, to be put behind a verdict: ", with 2 warnings"; empty where there is none."""
    number = sum(finding.severity == "warning" for finding in findings)
    return f", with {count(number, 'warning')}" if number else ""


def praise(report: Report, tag: str) -> str:
    """The verdict on one reference without findings."""
    if any(fix.made and fix.steps for fix in report.fixes if fix.tag == tag):
        return "fixed"
    return "no finding under the selected rules" if report.deselected else "OK"


def _how_many(fixable: int, number: int) -> str:
    if fixable < number:
        return str(fixable)
    return {1: "it", 2: "both"}.get(number, "all of them")


def problems(errors: Sequence[Finding]) -> str:
    """The number of problems, and who can fix them."""
    number, left = len(errors), len(unfixed(errors))
    if left == number:
        return f"{count(number, 'problem')} to fix yourself"
    if left:
        verb = "is" if left == 1 else "are"
        return f"{count(number, 'problem')}: `prep` fixes {number - left}, {left} {verb} left to you"
    return f"{count(number, 'problem')}; `prep` fixes {_how_many(number, number)}"


def _beside_unreadable(errors: Sequence[Finding]) -> str:
    """As `problems`, but `prep` fixes nothing until the unreadable files are left out."""
    return problems(errors) if unfixed(errors) else f"{count(len(errors), 'problem')} that `prep` can fix"


def unfixed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The errors that prep does not fix."""
    return tuple(finding for finding in errors_in(findings) if finding.fix is None)


def way_out(finding: Finding) -> str:
    """The fix that prep would make, else the user's own, in the imperative; empty where the message says it all."""
    if finding.fix or finding.severity != "error" or finding.rule not in RULES:
        return finding.fix or ""
    rule = RULES[finding.rule]
    return (rule.remedy or "") if rule.about == "set" or rule.fix else ""
