"""SARIF 2.1.0, which code scanning services read."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from prep import __version__
from prep.flag_names import in_flags
from prep.model.finding import Finding, Rule
from prep.model.report import Report
from prep.render.document import json_text
from prep.render.rules import how_to_fix
from prep.render.text import advice
from prep.rules.catalogue import RULES

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif_document(reports: Iterable[Report]) -> str:
    """One run with every finding, and the rules that were broken."""
    results = [(finding, report) for report in reports for finding in report.findings]
    broken = [rule for name, rule in RULES.items() if any(finding.rule == name for finding, _ in results)]
    index = {rule.name: number for number, rule in enumerate(broken)}
    readable = all(report.readable for _, report in results)
    run = {
        "tool": {
            "driver": {
                "name": "prep-and-submit",
                "version": __version__,
                "rules": [_rule(rule) for rule in broken],
            }
        },
        "invocations": [{"executionSuccessful": readable}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, report, index) for finding, report in results],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.meaning},
        "fullDescription": {"text": in_flags(f"{rule.meaning} {rule.why}")},
        "help": {"text": in_flags(how_to_fix(rule))},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.about, rule.basis]},
    }


def _result(finding: Finding, report: Report, index: dict[str, int]) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": in_flags(finding.message + advice(finding))},
        "locations": [_location(path, line) for path, line in _places(finding, report)],
        "properties": {
            "basis": finding.basis,
            "actual": finding.actual,
            "allowed": finding.allowed,
            "unit": finding.unit,
        },
    }


def _places(finding: Finding, report: Report) -> Sequence[tuple[str, int]]:
    """Services show a result only at a location: a finding about the set is shown at each of its references."""
    place = report.place_of(finding)
    return [place] if place else [(item.reference.public_location, 1) for item in report.references]


def _location(path: str, line: int) -> dict[str, Any]:
    pure = PurePath(path)
    if path.startswith(("https://", "http://")):
        uri = quote(path, safe="%:/?#[]@!$&'()*+,;=")  # what RFC 3986 allows stays as it is
    else:
        # a URI holds bytes, so that a file name that is not UTF-8 stays what it is
        uri = pure.as_uri() if pure.is_absolute() else quote(pure.as_posix(), errors="surrogateescape")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}
