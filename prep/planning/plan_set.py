"""The joint plan: the steps for every reference, what they lead to, and what remains wrong."""

from collections.abc import Sequence

from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import AudioInfo, ImageInfo
from prep.model.plan import CropTo, Options, Pad, Plan, PlanEntry, Scale, Step, find
from prep.model.source import Source
from prep.planning.draft import StepsByTag, plan_steps
from prep.planning.image import advise_on_enlargement
from prep.planning.predict import predict
from prep.planning.requested import cropped, too_long_as_asked, too_long_together
from prep.planning.trim.wanted import check_lengthened, check_wanted
from prep.rules.findings import Findings, about, advice, missed, missed_together
from prep.rules.reference_set import check_repeated, check_set, unless_repeated
from prep.rules.single import check_one

# What is lost in a picture or a sound stays lost.
UPSCALED = frozenset({"image-upscaled-much", "video-upscaled-much"})
LOST = UPSCALED | {"video-bit-rate-very-low", "audio-bit-rate-very-low"}
# More padding than this leaves little of the picture.
MOSTLY = 0.5


def plan_set(
    sources: Sequence[Source], spec: EndpointSpec, options: Options, drafted: StepsByTag | None = None
) -> Plan:
    """Choose the steps for every reference, predict the outcome, and judge it by the rules.

    *drafted* are the steps that `plan_steps` gave for these very sources; None: they are planned here. Findings that
    remain after the steps are in the plan's *unfixable*. Raises UsageError when a part or a crop that the user asked
    for does not exist in the source.
    """
    steps = plan_steps(sources, spec, options) if drafted is None else drafted
    entries = tuple(_entry(source, steps[source.tag], spec) for source in sources)
    whole = totals(entry.predicted for entry in entries)
    left = [finding for entry in entries for finding in _advice_left(entry, spec)]
    of_files = (*left, *(finding for entry in entries for finding in entry.unfixable))
    over_set = unless_repeated(
        check_set(whole, spec, [(entry.predicted.kind, entry.label) for entry in entries]), of_files, whole
    )
    made = frozenset(entry.source.kind for entry in entries if entry.steps)
    missed_by_set = missed_together(over_set, made)
    errors = {finding.rule for finding in missed_by_set}
    warnings = left + [finding for entry in entries for finding in (*_size_advice(entry, spec), *_padding(entry))]
    for entry in entries:
        changed = check_wanted(entry, options, spec) or check_lengthened(entry, spec)
        warnings += about(changed, entry.label, entry.tag)
    warnings += [finding for finding in over_set if finding.rule not in errors]
    warnings += check_repeated(sources)
    return Plan(
        endpoint=spec.endpoint,
        options=options,
        entries=entries,
        warnings=tuple(finding for finding in warnings if finding.severity != "error"),
        set_unfixable=tuple(too_long_together(_without_fix(finding), sources) for finding in missed_by_set),
    )


def _entry(source: Source, steps: tuple[Step, ...], spec: EndpointSpec) -> PlanEntry:
    predicted = predict(source.info, steps)
    missing = missed(check_one(predicted, spec), made=bool(steps))
    remaining = [too_long_as_asked(_without_fix(finding), source) for finding in missing]
    return PlanEntry(
        tag=source.tag,
        reference=source.reference,
        source=source.info,
        fingerprint=source.fingerprint,
        url=None if steps else source.url,
        steps=steps,
        predicted=predicted,
        unfixable=about(remaining, source.label, source.tag),
    )


def _without_fix(finding: Finding) -> Finding:
    """A finding that the plan does not fix promises no fix."""
    return finding.model_copy(update={"fix": None})


def _advice_left(entry: PlanEntry, spec: EndpointSpec) -> Findings:
    """Findings about what comes out; none beside errors that remain."""
    return () if entry.unfixable else about(check_one(entry.predicted, spec), entry.label, entry.tag)


def _losses(entry: PlanEntry, spec: EndpointSpec) -> Findings:
    """Findings about the source that re-making does not fix, though the facts of the new file don't show them."""
    if not entry.steps or entry.unfixable:
        return ()
    info = cropped(entry.source, find(entry.steps, CropTo))
    known = {finding.rule for finding in check_one(entry.predicted, spec)}
    scale = find(entry.steps, Scale)
    if scale is None or isinstance(info, AudioInfo) or scale.width <= info.width:
        known |= UPSCALED  # what is too thin may be padded rather than enlarged
    lost = (finding for finding in check_one(info, spec) if finding.rule in LOST - known)
    return about(lost, entry.label, entry.tag)


def _size_advice(entry: PlanEntry, spec: EndpointSpec) -> Findings:
    """What is lost; of an image that is enlarged, but not much, that it is."""
    losses = _losses(entry, spec)
    if not isinstance(entry.source, ImageInfo) or any(finding.rule in UPSCALED for finding in losses):
        return losses
    return (*losses, *about(advise_on_enlargement(entry.source, entry.steps), entry.label, entry.tag))


def _padding(entry: PlanEntry) -> Findings:
    """Warn when most of what comes out is padding."""
    pad, info = find(entry.steps, Pad), entry.source
    if pad is None or isinstance(info, AudioInfo):
        return ()
    content = find(entry.steps, Scale) or find(entry.steps, CropTo) or info
    share = 1 - content.width * content.height / (pad.width * pad.height)
    if share <= MOSTLY:
        return ()
    message = f"padding makes up {100 * share:.0f} % of {pad.width}×{pad.height}; `fit=crop` crops it instead"
    finding = advice(f"{info.kind}-mostly-padding", round(share, 3), MOSTLY, message, "ratio")
    return about(finding, entry.label, entry.tag)
