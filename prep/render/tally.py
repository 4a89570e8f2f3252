"""Counts over many reports: totals and exit code, broken rules, and the summary of a step in GitHub Actions."""

from collections import Counter
from html import escape

from prep.errors import ExitCode
from prep.flag_names import in_flags
from prep.model.finding import SEVERITIES, Finding, Severity, failing
from prep.model.redact import shown
from prep.model.report import Report
from prep.render.text import MARKS, advice, needs_permission
from prep.render.verdict import report_verdict
from prep.rules.amounts import count

WORDS = {"error": "errors", "warning": "warnings or errors", "info": "findings"}
ROWS = 200  # findings in a summary; GitHub takes no more than 1 MiB from a step


class Tally:
    """Counts while reports go by, and keeps the first findings, so that no report has to be kept."""

    def __init__(self, fail_on: Severity) -> None:
        self._fail_on = fail_on
        self.judged = self.failed = self.unreadable = self.deselected = self.unsafe = 0
        self._rules: Counter[tuple[str, str]] = Counter()  # by severity and rule
        self._first: list[tuple[str, Finding]] = []  # with the file or job that each is about
        self.verdict = ""  # of the last report

    def add(self, report: Report) -> None:
        self.judged += 1
        self.deselected += report.deselected
        self.unsafe += needs_permission(report)
        if not report.readable:
            self.unreadable += 1
        elif failing(report.findings, self._fail_on):
            self.failed += 1
        self.verdict = report_verdict(report)
        for finding in report.findings:
            self._rules[finding.severity, finding.rule] += 1
            if len(self._first) < ROWS:
                places = dict.fromkeys(filter(None, (report.origin, finding.subject)))
                self._first.append((": ".join(places), finding))

    def exit_code(self, exit_zero: bool) -> int:
        """A file that can't be read was not checked, whatever the options say."""
        if self.unreadable:
            return ExitCode.USAGE
        return ExitCode.FINDINGS if self.failed and not exit_zero else ExitCode.OK

    def total(self, noun: str) -> str:
        """One line; *noun* is what was checked: "file" or "job"."""
        words, rest = WORDS[self._fail_on], self.judged - self.failed - self.unreadable
        parts = [f"{self.failed:,} with {words}"]
        if self.unreadable:
            parts.append(f"{self.unreadable:,} unreadable")
        if rest and rest < self.judged:
            parts.append(f"{rest:,} without {words}")
        notes = [", ".join(parts)]
        if self.deselected:
            notes.append(f"{count(self.deselected, 'finding')} left out")
        if self.unsafe:
            notes.append(f"only --unsafe-fixes would fix {self.unsafe:,}")
        return f"{count(self.judged, noun)}: {'; '.join(notes)}"

    def statistics(self) -> str:
        """A line for each rule, errors first, the most frequent first."""
        rows = sorted(self._rules.items(), key=lambda row: (-SEVERITIES.index(row[0][0]), -row[1], row[0][1]))
        width = max((len(f"{number:,}") for _, number in rows), default=0)
        return "\n".join(f"{number:>{width},}  {MARKS[severity]} {rule}" for (severity, rule), number in rows)

    def summary(self, total: str) -> str:
        """Markdown: the *total*, and a table of findings."""
        lines = ["### prep-and-submit check", "", _cell(total), ""]
        if self._first:
            lines += ["| severity | file | rule | finding |", "|---|---|---|---|"]
            lines += [
                f"| {one.severity} | {_cell(place)} | `{one.rule}` | {_cell(one.message + advice(one))} |"
                for place, one in self._first
            ]
            if rest := self._rules.total() - len(self._first):
                lines += ["", f"... and {count(rest, 'more finding')}"]
        return "\n".join(lines) + "\n\n"


def _cell(text: str) -> str:
    """*text* as nothing but text: no cell, tag, link or formatting of its own."""
    plain = escape(in_flags(shown(text)), quote=False)
    return "".join(f"\\{char}" if char in "\\|`*_[]~#@" else char for char in plain)
