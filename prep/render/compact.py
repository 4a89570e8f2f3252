"""Many reports in a terminal: only what has findings, and a line that sums up."""

from prep.errors import ExitCode
from prep.model.finding import Severity, failing
from prep.model.redact import shown
from prep.model.report import Report
from prep.render.text import MARKS, fixes_text

WORDS = {"error": "with errors", "warning": "with warnings or errors", "info": "with findings"}


def compact_text(report: Report) -> str:
    """The place, and its findings below; empty where there is nothing to say."""
    if not report.findings and not report.fixes:
        return ""
    lines = [shown(report.origin)]
    for finding in report.findings:
        subject = f"{finding.subject}: " if finding.subject and finding.subject != report.origin else ""
        fix = f"  → {finding.fix}" if finding.fix else ""
        lines.append(f"  {MARKS[finding.severity]} {subject}{finding.rule}: {finding.message}{fix}")
    return "\n".join([*lines, *(line and f"  {line}" for line in fixes_text(report.fixes))])


class Tally:
    """Counts while reports go by, so that none has to be kept."""

    def __init__(self, fail_on: Severity) -> None:
        self._fail_on = fail_on
        self.judged = self.failed = self.unreadable = self.deselected = 0

    def add(self, report: Report) -> None:
        self.judged += 1
        self.deselected += report.deselected
        if not report.readable:
            self.unreadable += 1
        elif failing(report.findings, self._fail_on):
            self.failed += 1

    def exit_code(self, exit_zero: bool) -> int:
        """What can't be read is not judged, and no option makes it so."""
        if self.unreadable:
            return ExitCode.USAGE
        return ExitCode.FINDINGS if self.failed and not exit_zero else ExitCode.OK

    def text(self, what: str) -> str:
        """In one line; *what* is one of the things that were judged."""
        parts = [f"{self.failed:,} {WORDS[self._fail_on]}"]
        if self.unreadable:
            parts.append(f"{self.unreadable:,} that can't be read")
        if self.deselected:
            parts.append(f"findings deselected: {self.deselected:,}")
        return f"{self.judged:,} {what}{'' if self.judged == 1 else 's'}, {', '.join(parts)}"
