"""One reference on the page of a report."""

from collections.abc import Sequence
from typing import NamedTuple

from prep.model.finding import Finding
from prep.model.media import ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import CropTo, Step, Trim, find
from prep.model.preview import Preview
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.model.value import Value
from prep.planning.requested import crop_in_pixels
from prep.render.html.facts import Fact, facts_of
from prep.render.steps import describe_step, reasons
from prep.rules.amounts import amount, span


class StepLine(Value):
    """One step in words, and the rules that it is for."""

    change: str
    note: str
    because: str


class Part(Value):
    """The part of a clip that is used: *begin* and *end* as parts of its length, and in words."""

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
    """One reference. *after* None: it is not re-made, or not yet. *state*: its worst severity."""

    tag: str
    name: str | None
    label: str
    path: str
    kind: str
    state: str
    status: str
    facts: tuple[Fact, ...]
    before: Preview = Preview()
    after: Preview | None = None
    after_label: str = ""
    note: str = ""
    part: Part | None = None
    crop: Box | None = None
    steps: tuple[StepLine, ...] = ()
    findings: tuple[Finding, ...] = ()


class Subject(NamedTuple):
    """A reference, the facts of its source, and the findings about it."""

    tag: str
    reference: Reference
    source: MediaInfo
    findings: tuple[Finding, ...]


class Outcome(NamedTuple):
    """The steps for a reference and their result. *label* heads the result; *size_known*: its bytes are no bound."""

    status: str
    steps: tuple[Step, ...] = ()
    result: MediaInfo | None = None
    label: str = ""
    size_known: bool = True


def item_of(subject: Subject, outcome: Outcome, before: Preview, after: Preview | None = None) -> Item:
    tag, reference, source, findings = subject
    hdr = isinstance(source, VideoInfo) and source.hdr
    steps = outcome.steps
    return Item(
        tag=tag,
        name=reference.name,
        label=reference.label,
        path=shown(reference.location),
        kind=source.kind,
        state=worst(findings),
        status=outcome.status,
        facts=facts_of(source, outcome.result if steps else None, size_known=outcome.size_known),
        before=before,
        after=after if steps else None,
        after_label=outcome.label,
        note="HDR, shown without tone mapping" if hdr and before.picture else "",
        part=_part(source, reference, steps),
        crop=_crop(source, reference, steps),
        steps=tuple(
            StepLine(change=describe_step(step), note=step.note, because=because)
            for step, because in zip(steps, reasons(steps), strict=True)
        ),
        findings=findings,
    )


def worst(findings: Sequence[Finding]) -> str:
    """The worst severity: "error", "warning" or "fine"."""
    severities = {finding.severity for finding in findings}
    return next((severity for severity in ("error", "warning") if severity in severities), "fine")


def _part(source: MediaInfo, reference: Reference, steps: tuple[Step, ...]) -> Part | None:
    """The part that is kept, or, where nothing is planned yet, that the user asked for."""
    if isinstance(source, ImageInfo):
        return None
    trim, part = find(steps, Trim), reference.part if not steps else None
    if trim is not None:
        word, start_s, end_s = "keeps", trim.start_s, trim.start_s + trim.duration_s
    elif part is not None and part.best_s is None:
        word, start_s, end_s = "you asked for", part.start_s, min(part.end_s or source.duration_s, source.duration_s)
    else:
        return None
    return Part(
        begin=start_s / source.duration_s,
        end=min(1.0, end_s / source.duration_s),
        words=f"{word} {span(start_s, end_s - start_s)} of {amount(source.duration_s, 's')}",
    )


def _crop(source: MediaInfo, reference: Reference, steps: tuple[Step, ...]) -> Box | None:
    if not isinstance(source, ImageInfo | VideoInfo):
        return None
    crop = find(steps, CropTo)
    if crop is None and not steps and reference.crop is not None:
        crop = crop_in_pixels(reference.crop, source.width, source.height, reference.label)
    if crop is None:
        return None
    return Box(
        left=crop.x / source.width,
        top=crop.y / source.height,
        width=crop.width / source.width,
        height=crop.height / source.height,
    )
