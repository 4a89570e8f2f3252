"""The view: everything that the page shows, as one JSON document in the words of the command."""

from typing import Any

from prep.flag_names import in_flags
from prep.model.analysis import Cuts
from prep.model.finding import Finding, errors_in
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import Options, Plan, PlanEntry, Trim, Window, find
from prep.model.preview import Preview
from prep.model.redact import shown
from prep.planning.requested import requested_crop
from prep.planning.trim.part import kept_part
from prep.planning.trim.video_window import choose_windows
from prep.render.describe import describe, describe_predicted, size_known
from prep.render.html.gauge import gauges
from prep.render.html.item import Outcome, Subject, item_of, worst
from prep.render.html.page_values import plan_page
from prep.render.steps import describe_step
from prep.render.verdict import way_out
from prep.rules.amounts import amount, count, span
from submit.review.board import Position
from submit.review.draft import Card
from submit.review.pictures import look_of, whole, why_not_visible
from submit.review.view.browsers import plays_everywhere
from submit.review.view.command_line import command_line, job_file
from submit.review.view.crops import guides, shapes
from submit.review.view.parameters import options_data, parameters_data
from submit.review.work import Places

# The steps that change the shape or the size of a picture.
SHAPING = ("orient", "crop", "scale", "pad")
NEAR_S = 0.5  # a part that begins so close to the kept one is no other


def page_data(position: Position, places: Places, *, sandbox: bool) -> dict[str, Any]:
    """The draft of *position* with its plan, findings and price; neither the price nor the work."""
    draft, judgement, spec = position.draft, position.judgement, places.spec
    plan = judgement.plan
    tags = draft.tags
    entries = {entry.tag: entry for entry in plan.entries} if plan else {}
    return {
        "revision": position.revision,
        "settled": position.settled,
        "verdict": _verdict(position, spec),
        "cards": [_card(card, entries.get(tags.get(card.id, "")), position, spec) for card in draft.cards],
        "budgets": _budgets(plan, spec) if plan else [],
        "notes": [finding_data(finding) for finding in _about_set(position)],
        "prompt": {
            "text": draft.prompt,
            "sent": judgement.offer.request.prompt if judgement.offer else "",
            "findings": [finding_data(finding) for finding in judgement.findings],
            "names": [
                {"word": f"@{name}" if name else tag, "tag": tag, "label": entries[tag].label}
                for tag, name in draft.names.items()
                if tag in entries
            ],
        },
        "parameters": parameters_data(draft.generation, spec),
        "options": options_data(draft.options),
        "command": shown(command_line(draft, spec.endpoint, places.out, sandbox=sandbox)),
        "job_file": job_file(draft, spec.endpoint),
    }


def finding_data(finding: Finding) -> dict[str, Any]:
    """One finding, with its way out."""
    way = in_flags(way_out(finding))
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "subject": shown(finding.subject) if finding.subject else "",
        "message": in_flags(finding.message),
        "way": f"prep would {way}" if finding.fix else sentence(way),
    }


def _verdict(position: Position, spec: EndpointSpec) -> dict[str, str]:
    draft, plan = position.draft, position.judgement.plan
    unreadable = sum(bool(card.error) for card in draft.cards)
    if not draft.cards:
        return {"state": "empty", "title": "Nothing here yet", "lead": "Drop images, videos and sounds on this page."}
    if position.trouble:
        return {"state": "error", "title": "Can't be prepared", "lead": position.trouble}
    if unreadable:
        files = "1 file" if unreadable == 1 else f"{unreadable} files"
        return {
            "state": "error",
            "title": f"{files} can't be read",
            "lead": "Remove what can't be read, or replace it.",
        }
    if plan is None or draft.waiting:
        return {"state": "busy", "title": "Reading", "lead": "The references are being read."}
    page = plan_page(plan, spec, [Preview()] * len(plan.entries))
    return {"state": page.state, "title": page.verdict, "lead": in_flags(page.lead)}


def _about_set(position: Position) -> list[Finding]:
    plan, report = position.judgement.plan, position.judgement.report
    if plan is None or report is None:
        return [*position.draft.notes]
    return [*(finding for finding in (*plan.unfixable, *plan.warnings) if not finding.subject), *position.draft.notes]


def _card(card: Card, entry: PlanEntry | None, position: Position, spec: EndpointSpec) -> dict[str, Any]:
    """One reference. *entry* None: it is being read, or can't be."""
    reference, plan, report = card.reference, position.judgement.plan, position.judgement.report
    data: dict[str, Any] = {
        "id": card.id,
        "label": shown(reference.label),
        "name": reference.name or "",
        "path": "" if card.uploaded else shown(reference.public_location),
        "uploaded": card.uploaded,
        "error": card.error,
        "track": reference.track or "",
    }
    if card.source is None or entry is None or plan is None or report is None:
        return data | {
            "kind": "",
            "state": "error" if card.error else "busy",
            "status": "" if card.error else "reading",
        }
    left = [finding for finding in (*plan.unfixable, *plan.warnings) if finding.subject and finding.tag == entry.tag]
    mended = [finding for finding in report.findings if finding.subject and finding.tag == entry.tag]
    item = item_of(
        Subject(entry.tag, reference, entry.source, tuple(left)),
        Outcome(_status(entry, left), entry.steps, entry.predicted, "Planned", size_known(entry)),
        Preview(),
    )
    messages = {finding.rule: in_flags(finding.message) for finding in mended}
    reasons = [[messages.pop(rule) for rule in step.because if rule in messages] for step in entry.steps]
    return data | {
        "kind": entry.source.kind,
        "tag": entry.tag,
        "state": worst(left),
        "status": item.status,
        "source": describe(entry.source),
        "result": describe_predicted(entry) if entry.steps else "",
        "steps": [
            {
                "change": sentence(line.change),
                "because": line.because,
                "why": [text for text in (in_flags(line.note), "; ".join(why[:2]) or _asked(line.because)) if text],
            }
            for line, why in zip(item.steps, reasons, strict=True)
        ],
        "findings": [finding_data(finding) for finding in left],
        "why_not_visible": why_not_visible(reference, entry.source),
        "tracks": _tracks(card, entry),
        "time": _time(card, entry),
        "picture": _picture(card, entry, spec, position.draft.options),
    }


def sentence(text: str) -> str:
    """*text* with a capital letter first."""
    return text[:1].upper() + text[1:]


def _asked(because: str) -> str:
    return because if because == "you asked" else ""


def _status(entry: PlanEntry, left: list[Finding]) -> str:
    if errors_in(tuple(left)):
        return "can't be fixed"
    if not entry.steps:
        return "sent as its URL" if entry.url is not None else "unchanged, byte for byte"
    return f"will be re-made in {count(len(entry.steps), 'step')}"


def _tracks(card: Card, entry: PlanEntry) -> list[dict[str, str]]:
    """What the reference may be used as; empty where there is no choice."""
    info = entry.source
    if card.reference.track == "audio" or (isinstance(info, VideoInfo) and info.has_audio and not card.reference.track):
        return [{"value": "", "label": "Video"}, {"value": "audio", "label": "Its sound alone"}]
    if card.reference.track == "video" or (isinstance(info, ImageInfo) and info.frames > 1):
        return [{"value": "", "label": "Picture"}, {"value": "video", "label": "As a video"}]
    return []


def _time(card: Card, entry: PlanEntry) -> dict[str, Any] | None:
    info, part = entry.source, kept_part(entry)
    if isinstance(info, ImageInfo) or part is None or card.source is None:
        return None
    start_s, end_s = part
    visible = not why_not_visible(card.reference, info)
    cuts = card.source.scan.cuts or Cuts()
    return {
        "duration_s": info.duration_s,
        "frame_s": 1 / info.avg_fps if isinstance(info, VideoInfo) and info.avg_fps else 0.1,
        "start_s": round(start_s, 6),
        "end_s": round(end_s, 6),
        "start": exact_moment(start_s),
        "end": exact_moment(end_s),
        "asked": card.reference.part is not None,
        "alternatives": [
            {
                "start": f"{window.start_s:.3f}",
                "end": f"{window.start_s + window.duration_s:.3f}",
                "words": span(window.start_s, window.duration_s),
                "why": window.why,
            }
            for window in _other_parts(card, entry)
        ],
        "cuts": [round(time_s, 3) for time_s in cuts.times_s],
        "sound": info.audio_stream is not None,
        "strip": isinstance(info, VideoInfo) and info.codec != "webp" and visible,
        "visible": visible,
        "plays": plays_everywhere(info) and visible,
    }


def _other_parts(card: Card, entry: PlanEntry) -> tuple[Window, ...]:
    """Other parts worth keeping: those of the plan, or, where the user named a part, others that last as long."""
    trim = find(entry.steps, Trim)
    if trim is None or card.source is None or trim.alternatives:
        return trim.alternatives if trim else ()
    scan, info = card.source.scan, entry.source
    if not isinstance(info, VideoInfo) or not scan.glimpses:
        return ()
    windows = choose_windows(scan, info.picture_s or info.duration_s, trim.duration_s, "best")
    return tuple(window for window in windows if abs(window.start_s - trim.start_s) > NEAR_S)


def _picture(card: Card, entry: PlanEntry, spec: EndpointSpec, options: Options) -> dict[str, Any] | None:
    info = entry.source
    if isinstance(info, AudioInfo) or isinstance(entry.predicted, AudioInfo) or card.source is None:
        return None
    crop = requested_crop(card.source.model_copy(update={"reference": card.reference}))
    moment = f"{sum(kept_part(entry) or (0.0, 0.0)) / 2:.2f}"
    sides = {"x": 0.0, "y": 0.0, "width": 100.0, "height": 100.0}
    if crop is not None:
        sides = {
            "x": 100 * crop.x / info.width,
            "y": 100 * crop.y / info.height,
            "width": 100 * crop.width / info.width,
            "height": 100 * crop.height / info.height,
        }
    predicted = entry.predicted
    assert not isinstance(predicted, AudioInfo)
    return {
        "visible": not why_not_visible(card.reference, info),
        "width": info.width,
        "height": info.height,
        "after_width": predicted.width,
        "after_height": predicted.height,
        # a picture is another one when its version is
        "versions": {
            "before": moment,
            "after": f"{look_of(entry)}-{moment}",
            "whole": f"{look_of(whole(entry))}-{moment}",
        },
        "words": ", ".join([describe_step(step) for step in entry.steps if step.kind in SHAPING]) or "its shape stays",
        "crop": sides,
        "cropped": crop is not None,
        "shapes": [shape._asdict() for shape in shapes(info, spec)],
        "guides": guides(info, spec, options)._asdict(),
        "before": "As SDR viewers show it" if info.hdr else "As it is",
    }


def exact_moment(time_s: float) -> str:
    """A time to type and read: "1:03.25"."""
    minutes, seconds = divmod(round(time_s, 3), 60)
    text = f"{seconds:06.3f}".rstrip("0")
    return f"{int(minutes)}:{text}0" if text.endswith(".") else f"{int(minutes)}:{text}"


def _budgets(plan: Plan, spec: EndpointSpec) -> list[dict[str, Any]]:
    """The gauges of the report; those of seconds with what each reference takes of them."""
    before, after = totals(entry.source for entry in plan.entries), totals(entry.predicted for entry in plan.entries)
    listed = []
    for gauge in gauges(spec, before, after, bounded="video" in plan.kinds_made):
        if gauge.name == "Video, bytes":
            continue  # kept within the limit, or a finding
        kind = {"Video, seconds": "video", "Sound, seconds": "audio"}.get(gauge.name, "")
        total_s = after.video_duration_s if kind == "video" else after.audio_duration_s
        # the gauge leaves room for the whole sources; here all is measured by the limit
        used = gauge.used / gauge.limit
        whole = max(1.0, used)
        segments = [
            {"tag": tag, "label": f"{tag} {amount(lasts_s, 's')}", "part": used / whole * lasts_s / total_s}
            for tag, lasts_s in _seconds(plan, kind)
        ]
        words = gauge.words if kind else _counted(gauge.name, gauge.words)
        bar = {"name": gauge.name.replace(",", ":"), "words": words, "state": gauge.state, "limit": 1 / whole}
        listed.append(bar | {"segments": segments})
    return listed


def _counted(name: str, words: str) -> str:
    """A gauge that counts files as a phrase: "4 of 3 videos, 1 over"."""
    number, comma, rest = words.partition(",")
    return f"{number} {name.lower()}{comma}{rest}"


def _seconds(plan: Plan, kind: str) -> list[tuple[str, float]]:
    """The seconds that each reference of one kind will last, by its tag."""
    return [
        (entry.tag, entry.predicted.duration_s)
        for entry in plan.entries
        if not isinstance(entry.predicted, ImageInfo) and entry.predicted.kind == kind
    ]
