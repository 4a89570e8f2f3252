"""What people read in a terminal."""

from collections.abc import Iterable, Sequence

from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import Manifest, Totals
from prep.model.plan import Plan, Step
from prep.model.redact import shown
from prep.model.report import Fix, Report
from prep.render.describe import describe, describe_limits, describe_step
from prep.rules.findings import amount

AS_URL = "goes on as its URL, not fetched or uploaded"
MARKS = {"error": "✗", "warning": "!", "info": "·"}


def finding_line(finding: Finding) -> str:
    """`hero.png: image-file-too-large: the file is 31.2 MB; allowed is at most 30 MB; prep would re-encode it`."""
    subject = f"{shown(finding.subject)}: " if finding.subject else ""
    fix = f"; prep would {finding.fix}" if finding.fix else ""
    return f"{subject}{finding.rule}: {finding.message}{fix}"


def findings_text(findings: Iterable[Finding]) -> str:
    return "\n".join(f"{MARKS[finding.severity]} {finding_line(finding)}" for finding in findings)


def report_text(report: Report) -> str:
    """Each reference with its findings, those about the whole, and a line that sums up."""
    lines = []
    for item in report.references:
        lines.append(_headline(item.tag, item.reference.name, item.reference.location, describe(item.info)))
        own = [finding for finding in report.findings if finding.tag == item.tag and finding.subject]
        mended = any(fix.made and fix.steps for fix in report.fixes if fix.tag == item.tag)
        fine = "made to comply" if mended else "nothing of what was asked" if report.deselected else "fine as it is"
        lines += [_indented(finding) for finding in own] or [f"  ✓ {fine}"]
    together = [finding for finding in report.findings if not finding.subject]
    lines.append(f"all together  {totals_text(report.totals)}")
    lines += [_indented(finding) for finding in together]
    return "\n".join([*lines, *fixes_text(report.fixes), "", _verdict(report)])


def fixes_text(fixes: Iterable[Fix]) -> list[str]:
    """What was made, or would be: each step, with a mark where it chooses what is seen or heard."""
    lines: list[str] = []
    for fix in fixes:
        title = f"{shown(fix.path)} → {shown(fix.made)}" if fix.made else f"{shown(fix.path)}, not made:"
        lines += [
            "",
            title,
            *(_step_line(step) + (" [unsafe]" if step.kind in fix.unsafe else "") for step in fix.steps),
        ]
    return lines


def plan_text(plan: Plan) -> str:
    """Each reference, what is done to it and why, and what should come out."""
    lines = []
    for entry in plan.entries:
        lines.append(_headline(entry.tag, entry.reference.name, entry.reference.location, describe(entry.source)))
        if not entry.steps:
            lines.append(f"  ✓ {AS_URL if entry.url is not None else 'goes through byte for byte'}")
            continue
        lines += [_step_line(step) for step in entry.steps]
        lines.append(f"  → {describe(entry.predicted, at_most=True)}")
    if plan.warnings:
        lines += ["", *(f"{MARKS[finding.severity]} {finding_line(finding)}" for finding in plan.warnings)]
    if plan.unfixable:
        lines += ["", "what can't be mended:", findings_text(plan.unfixable)]
    return "\n".join(lines)


def manifest_text(manifest: Manifest, folder: str) -> str:
    """What came out, and what was done for it."""
    lines = []
    for entry in manifest.entries:
        lines.append(_headline(entry.tag, entry.name, entry.source.path, describe(entry.source.info)))
        if entry.output.url is not None:
            lines.append(f"  ✓ {AS_URL}")
            continue
        lines += [_step_line(step) for step in entry.steps] or ["  ✓ unchanged, byte for byte"]
        lines.append(f"  → {entry.output.path}  {describe(entry.output.info)}")
    lines.append(f"all together  {totals_text(manifest.totals)}")
    if manifest.findings:
        lines += ["", findings_text(manifest.findings)]
    return "\n".join([*lines, "", f"compliant with {manifest.endpoint}: {folder}"])


def totals_text(totals: Totals) -> str:
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((totals.images, "image"), (totals.videos, "video"), (totals.audios, "sound"))
        if count
    ]
    if totals.videos:
        parts.append(f"{amount(totals.video_duration_s, 's')} and {amount(totals.video_bytes, 'bytes')} of video")
    if totals.audios:
        parts.append(f"{amount(totals.audio_duration_s, 's')} of sound")
    return ", ".join(parts)


def limits_text(spec: EndpointSpec, others: Sequence[str]) -> str:
    """A table of every limit with its accepted value and basis."""
    rows = [("limit", "value", "accepted", "basis"), *describe_limits(spec)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    notes = [spec.notes] if spec.notes else []
    known = [f"other endpoints: {', '.join(others)}"] if others else []
    return "\n".join([f"{spec.endpoint}  (checked {spec.checked})", *notes, "", *table, "", *known]).rstrip()


def _headline(tag: str, name: str | None, location: str, facts: str) -> str:
    called = f" (@{name})" if name else ""
    return f"{tag}{called}  {shown(location)}\n  {facts}"


def _indented(finding: Finding) -> str:
    fix = f"  → {finding.fix}" if finding.fix else ""
    return f"  {MARKS[finding.severity]} {finding.rule}: {finding.message}{fix}"


def _step_line(step: Step) -> str:
    note = f" ({step.note})" if step.note else ""
    return f"  - {describe_step(step)}{note}  because {', '.join(step.because)}"


def _verdict(report: Report) -> str:
    errors = [finding for finding in report.findings if finding.severity == "error"]
    if report.deselected:
        left_out = f"{report.deselected} finding{'' if report.deselected == 1 else 's'}"
        return f"{_problems(errors)} under the rules selected; {left_out} deselected, so the whole is not judged"
    if not errors and any(finding.rule == "part-not-made" for finding in report.findings):
        return f"{report.endpoint} would take the parts that were asked for, once 'prep-and-submit prep' has made them"
    if not errors and any(fix.made for fix in report.fixes):
        return f"{report.endpoint} would take what was made"
    if not errors:
        return f"{report.endpoint} would take this as it is"
    fixable = sum(finding.fix is not None for finding in errors)
    return f"{report.endpoint} would refuse this: {_problems(errors)}, {fixable} of which 'prep-and-submit prep' mends"


def _problems(errors: Sequence[Finding]) -> str:
    return f"{len(errors) or 'no'} problem{'' if len(errors) == 1 else 's'}"
