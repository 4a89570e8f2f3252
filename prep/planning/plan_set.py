"""The joint plan: each reference by itself, and all of them under the limits that they share."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from prep.errors import UsageError
from prep.model.analysis import Questions
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import CropTo, Options, Plan, PlanEntry, Scale, Step, Trim, find
from prep.model.reference import Part
from prep.model.source import Source
from prep.planning.audio import audio_steps, is_stripped, padding_s, unpadded_s
from prep.planning.audio import must_be_remade as audio_must_be_remade
from prep.planning.audio_window import best_stretch
from prep.planning.budget_bytes import Footage, share_bytes
from prep.planning.budget_seconds import Clip, Length, TimeLimits, share_seconds
from prep.planning.geometry import real_crop
from prep.planning.image import Still, enlarged, image_steps, questions
from prep.planning.predict import predict
from prep.planning.video import Wanted, must_be_encoded, must_be_remade, video_steps
from prep.planning.video_window import choose_window
from prep.rules.findings import about, missed, missed_together
from prep.rules.reference_set import check_set
from prep.rules.single import check_one

# What is lost in a picture or a sound stays lost.
UNMENDED = frozenset(
    {"image-upscaled-much", "video-upscaled-much", "video-bit-rate-very-low", "audio-bit-rate-very-low"}
)


def plan_set(sources: Sequence[Source], spec: EndpointSpec, options: Options) -> Plan:
    """Choose the steps for every reference, predict the outcome, and judge it by the rules.

    What stands after the steps is in the plan's *unfixable*. Raises UsageError when a part or a crop that the user
    asked for does not exist in the source.
    """
    steps = _all_steps(sources, spec, options)
    entries = tuple(_entry(source, steps[source.tag], spec) for source in sources)
    over_set = check_set(totals(entry.predicted for entry in entries), spec)
    made = frozenset(entry.source.kind for entry in entries if entry.steps)
    together = missed_together(over_set, made)
    left = [finding for entry in entries for finding in _standing(entry, spec) if not entry.unfixable]
    left += [finding for entry in entries for finding in (*_unmended(entry, spec), *_enlarged(entry))]
    told = {finding.rule for finding in together}
    warned = [finding for finding in (*left, *over_set) if finding.severity != "error"]
    return Plan(
        endpoint=spec.endpoint,
        options=options,
        entries=entries,
        warnings=tuple(finding for finding in warned if finding.subject or finding.rule not in told),
        set_unfixable=tuple(_for_good(finding) for finding in together),
    )


def refuse_inapplicable(source: Source) -> None:
    """Raise UsageError for what an image or a sound does not have: nothing that was asked for is left out silently."""
    if isinstance(source.info, ImageInfo) and source.reference.part is not None:
        _refuse_all_but_a_moment(source, source.info, source.reference.part)
    if isinstance(source.info, AudioInfo) and source.reference.crop is not None:
        raise UsageError(f"{source.label}: #xywh= crops a picture, but this is a sound")


def _refuse_all_but_a_moment(source: Source, info: ImageInfo, part: Part) -> None:
    if info.frames == 1:
        raise UsageError(f"{source.label}: #t= picks a part of a video or a sound, but this is a still picture")
    if info.container == "tiff":
        raise UsageError(f"{source.label}: #t= can't pick one of its {info.frames} pages; leave it out")
    if part.end_s is not None:
        raise UsageError(
            f"{source.label}: an image reference is one picture; write #t={part.start_s:g} for the one shown then, or "
            "add &track=video to keep a clip"
        )


def still_of(source: Source, info: ImageInfo, options: Options) -> Still:
    """*source* as an image that something is wanted of."""
    asked = source.reference
    crop = real_crop(asked.crop, info)
    return Still(label=source.label, info=info, crop=crop, part=asked.part, options=options, look=source.look)


def _all_steps(sources: Sequence[Source], spec: EndpointSpec, options: Options) -> dict[str, tuple[Step, ...]]:
    for source in sources:
        refuse_inapplicable(source)
    lengths = _lengths(sources, spec, options, "video")
    shares = _byte_shares(sources, spec, options, lengths)
    if encoded := frozenset(tag for tag, share in shares.items() if share is not None):
        # what is encoded only for its bytes has to meet the strict seconds as well
        lengths = _lengths(sources, spec, options, "video", encoded)
        shares = _byte_shares(sources, spec, options, lengths)
    lengths |= _lengths(sources, spec, options, "audio")
    steps: dict[str, tuple[Step, ...]] = {}
    for source in sources:
        info = source.info
        if isinstance(info, ImageInfo):
            steps[source.tag] = image_steps(still_of(source, info, options), spec.image)
        elif isinstance(info, VideoInfo):
            wanted = _wanted(source, info, options)
            steps[source.tag] = video_steps(wanted, spec.video, lengths[source.tag], shares[source.tag])
        else:
            steps[source.tag] = audio_steps(info, spec.audio, options, lengths[source.tag])
    return steps


def _lengths(
    sources: Sequence[Source],
    spec: EndpointSpec,
    options: Options,
    kind: Literal["video", "audio"],
    encoded: frozenset[str] = frozenset(),
) -> dict[str, Length]:
    """The part of each video, or of each sound, that is used. *encoded* are the tags of those known to be re-made."""
    timed = [(source, source.info) for source in sources if source.info.kind == kind]
    clips = [
        _video_clip(source, info, spec, options, remade=source.tag in encoded)
        if isinstance(info, VideoInfo)
        else _sound_clip(source, info, spec, options)
        for source, info in timed
        if isinstance(info, VideoInfo | AudioInfo)
    ]
    limits = spec.video if kind == "video" else spec.audio
    budget = TimeLimits(
        least=limits.min_duration_s,
        most=limits.max_duration_s,
        total=limits.max_total_duration_s,
        too_long=f"{kind}-too-long",
        set_too_long=f"{kind}s-too-long",
        lengthen=options.short != "refuse",
    )
    lengths = share_seconds(clips, budget)
    least_s = limits.min_duration_s.value if limits.min_duration_s else 0.0
    return {
        source.tag: _placed(source, length, least_s, options)
        for (source, _), length in zip(timed, lengths, strict=True)
    }


def clip_of(source: Source, info: VideoInfo | AudioInfo, duration_s: float) -> Clip:
    """*source* as something that wants seconds, *duration_s* of them at most."""
    return Clip(
        label=source.label,
        duration_s=duration_s,
        picture_s=info.picture_s if isinstance(info, VideoInfo) else None,
        part=source.reference.part,
    )


def _video_clip(source: Source, info: VideoInfo, spec: EndpointSpec, options: Options, *, remade: bool) -> Clip:
    remade = remade or must_be_remade(_wanted(source, info, options), spec.video)
    return clip_of(source, info, _heard_or_seen(info, options)).model_copy(update={"remade": remade})


def _sound_clip(source: Source, info: AudioInfo, spec: EndpointSpec, options: Options) -> Clip:
    return clip_of(source, info, info.duration_s).model_copy(
        update={
            "remade": audio_must_be_remade(info, spec.audio, options),
            "rewritten": is_stripped(info, options),
            "padding_s": padding_s(info, spec.audio),
            "unpadded_s": unpadded_s(info, spec.audio),
        }
    )


def _heard_or_seen(info: VideoInfo, options: Options) -> float:
    """Without its sound a video lasts as long as its picture."""
    if options.mute and info.has_audio and info.picture_s is not None:
        return info.picture_s
    return info.duration_s


def _placed(source: Source, length: Length, least_s: float, options: Options) -> Length:
    """Where a part begins that was not the user's to begin with."""
    info = source.info
    if not length.cut or source.reference.part is not None or isinstance(info, ImageInfo):
        return length
    shown_s = info.picture_s if isinstance(info, VideoInfo) and info.picture_s else info.duration_s
    start_s, lasts_s, why = 0.0, length.duration_s, ""
    if options.window == "best" and (best := best_stretch(source.scan.heard, shown_s, lasts_s, least_s)):
        start_s, lasts_s, why = best.start_s, best.duration_s, best.why
    else:
        window = choose_window(source.scan, shown_s, lasts_s, options.window)
        start_s, why = window.start_s, window.why
    changed = {"start_s": start_s, "why": why}
    if lasts_s < length.duration_s:  # for a cut in a pause
        changed |= {"duration_s": lasts_s, "needed_s": lasts_s}
    return length.model_copy(update=changed)


def _wanted(source: Source, info: VideoInfo, options: Options) -> Wanted:
    crop, keyframes_s = real_crop(source.reference.crop, info), source.scan.keyframes_s
    return Wanted(label=source.label, info=info, crop=crop, options=options, keyframes_s=keyframes_s)


def _byte_shares(
    sources: Sequence[Source], spec: EndpointSpec, options: Options, lengths: dict[str, Length]
) -> dict[str, int | None]:
    """For each video the most bytes it may be encoded to; None: its picture is not re-encoded."""
    videos = [(source, source.info) for source in sources if isinstance(source.info, VideoInfo)]
    footage = []
    for source, info in videos:
        wanted, length = _wanted(source, info, options), lengths[source.tag]
        encoded = must_be_encoded(wanted, spec.video, length)
        remuxed = not encoded and (length.cut or must_be_remade(wanted, spec.video))
        size = _kept_bytes(info, length)
        footage.append(Footage(size_bytes=size, seconds=length.needed_s, encoded=encoded, remuxed=remuxed))
    return dict(zip([source.tag for source, _ in videos], share_bytes(footage, spec.video), strict=True))


def _kept_bytes(info: VideoInfo, length: Length) -> int:
    return round(info.bytes * length.duration_s / info.duration_s) if length.cut else info.bytes


def _entry(source: Source, steps: tuple[Step, ...], spec: EndpointSpec) -> PlanEntry:
    predicted = predict(source.info, steps)
    standing = missed(check_one(predicted, spec), made=bool(steps))
    unfixable = about(map(_for_good, standing), source.label, source.tag)
    return PlanEntry(
        tag=source.tag,
        reference=source.reference,
        source=source.info,
        fingerprint=source.fingerprint,
        url=None if steps else source.url,
        steps=steps,
        predicted=predicted,
        unfixable=unfixable,
    )


def _for_good(finding: Finding) -> Finding:
    """A finding that the plan does not mend promises no fix."""
    return finding.model_copy(update={"fix": None})


def _standing(entry: PlanEntry, spec: EndpointSpec) -> tuple[Finding, ...]:
    return about(check_one(entry.predicted, spec), entry.label, entry.tag)


def _unmended(entry: PlanEntry, spec: EndpointSpec) -> tuple[Finding, ...]:
    """Findings that remain after re-encoding, though the facts of the new file no longer show them."""
    info = entry.source
    if not entry.steps or entry.unfixable:
        return ()
    if isinstance(info, VideoInfo | ImageInfo) and (crop := find(entry.steps, CropTo)):
        info = info.model_copy(update={"width": crop.width, "height": crop.height})
    told = {finding.rule for finding in check_one(entry.predicted, spec)}
    scale = find(entry.steps, Scale)
    if scale is None or isinstance(info, AudioInfo) or scale.width <= info.width:
        told |= {"image-upscaled-much", "video-upscaled-much"}  # what is too thin may be padded rather than enlarged
    found = (finding for finding in check_one(info, spec) if finding.rule in UNMENDED - told)
    return about(found, entry.label, entry.tag)


def _enlarged(entry: PlanEntry) -> tuple[Finding, ...]:
    if not isinstance(entry.source, ImageInfo):
        return ()
    return about(enlarged(entry.source, entry.steps), entry.label, entry.tag)


class Needs(NamedTuple):
    """What the plan of one reference depends on that only decoding shows, given the *steps* planned without it.

    *questions* are about a picture. A clip that is trimmed is scanned for keyframes and for its best part.
    """

    steps: tuple[Step, ...]
    questions: Questions = Questions()


def what_to_analyse(sources: Sequence[Source], spec: EndpointSpec, options: Options) -> dict[str, Needs]:
    """The references, by tag, that have to be decoded before they can be planned. Raises as `plan_set` does."""
    steps = _all_steps(sources, spec, options)
    needs: dict[str, Needs] = {}
    for source in sources:
        own = steps[source.tag]
        if isinstance(source.info, ImageInfo):
            if wanted := questions(still_of(source, source.info, options), own, spec.image):
                needs[source.tag] = Needs(own, wanted)
        elif find(own, Trim):
            needs[source.tag] = Needs(own)
    return needs
