"""Workflow commands of GitHub Actions: each finding becomes an annotation at its file."""

from prep.model.finding import Finding
from prep.model.redact import shown
from prep.model.report import Report

LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def github_lines(report: Report) -> str:
    """One line for each finding; empty when there is none."""
    return "\n".join(_command(finding, report) for finding in report.findings)


def _command(finding: Finding, report: Report) -> str:
    place = report.place_of(finding)
    properties = [f"file={_property(shown(place[0]))}", f"line={place[1]}"] if place else []
    properties.append(f"title={_property(finding.rule)}")
    fix = f"; prep would {finding.fix}" if finding.fix else ""
    return f"::{LEVELS[finding.severity]} {','.join(properties)}::{_data(shown(finding.message) + fix)}"


def _data(text: str) -> str:
    """Escaped as the runner's toolkit does it, or a % or a line end would be taken for something else."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
