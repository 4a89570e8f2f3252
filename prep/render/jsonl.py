"""JSON Lines: one report a line. docs/json.md has the keys."""

from prep.model.finding import Severity
from prep.model.report import Report
from prep.render.document import judged
from prep.render.json_text import json_text


def report_line(report: Report, fail_on: Severity) -> str:
    return json_text(judged(report, fail_on))
