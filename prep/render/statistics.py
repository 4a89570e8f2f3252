"""Counts of broken rules over many reports, as text and as the summary of a step in GitHub Actions."""

from collections import Counter
from html import escape

from prep.flag_names import in_flags
from prep.model.finding import SEVERITIES, Finding
from prep.model.redact import shown
from prep.model.report import Report
from prep.render.text import MARKS, advice
from prep.render.verdict import report_verdict
from prep.rules.amounts import count

ROWS = 200  # findings in a summary; GitHub takes no more than 1 MiB from a step


class Statistics:
    """Counts while reports go by, and keeps the first findings, so that no report has to be kept."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()  # by severity and rule
        self.first: list[tuple[str, Finding]] = []  # with the file or job that each is about
        self.verdict = ""  # of the last report

    def add(self, report: Report) -> None:
        self.verdict = report_verdict(report)
        for finding in report.findings:
            self.counts[finding.severity, finding.rule] += 1
            if len(self.first) < ROWS:
                places = dict.fromkeys(filter(None, (report.origin, finding.subject)))
                self.first.append((": ".join(places), finding))

    def text(self) -> str:
        """A line for each rule, errors first, the most frequent first."""
        rows = sorted(self.counts.items(), key=lambda row: (-SEVERITIES.index(row[0][0]), -row[1], row[0][1]))
        width = max((len(f"{number:,}") for _, number in rows), default=0)
        return "\n".join(f"{number:>{width},}  {MARKS[severity]} {rule}" for (severity, rule), number in rows)


def summary(statistics: Statistics, total: str) -> str:
    """Markdown: the *total*, and a table of findings."""
    lines = ["### prep-and-submit check", "", f"{_cell(total)}", ""]
    if statistics.first:
        lines += ["| severity | file | rule | finding |", "|---|---|---|---|"]
        lines += [
            f"| {finding.severity} | {_cell(place)} | `{finding.rule}` | {_cell(finding.message + advice(finding))} |"
            for place, finding in statistics.first
        ]
        if rest := sum(statistics.counts.values()) - len(statistics.first):
            lines += ["", f"... and {count(rest, 'more finding')}"]
    return "\n".join(lines) + "\n\n"


def _cell(text: str) -> str:
    """*text* as nothing but text: no cell, tag, link or formatting of its own."""
    plain = escape(in_flags(shown(text)), quote=False)
    return "".join(f"\\{char}" if char in "\\|`*_[]~#@" else char for char in plain)
