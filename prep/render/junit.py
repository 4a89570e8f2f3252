"""JUnit XML for Jenkins and GitLab: a test case for each reference, one for the set, a suite for each job."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from prep.flag_names import in_flags
from prep.model.finding import Finding, Severity, failing
from prep.model.redact import shown
from prep.model.report import SKIPPED, UNREADABLE, Report
from prep.render.text import findings_text

NAME = "prep-and-submit check"


def junit_document(reports: Iterable[Report], fail_on: Severity, *, each: bool) -> str:
    """*each*: the reports are about single files and form one suite; otherwise every report is a suite.

    A case fails when a finding is *fail_on* or worse; the others are its output.
    """
    root = Element("testsuites", name=NAME)
    if each:
        _suite(root, NAME, [case for report in reports for case in _cases(report)], fail_on)
    else:
        for report in reports:
            _suite(root, shown(report.origin) or NAME, _cases(report), fail_on)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.attrib[count]) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


Case = tuple[str, list[Finding]]


def _cases(report: Report) -> list[Case]:
    """Names and findings of each reference, and of all of them together."""
    cases: list[Case] = []
    for item in report.references:
        own = [f for f in report.findings if f.subject and (f.tag or "") == item.tag]
        tag = f"{item.tag} " if item.tag else ""
        cases.append((tag + shown(item.reference.location), own))
    missing = [f for f in report.findings if f.rule in (UNREADABLE, SKIPPED)]
    cases += [(shown(f.subject), [f]) for f in missing if f.subject and cases]
    together = [f for f in report.findings if not f.subject or not report.references]
    if together or any(item.tag for item in report.references):
        cases.append(((shown(report.origin) or "references") if not report.references else "all together", together))
    return cases


def _suite(root: Element, name: str, cases: Sequence[Case], fail_on: Severity) -> None:
    suite = SubElement(root, "testsuite", name=name)
    failures = errors = 0
    for title, findings in cases:
        case = SubElement(suite, "testcase", name=title, classname=name)
        failed = failing(findings, fail_on)
        if any(finding.rule == UNREADABLE for finding in failed):
            errors += 1
            _outcome(case, "error", failed)
        elif failed:
            failures += 1
            _outcome(case, "failure", failed)
        if others := [finding for finding in findings if finding not in failed]:
            SubElement(case, "system-out").text = _plain(findings_text(others))
    suite.attrib.update(tests=str(len(cases)), failures=str(failures), errors=str(errors), skipped="0")


def _outcome(case: Element, kind: str, failed: Sequence[Finding]) -> None:
    outcome = SubElement(case, kind, type=failed[0].rule, message="; ".join(in_flags(shown(f.message)) for f in failed))
    outcome.text = _plain(findings_text(failed))


def _plain(text: str) -> str:
    """*text* without characters that XML can't hold; lines stay lines."""
    return "\n".join(map(shown, text.split("\n")))
