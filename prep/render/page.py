"""What stands on the page of a report, ready to be laid out: `report_page`, `plan_page`, `manifest_page`."""

from collections.abc import Sequence

from prep.model.finding import Finding, errors_in
from prep.model.limits import EndpointSpec, Value
from prep.model.manifest import Manifest, totals
from prep.model.media import ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import CropTo, Plan, Step, Trim, find
from prep.model.preview import Preview
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.model.report import Report
from prep.model.source import Source
from prep.planning.geometry import asked_crop
from prep.planning.requested import denoted
from prep.render.describe import describe_step
from prep.render.facts import Fact, facts_of
from prep.render.gauge import Gauge, gauges
from prep.rules.findings import amount


class Done(Value):
    """One step in words, and the rules (or `asked`) that it is because of."""

    what: str
    note: str
    because: tuple[str, ...]


class Kept(Value):
    """The part of a clip that is kept: *begin* and *end* as parts of its length, and in words."""

    begin: float
    end: float
    words: str


class Box(Value):
    """A rectangle as parts of the picture that it lies in."""

    left: float
    top: float
    width: float
    height: float


class Item(Value):
    """One reference. *made* None: nothing was made of it, or not yet. *state*: the worst that is to be said of it."""

    tag: str
    name: str | None
    label: str
    path: str
    kind: str
    state: str
    status: str
    facts: tuple[Fact, ...]
    made_label: str = ""
    given: Preview = Preview()
    made: Preview | None = None
    note: str = ""
    kept: Kept | None = None
    crop: Box | None = None
    steps: tuple[Done, ...] = ()
    findings: tuple[Finding, ...] = ()


class Paid(Value):
    """What was asked of the platform. *price* None: not published. *request* is the JSON that was sent."""

    prompt: str
    price: str | None
    request_id: str
    result: str
    request: str
    timings: str


class Page(Value):
    """The whole page. *state* is "fine", "warning" or "error"; *findings* are those about no one reference."""

    command: str
    verdict: str
    lead: str
    state: str
    endpoint: str
    checked: str
    tools: str
    gauges: tuple[Gauge, ...]
    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()
    paid: Paid | None = None


def report_page(report: Report, spec: EndpointSpec, given: Sequence[Preview], tools: str) -> Page:
    """The page of `check`; a preview for each reference, in order."""
    used = totals(denoted(Source(tag=i.tag, reference=i.reference, info=i.info)) for i in report.references)
    items = tuple(
        _item(
            item.tag,
            item.reference,
            item.info,
            preview,
            _of(report.findings, item.tag),
            status=_found(report, item.tag),
        )
        for item, preview in zip(report.references, given, strict=True)
    )
    verdict, lead = _judged(report)
    return Page(
        command="check",
        verdict=verdict,
        lead=lead,
        state=_worst(report.findings),
        endpoint=report.endpoint,
        checked=str(spec.checked),
        tools=tools,
        gauges=gauges(spec, report.totals, used),
        items=items,
        findings=_of(report.findings, None),
    )


def plan_page(
    plan: Plan, spec: EndpointSpec, given: Sequence[Preview], tools: str, refused: tuple[Finding, ...] = ()
) -> Page:
    """The page of `plan`, or of a `prep` or `run` that was *refused* because of findings."""
    standing = errors_in(refused) or plan.unfixable
    found = (*(refused or plan.unfixable), *plan.warnings)
    items = tuple(
        _item(
            entry.tag,
            entry.reference,
            entry.source,
            preview,
            _of(found, entry.tag),
            status="can't be mended" if errors_in(_of(found, entry.tag)) else _changes(entry.steps, "re-made in"),
            result=entry.predicted,
            steps=entry.steps,
            made_label="Planned",
        )
        for entry, preview in zip(plan.entries, given, strict=True)
    )
    if standing:
        count = len(standing)
        verdict = "Can't be mended"
        lead = f"{_count(count, 'problem')} {'stands' if count == 1 else 'stand'} whatever is done; nothing is made."
    else:
        verdict = "Can be made to comply" if plan.kinds_made else "Complies"
        lead = _shares([entry.steps for entry in plan.entries], done=False)
    return Page(
        command="plan",
        verdict=verdict,
        lead=lead,
        state=_worst(found),
        endpoint=plan.endpoint,
        checked=str(spec.checked),
        tools=tools,
        gauges=gauges(
            spec,
            totals(entry.source for entry in plan.entries),
            totals(entry.predicted for entry in plan.entries),
            bounded="video" in plan.kinds_made,
        ),
        items=items,
        findings=_of(found, None),
    )


def manifest_page(
    manifest: Manifest, spec: EndpointSpec, given: Sequence[Preview], made: Sequence[Preview | None], tools: str
) -> Page:
    """The page of `prep`; *made* are previews of the files that came out, None where nothing was changed."""
    items = tuple(
        _item(
            entry.tag,
            Reference.model_construct(location=entry.source.path, name=entry.name),
            entry.source.info,
            before,
            _of(manifest.findings, entry.tag),
            status=_changes(entry.steps, "re-made in"),
            result=entry.output.info,
            steps=entry.steps,
            made=after,
            made_label="Made",
        )
        for entry, before, after in zip(manifest.entries, given, made, strict=True)
    )
    return Page(
        command="prep",
        verdict="Compliant",
        lead=_shares([entry.steps for entry in manifest.entries], done=True),
        state=_worst(manifest.findings),
        endpoint=manifest.endpoint,
        checked=str(spec.checked),
        tools=f"{tools}, ffmpeg {manifest.tool.ffmpeg}",
        gauges=gauges(spec, totals(entry.source.info for entry in manifest.entries), manifest.totals),
        items=items,
        findings=_of(manifest.findings, None),
    )


def paid_page(page: Page, paid: Paid, findings: Sequence[Finding]) -> Page:
    """The page of `run`: that of its preparation, and what was asked of the platform. *findings* are the run's own."""
    return page.model_copy(
        update={
            "command": "run",
            "verdict": "Generated",
            "paid": paid,
            "findings": (*page.findings, *findings),
            "state": _worst((*page.findings, *findings, *(f for item in page.items for f in item.findings))),
        }
    )


def _item(
    tag: str,
    reference: Reference,
    source: MediaInfo,
    given: Preview,
    findings: tuple[Finding, ...],
    *,
    status: str,
    result: MediaInfo | None = None,
    steps: tuple[Step, ...] = (),
    made: Preview | None = None,
    made_label: str = "",
) -> Item:
    hdr = isinstance(source, VideoInfo) and source.hdr
    return Item(
        tag=tag,
        name=reference.name,
        label=reference.label,
        path=shown(reference.location),
        kind=source.kind,
        state=_worst(findings),
        status=status,
        facts=facts_of(source, result if steps else None, bounded=made_label == "Planned"),
        made_label=made_label,
        given=given,
        made=made if steps else None,
        note="HDR, shown without tone mapping" if hdr and given.picture else "",
        kept=_kept(source, reference, steps),
        crop=_crop(source, reference, steps),
        steps=tuple(Done(what=describe_step(step), note=step.note, because=step.because) for step in steps),
        findings=findings,
    )


def _kept(source: MediaInfo, reference: Reference, steps: tuple[Step, ...]) -> Kept | None:
    """The part that is kept, or, where nothing is planned yet, that was asked for."""
    if isinstance(source, ImageInfo):
        return None
    trim, part = find(steps, Trim), reference.part if not steps else None
    if trim is not None:
        word, start_s, end_s = "kept", trim.start_s, trim.start_s + trim.duration_s
    elif part is not None:
        word, start_s, end_s = "asked for", part.start_s, min(part.end_s or source.duration_s, source.duration_s)
    else:
        return None
    return Kept(
        begin=start_s / source.duration_s,
        end=min(1.0, end_s / source.duration_s),
        words=f"{word}: {amount(start_s, 's')} to {amount(end_s, 's')} of {amount(source.duration_s, 's')}",
    )


def _crop(source: MediaInfo, reference: Reference, steps: tuple[Step, ...]) -> Box | None:
    if not isinstance(source, ImageInfo | VideoInfo):
        return None
    crop = find(steps, CropTo)
    if crop is None and not steps and reference.crop is not None:
        crop = asked_crop(reference.crop, source.width, source.height, reference.label)
    if crop is None:
        return None
    return Box(
        left=crop.x / source.width,
        top=crop.y / source.height,
        width=crop.width / source.width,
        height=crop.height / source.height,
    )


def _of(findings: Sequence[Finding], tag: str | None) -> tuple[Finding, ...]:
    """Those about one reference; with None those about the set or the prompt."""
    return tuple(finding for finding in findings if (finding.tag if finding.subject else None) == tag)


def _worst(findings: Sequence[Finding]) -> str:
    severities = {finding.severity for finding in findings}
    return next((severity for severity in ("error", "warning") if severity in severities), "fine")


def _judged(report: Report) -> tuple[str, str]:
    """The verdict of a check, and a sentence about it."""
    if errors := errors_in(report.findings):
        return "Would be refused", f"{_count(len(errors), 'problem')}, {_mended(errors)}."
    if report.deselected:
        left_out = f"{_count(report.deselected, 'finding')} {'is' if report.deselected == 1 else 'are'} left out"
        return "Not judged as a whole", f"No problem under the rules selected; {left_out}."
    if any(finding.rule == "part-not-made" for finding in report.findings):
        return "Complies, once made", "The parts that were asked for comply; prep has to make them first."
    if any(fix.made for fix in report.fixes):
        return "Complies, as made", "The endpoint would take what was made."
    return "Complies", "The endpoint would take this as it is."


def _found(report: Report, tag: str) -> str:
    findings = _of(report.findings, tag)
    errors = errors_in(findings)
    if errors:
        return f"{_count(len(errors), 'problem')}, {_mended(errors)}"
    warnings = sum(finding.severity == "warning" for finding in findings)
    if warnings:
        return _count(warnings, "warning")
    if findings:
        return _count(len(findings), "note")
    if any(fix.made and fix.steps for fix in report.fixes if fix.tag == tag):
        return "made to comply"
    return "nothing of what was asked" if report.deselected else "fine as it is"


def _mended(errors: tuple[Finding, ...]) -> str:
    fixable = sum(finding.fix is not None for finding in errors)
    if fixable == len(errors):
        return "which prep mends" if fixable == 1 else "all of which prep mends"
    return f"{fixable} of which prep mends" if fixable else "which prep can't mend"


def _changes(steps: tuple[Step, ...], verb: str) -> str:
    return f"{verb} {_count(len(steps), 'step')}" if steps else "byte for byte as given"


def _shares(all_steps: Sequence[tuple[Step, ...]], *, done: bool) -> str:
    changed = sum(bool(steps) for steps in all_steps)
    others = len(all_steps) - changed
    be, go = (("was", "were"), ("went", "went")) if done else (("is", "are"), ("goes", "go"))
    told = []
    if changed:
        told.append(f"{changed} of {_count(len(all_steps), 'reference')} {be[changed > 1]} re-made")
    if others:
        told.append(f"{others if changed else 'every file'} {go[others > 1 and bool(changed)]} through byte for byte")
    text = ", ".join(told)
    return f"{text[:1].upper()}{text[1:]}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
