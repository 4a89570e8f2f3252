"""Text about many files or jobs: those with findings only, and a line with the totals."""

from prep.errors import ExitCode
from prep.model.finding import Severity, failing
from prep.model.redact import shown
from prep.model.report import Report
from prep.render.text import fixes_text, marked, needs_permission
from prep.rules.amounts import count

WORDS = {"error": "errors", "warning": "warnings or errors", "info": "findings"}


def compact_text(report: Report) -> str:
    """The origin, and its findings below; empty where there is nothing to report."""
    if not report.findings and not report.fixes:
        return ""
    lines = [shown(report.origin)]
    for finding in report.findings:
        subject = f"{finding.subject}: " if finding.subject and finding.subject != report.origin else ""
        lines.append(marked(finding, subject))
    return "\n".join([*lines, *(line and f"  {line}" for line in fixes_text(report.fixes))])


class Tally:
    """Counts while reports go by, so that none has to be kept."""

    def __init__(self, fail_on: Severity) -> None:
        self._fail_on = fail_on
        self.judged = self.failed = self.unreadable = self.deselected = self.unsafe = 0

    def add(self, report: Report) -> None:
        self.judged += 1
        self.deselected += report.deselected
        self.unsafe += needs_permission(report)
        if not report.readable:
            self.unreadable += 1
        elif failing(report.findings, self._fail_on):
            self.failed += 1

    def exit_code(self, exit_zero: bool) -> int:
        """A file that can't be read was not checked, whatever the options say."""
        if self.unreadable:
            return ExitCode.USAGE
        return ExitCode.FINDINGS if self.failed and not exit_zero else ExitCode.OK

    def text(self, noun: str) -> str:
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
