"""The JSON document that every command prints with --json; docs/json.md is its contract."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from prep.model.finding import Finding
from prep.model.report import Report

SCHEMA = "prep-and-submit/1"


def document(command: str, ok: bool, findings: Iterable[Finding], data: BaseModel | dict[str, Any]) -> str:
    """One document, indented, keys in their order."""
    body = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    return json.dumps(
        {
            "schema": SCHEMA,
            "command": command,
            "ok": ok,
            "findings": [finding.model_dump(mode="json") for finding in findings],
            "data": body,
        },
        indent=2,
        ensure_ascii=False,
    )


def report_data(report: Report) -> dict[str, Any]:
    """What `check` has to say beside its findings: each reference's facts, and the totals."""
    return {
        "endpoint": report.endpoint,
        "references": [
            {
                "path": item.reference.location,
                "name": item.reference.name,
                "tag": item.tag,
                **item.info.model_dump(mode="json"),
            }
            for item in report.references
        ],
        "totals": report.totals.model_dump(mode="json"),
    }
