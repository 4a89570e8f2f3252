"""Values of the page of a report: `report_page`, `plan_page`, `manifest_page`, `offer_page`, `paid_page`."""

from collections.abc import Sequence

from prep import __version__
from prep.model.finding import Finding, errors_in
from prep.model.limits import EndpointSpec
from prep.model.manifest import Manifest, totals
from prep.model.plan import Plan, Step
from prep.model.preview import Preview
from prep.model.reference import Reference
from prep.model.report import Report
from prep.model.value import Value
from prep.render.describe import size_known
from prep.render.html.gauge import Gauge, gauges
from prep.render.html.item import Item, Outcome, Subject, item_of, worst
from prep.render.verdict import praise, problems, report_verdict
from prep.rules.amounts import count

TOOLS = f"prep-and-submit {__version__}"


class Paid(Value):
    """The request to the platform. *price* None: not published. *request* is the JSON that was sent, if any."""

    prompt: str
    price: str | None
    output: str = ""
    request_id: str = ""
    result: str = ""
    request: str = ""
    timings: str = ""


class Page(Value):
    """The whole page. *state* is "fine", "warning" or "error"; *findings* are those about no single reference."""

    command: str
    verdict: str
    lead: str
    state: str
    endpoint: str
    checked: str
    tools: str = TOOLS
    gauges: tuple[Gauge, ...]
    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()
    paid: Paid | None = None


def report_page(report: Report, spec: EndpointSpec, previews: Sequence[Preview]) -> Page:
    """The page of `check`; a preview for each reference, in order."""
    items = tuple(
        item_of(
            Subject(item.tag, item.reference, item.info, _of(report.findings, item.tag)),
            Outcome(_status(report, item.tag)),
            preview,
        )
        for item, preview in zip(report.references, previews, strict=True)
    )
    verdict, lead = _report_conclusion(report)
    return Page(
        command="check",
        verdict=verdict,
        lead=lead,
        state=worst(report.findings),
        endpoint=report.endpoint,
        checked=str(spec.checked),
        gauges=gauges(spec, report.totals, report.used or report.totals),
        items=items,
        findings=_of(report.findings, None),
    )


def plan_page(plan: Plan, spec: EndpointSpec, previews: Sequence[Preview], refused: tuple[Finding, ...] = ()) -> Page:
    """The page of `plan`, or of a `prep` or `run` that was *refused* because of findings."""
    left = errors_in(refused) or plan.unfixable
    findings = (*(refused or plan.unfixable), *plan.warnings)
    items = tuple(
        item_of(
            Subject(entry.tag, entry.reference, entry.source, _of(findings, entry.tag)),
            Outcome(
                _outcome(entry.steps, _of(findings, entry.tag)),
                entry.steps,
                entry.predicted,
                "Planned",
                size_known(entry),
            ),
            preview,
        )
        for entry, preview in zip(plan.entries, previews, strict=True)
    )
    if left:
        verdict, lead = "Can't be prepared", f"{problems(left)}; nothing is made."
    else:
        verdict = "Meets the limits after prep" if plan.kinds_made else "Meets the limits"
        lead = _shares([entry.steps for entry in plan.entries], findings, planned=True)
    return Page(
        command="plan",
        verdict=verdict,
        lead=lead,
        state=worst(findings),
        endpoint=plan.endpoint,
        checked=str(spec.checked),
        gauges=gauges(
            spec,
            totals(entry.source for entry in plan.entries),
            totals(entry.predicted for entry in plan.entries),
            bounded="video" in plan.kinds_made,
        ),
        items=items,
        findings=_of(findings, None),
    )


def manifest_page(
    manifest: Manifest, spec: EndpointSpec, before: Sequence[Preview], after: Sequence[Preview | None]
) -> Page:
    """The page of `prep`; *after* are previews of the new files, None where nothing was changed."""
    items = tuple(
        item_of(
            Subject(
                entry.tag,
                Reference.model_construct(location=entry.source.path, name=entry.name),
                entry.source.info,
                _of(manifest.findings, entry.tag),
            ),
            Outcome(_outcome(entry.steps, _of(manifest.findings, entry.tag)), entry.steps, entry.output.info, "Result"),
            source,
            result,
        )
        for entry, source, result in zip(manifest.entries, before, after, strict=True)
    )
    return Page(
        command="prep",
        verdict="Meets the limits",
        lead=_shares([entry.steps for entry in manifest.entries], manifest.findings, planned=False),
        state=worst(manifest.findings),
        endpoint=manifest.endpoint,
        checked=str(spec.checked),
        tools=f"{TOOLS}, ffmpeg {manifest.tool.ffmpeg}",
        gauges=gauges(spec, totals(entry.source.info for entry in manifest.entries), manifest.totals),
        items=items,
        findings=_of(manifest.findings, None),
    )


def offer_page(page: Page, offered: Paid, findings: Sequence[Finding]) -> Page:
    """The page of a `run` that stops after the price: *page* is that of its plan, *findings* are the offer's own."""
    together = (*page.findings, *findings)
    every = (*together, *(finding for item in page.items for finding in item.findings))
    return page.model_copy(
        update={
            "command": "run",
            "lead": _shares([item.steps for item in page.items], every, planned=page.command == "plan"),
            "paid": offered,
            "findings": together,
            "state": worst(every),
        }
    )


def paid_page(page: Page, paid: Paid, findings: Sequence[Finding]) -> Page:
    """The page of `run`: *page* is that of its preparation, *findings* are the run's own."""
    return offer_page(page, paid, findings).model_copy(update={"verdict": "Generated"})


def _of(findings: Sequence[Finding], tag: str | None) -> tuple[Finding, ...]:
    """The findings about one reference; with None those about the set or the prompt."""
    return tuple(finding for finding in findings if (finding.tag if finding.subject else None) == tag)


def _report_conclusion(report: Report) -> tuple[str, str]:
    """The verdict of a check, and a sentence about it."""
    lead = f"{report_verdict(report)}."
    if errors_in(report.findings):
        return "Would be refused", lead
    if report.deselected:
        return "Partly checked", f"{lead[:1].upper()}{lead[1:]}"
    if any(finding.rule == "part-not-made" for finding in report.findings):
        return "Meets the limits after prep", "`prep` has to make the parts you asked for first."
    if any(fix.made for fix in report.fixes):
        return "Meets the limits", "The files that were made can be sent."
    return "Meets the limits", "The files can be sent as they are."


def _status(report: Report, tag: str) -> str:
    findings = _of(report.findings, tag)
    if errors := errors_in(findings):
        return problems(errors)
    warnings = sum(finding.severity == "warning" for finding in findings)
    if warnings:
        return count(warnings, "warning")
    if findings:
        return count(len(findings), "note")
    return praise(report, tag)


def _outcome(steps: tuple[Step, ...], findings: Sequence[Finding]) -> str:
    if errors_in(findings):
        return "can't be fixed"
    return (f"re-made in {count(len(steps), 'step')}" if steps else "unchanged") + _warnings(findings)


def _shares(all_steps: Sequence[Sequence[object]], findings: Sequence[Finding], *, planned: bool) -> str:
    changed = sum(bool(steps) for steps in all_steps)
    unchanged = len(all_steps) - changed
    if not changed:
        return f"Every file stays unchanged, byte for byte{_warnings(findings)}."
    rest = f", {unchanged} unchanged" if unchanged else ""
    made = "The reference" if len(all_steps) == 1 else f"{changed} of {len(all_steps)} references"
    verb = "will be" if planned else "was" if changed == 1 else "were"
    return f"{made} {verb} re-made{rest}{_warnings(findings)}."


def _warnings(findings: Sequence[Finding]) -> str:
    warnings = sum(finding.severity == "warning" for finding in findings)
    return f"; {count(warnings, 'warning')}" if warnings else ""
