"""Workflow commands of GitHub Actions: each finding becomes an annotation at its file."""

from prep.flag_names import in_flags
from prep.model.finding import Finding
from prep.model.redact import shown
from prep.model.report import Report
from prep.render.text import advice

LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def github_lines(report: Report) -> str:
    """One line for each finding; empty when there is none."""
    return "\n".join(_command(finding, report) for finding in report.findings)


def _command(finding: Finding, report: Report) -> str:
    place = report.place_of(finding)
    properties = [f"file={_property(shown(place[0]))}", f"line={place[1]}"] if place else []
    properties.append(f"title={_property(finding.rule)}")
    message = in_flags(shown(finding.message) + advice(finding))
    return f"::{LEVELS[finding.severity]} {','.join(properties)}::{_data(message)}"


def _data(text: str) -> str:
    """*text* escaped as the runner's toolkit does it: %, line ends."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
