"""JSON Lines: one report a line. docs/json.md has the keys."""

import json

from prep.model.finding import Severity
from prep.model.report import Report
from prep.render.document import judged


def report_line(report: Report, fail_on: Severity) -> str:
    return json.dumps(judged(report, fail_on), ensure_ascii=False)
