"""JSON documents, as every command prints with --json; docs/json.md is their contract."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from prep.errors import ExitCode
from prep.model.finding import Finding, Severity, failing
from prep.model.report import UNREADABLE, Report

SCHEMA = "prep-and-submit/1"
# Control characters beyond those that JSON escapes anyway, breaks of lines and paragraphs, and marks of direction.
# Joiners (U+200C, U+200D) stay: names in Persian and emoji have them.
UNSEEN = re.compile("[\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """*value* as JSON that moves no cursor and turns no direction of reading: what is not seen is escaped."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return UNSEEN.sub(lambda unseen: f"\\u{ord(unseen[0]):04x}", text)


def document(command: str, ok: bool, findings: Iterable[Finding], data: BaseModel | dict[str, Any]) -> str:
    """One document, indented, keys in their order."""
    body = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    return json_text(
        {
            "schema": SCHEMA,
            "command": command,
            "ok": ok,
            "findings": [finding.model_dump(mode="json") for finding in findings],
            "data": body,
        },
        indent=2,
    )


def report_data(report: Report) -> dict[str, Any]:
    """The `data` of `check`: each reference's facts, the totals, the fixes."""
    return {
        "endpoint": report.endpoint,
        "references": [
            {
                "path": item.reference.display_path,
                "name": item.reference.name,
                "tag": item.tag or None,
                **item.info.model_dump(mode="json"),
            }
            for item in report.references
        ],
        "totals": report.totals.model_dump(mode="json"),
        "used": (report.used or report.totals).model_dump(mode="json"),
        "deselected": report.deselected,
        "fixes": [fix.model_dump(mode="json") for fix in report.fixes],
    }


def judged(report: Report, fail_on: Severity) -> dict[str, Any]:
    """One report of many, with its origin, its verdict and its findings."""
    return {
        "origin": report.origin,
        "ok": not failing(report.findings, fail_on),
        "findings": [finding.model_dump(mode="json") for finding in report.findings],
        **report_data(report),
    }


def check_document(reports: Sequence[Report], fail_on: Severity, ok: bool, *, many: bool) -> str:
    """The document of a check. With *many*, each file or job has its own report, and all findings come first."""
    findings = (finding for report in reports for finding in report.findings)
    if many:
        return document("check", ok, findings, {"reports": [judged(report, fail_on) for report in reports]})
    (report,) = reports
    return document("check", ok, findings, report_data(report) | _failure(report))


def _failure(report: Report) -> dict[str, Any]:
    """The error of a set of which not everything can be read, as a command has one that fails; else nothing."""
    unreadable = [finding for finding in report.findings if finding.rule == UNREADABLE]
    if not report.references or not unreadable:
        return {}
    message = "\n".join(f"{finding.subject}: {finding.message}" for finding in unreadable)
    return {"error": {"message": message, "exit_code": int(ExitCode.USAGE)}}
