"""Text for a terminal: the conclusion first, then each reference, at the end what is left to the user."""

from collections.abc import Iterable, Sequence

from prep.flag_names import in_flags
from prep.model.finding import Finding, failing
from prep.model.limits import EndpointSpec
from prep.model.manifest import Manifest, Totals
from prep.model.plan import Plan, Step
from prep.model.redact import shown
from prep.model.report import UNREADABLE, Fix, Report
from prep.render.describe import describe, describe_limits, describe_predicted, left_out
from prep.render.steps import reasons, step_text
from prep.render.verdict import praise, problems, report_verdict, unfixed, way_out, with_warnings
from prep.rules.amounts import amount, count
from prep.rules.reference_set import COUNTED

AS_URL = "sent as its URL, not downloaded or uploaded"
UNCHANGED = "unchanged, byte for byte"
MARKS = {"error": "✗", "warning": "!", "info": "·"}
BASIS_NOTE = (
    "documented: stated by the endpoint; upstream: enforced by the provider of the model; advice: no limit, but more "
    "reportedly doesn't help\naccepted: over or under the limit, but reported to pass; such a file gets a warning\n"
    "aspect: width divided by height"
)


def finding_line(finding: Finding) -> str:
    """`@Image1 hero.png: image-file-too-large: the file is 31.2 MB (max 30 MB); prep would re-encode it`."""
    return shown(in_flags(f"{_subject(finding)}{finding.rule}: {finding.message}{advice(finding)}"))


def advice(finding: Finding) -> str:
    """The way out, to be put behind a message; empty where there is none to name."""
    way = way_out(finding)
    return f"; prep would {way}" if finding.fix else f"; {way}" if way else ""


def findings_text(findings: Iterable[Finding]) -> str:
    return "\n".join(f"{MARKS[finding.severity]} {finding_line(finding)}" for finding in findings)


def marked(finding: Finding, subject: str = "") -> str:
    """One finding below its subject, or with it, and the way out."""
    way = way_out(finding)
    arrow = f"  → {way}" if way else ""
    return shown(in_flags(f"  {MARKS[finding.severity]} {subject}{finding.rule}: {finding.message}{arrow}"))


def report_text(report: Report) -> str:
    """The verdict, each reference with its findings, those about the whole, and what is left to the user."""
    lines = [report_verdict(report), f"Limits: {report.endpoint}", ""]
    for item in report.references:
        lines.append(_headline(item.tag, item.reference.name, item.reference.location, describe(item.info)))
        own = [finding for finding in report.findings if finding.tag == item.tag and finding.subject]
        lines += [marked(finding) for finding in own] or [f"  ✓ {praise(report, item.tag)}"]
    left = unfixed(report.findings)
    lines.append(f"Together: {totals_text(report.totals, report.used)}")
    listed = {item.tag for item in report.references}
    others = [item for item in report.findings if not (item.subject and item.tag in listed) and item not in left]
    lines += [marked(finding, _subject(finding)) for finding in others]
    return "\n".join([*lines, *fixes_text(report.fixes), *_left_text(left)])


def compact_text(report: Report) -> str:
    """The origin, and its findings below; empty where there is nothing to report."""
    if not report.findings and not report.fixes:
        return ""
    lines = [shown(report.origin)]
    for finding in report.findings:
        subject = f"{finding.subject}: " if finding.subject and finding.subject != report.origin else ""
        lines.append(marked(finding, subject))
    return "\n".join([*lines, *(line and f"  {line}" for line in fixes_text(report.fixes))])


def fixes_text(fixes: Iterable[Fix]) -> list[str]:
    """The changes that were made, or would be: each step, with a mark where it needs permission."""
    lines: list[str] = []
    for fix in fixes:
        title = f"{shown(fix.path)} → {shown(fix.made)}" if fix.made else f"Would change {shown(fix.path)}:"
        lines += [
            "",
            title,
            *(
                f"{line} [unsafe]" if step.kind in fix.unsafe else line
                for step, line in zip(fix.steps, _step_lines(fix.steps), strict=True)
            ),
        ]
    return lines


def needs_permission(report: Report) -> bool:
    """Whether a change was not made that --unsafe-fixes would allow."""
    return any(fix.unsafe and not fix.made for fix in report.fixes)


def plan_text(plan: Plan, more: Sequence[Finding] = ()) -> str:
    """The conclusion, what is done to each reference and why, warnings, and what is left to the user.

    The conclusion counts *more* warnings, which the caller lists below. Of too many references only that is said: which
    of them are planned is the user's choice.
    """
    lines = [_plan_verdict(plan, (*plan.warnings, *more)), f"Limits: {plan.endpoint}"]
    if _has_too_many(plan):
        return "\n".join([*lines, *_left_text(plan.unfixable)])
    lines.append("")
    for entry in plan.entries:
        lines.append(_headline(entry.tag, entry.reference.name, entry.reference.location, describe(entry.source)))
        if entry.unfixable:
            lines.append(f"  ✗ not made: {', '.join(finding.rule for finding in entry.unfixable)}")
            continue
        if not entry.steps:
            lines.append(f"  ✓ {AS_URL if entry.url is not None else UNCHANGED}")
            continue
        lines += _step_lines(entry.steps)
        lines.append(f"  → {describe_predicted(entry)}")
    if plan.warnings:
        lines += ["", findings_text(plan.warnings)]
    return "\n".join([*lines, *_left_text(plan.unfixable)])


def manifest_text(manifest: Manifest, folder: str | None) -> str:
    """The totals, what was done to each reference, warnings, and where the files are, if that is known."""
    lines = [_ready(manifest, with_warnings(manifest.findings)), ""]
    for entry in manifest.entries:
        lines.append(_headline(entry.tag, entry.name, entry.source.path, describe(entry.source.info)))
        if entry.output.url is not None:
            lines.append(f"  ✓ {AS_URL}")
            continue
        lines += _step_lines(entry.steps) or [f"  ✓ {UNCHANGED}"]
        made = entry.output.info
        facts = f"  {describe(made)}{left_out(entry.source.info, made)}" if entry.steps else ""
        lines.append(f"  → {entry.output.path}{facts}")
    if manifest.findings:
        lines += ["", findings_text(manifest.findings)]
    place = f", in {shown(folder).rstrip('/')}/" if folder else ""
    return "\n".join([*lines, "", f"{made_text(manifest)}{place}"])


def _ready(manifest: Manifest, warnings: str) -> str:
    """How many files are prepared, and for which endpoint."""
    return f"Ready{warnings}: {totals_text(manifest.totals)}\nLimits: {manifest.endpoint}"


def prepared_text(manifest: Manifest) -> str:
    """What is prepared, with a line for each reference: its tag, the user's name for it, the file, and its facts.

    The warnings about them are in the offer.
    """
    lines = [
        f"{_tagged(entry.tag, entry.name)}  {shown(entry.output.url or entry.output.path or '')}: "
        f"{describe(entry.output.info)}"
        for entry in manifest.entries
    ]
    return "\n".join([_ready(manifest, ""), "", *lines])


def totals_text(totals: Totals, used: Totals | None = None) -> str:
    """The number of each kind: "1 image, 2 videos (10 s, 4 MB), 1 sound (6 s)"; *used*: of which parts are used."""
    used = used or totals
    parts = [count(totals.images, "image")] if totals.images else []
    if totals.videos:
        seconds = _used(totals.video_duration_s, used.video_duration_s)
        parts.append(f"{count(totals.videos, 'video')} ({seconds}, {amount(totals.video_bytes, 'bytes')})")
    if totals.audios:
        parts.append(f"{count(totals.audios, 'sound')} ({_used(totals.audio_duration_s, used.audio_duration_s)})")
    return ", ".join(parts)


def _used(whole_s: float, used_s: float) -> str:
    """The seconds of whole files: "153 s"; where parts of them are used: "17 s used of 153 s"."""
    return amount(whole_s, "s") if used_s >= whole_s else f"{amount(used_s, 's')} used of {amount(whole_s, 's')}"


def limits_text(spec: EndpointSpec, others: Sequence[str]) -> str:
    """A table of every limit: its basis, its value, and the value that was seen accepted."""
    rows = [("limit", "basis", "value")]
    for limit, value, accepted, basis in describe_limits(spec):
        rows.append((limit, basis, f"{value} ({accepted} accepted)" if accepted else value))
    notes = [spec.notes] if spec.notes else []
    known = [f"other endpoints: {', '.join(others)}"] if others else []
    head = f"{spec.endpoint}  (as read on {spec.checked}; --json names the pages)"
    return "\n".join([head, *notes, "", *aligned(rows), "", BASIS_NOTE, "", *known]).rstrip()


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A table, a line for each row; the last column is as wide as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    return ["  ".join([*map(str.ljust, row, widths), row[-1]]) for row in rows]


def _headline(tag: str, name: str | None, location: str, facts: str) -> str:
    return f"{_tagged(tag, name)}  {shown(location)}\n  {facts}"


def _tagged(tag: str, name: str | None) -> str:
    return f"{tag} (@{name})" if name else tag


def _step_lines(steps: Sequence[Step]) -> list[str]:
    return [
        in_flags(f"  - {step_text(step)}  because {because}")
        for step, because in zip(steps, reasons(steps), strict=True)
    ]


def _left_text(findings: Sequence[Finding]) -> list[str]:
    """The errors that only the user can fix, each with its subject and a way out."""
    if not findings:
        return []
    lines = [marked(finding, _subject(finding)) for finding in findings]
    unreadable = any(finding.rule == UNREADABLE for finding in findings)
    way = [in_flags("  (`skip_unreadable=True` leaves out what is unreadable)")] if unreadable else []
    return ["", "Fix yourself:", *lines, *way]


def _subject(finding: Finding) -> str:
    """The tag and the file's name: "@Image1 hero.png: "; a file that was not read has only a path."""
    if not finding.subject:
        return ""
    tag = f"{finding.tag} " if finding.tag and finding.tag != finding.subject else ""
    return f"{tag}{shown(finding.subject)}: "


def _has_too_many(plan: Plan) -> bool:
    return any(finding.rule in COUNTED for finding in plan.set_unfixable)


def _plan_verdict(plan: Plan, findings: Sequence[Finding]) -> str:
    if failed := failing(plan.unfixable, "error"):
        outcome = ", so nothing was planned" if _has_too_many(plan) else "; until then `prep` makes nothing"
        return f"{problems(failed)}{outcome}"
    remade, whole = sum(bool(entry.steps) for entry in plan.entries), len(plan.entries)
    if not remade:
        return f"OK as it is{with_warnings(findings)}"
    rest = whole - remade
    stay = f", {rest} {'stays as it is' if rest == 1 else 'stay as they are'}" if rest else ""
    made = "the reference" if whole == 1 else f"{remade} of {whole} references"
    return f"OK after prep{with_warnings(findings)}: {made} will be re-made{stay}"


def made_text(manifest: Manifest) -> str:
    """What was done to the files: "3 re-made, 1 copied unchanged"."""
    remade = sum(bool(entry.steps) for entry in manifest.entries)
    sent = sum(entry.output.url is not None for entry in manifest.entries)
    parts = [(remade, "re-made"), (len(manifest.entries) - remade - sent, "copied unchanged"), (sent, "sent as URL")]
    return ", ".join(f"{number} {done}" for number, done in parts if number)
