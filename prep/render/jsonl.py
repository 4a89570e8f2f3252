"""JSON Lines: one report a line. docs/json.md has the keys."""

from prep.model.finding import Severity
from prep.model.report import Report
from prep.render.document import json_text, judged


def report_line(report: Report, fail_on: Severity) -> str:
    return json_text(judged(report, fail_on))
