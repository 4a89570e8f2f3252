"""The joint plan: each reference by itself, and all of them under the limits that they share."""

from collections.abc import Sequence
from typing import Literal

from prep.model.finding import Finding, errors_in
from prep.model.limits import EndpointSpec, Value
from prep.model.manifest import totals
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Options, Plan, PlanEntry, Step
from prep.model.reference import Reference
from prep.planning.audio import audio_steps
from prep.planning.audio import must_be_remade as audio_must_be_remade
from prep.planning.image import image_steps
from prep.planning.predict import predict
from prep.planning.seconds import Clip, Length, TimeLimits, share_seconds
from prep.planning.share_bytes import share_bytes
from prep.planning.video import must_be_encoded, must_be_remade, video_steps
from prep.rules.compare import about
from prep.rules.reference_set import check_set
from prep.rules.single import check_one


class Source(Value):
    """One reference and what was probed from it."""

    tag: str
    reference: Reference
    info: MediaInfo

    @property
    def label(self) -> str:
        return self.reference.label


def plan_set(sources: Sequence[Source], spec: EndpointSpec, options: Options) -> Plan:
    """Choose the steps for every reference, predict the outcome, and judge it by the rules.

    What stands after the steps is in the plan's *unfixable*. Raises UsageError when a part or a crop that the user
    asked for does not exist in the source.
    """
    steps = _all_steps(sources, spec, options)
    entries = tuple(_entry(source, steps[source.tag], spec) for source in sources)
    over_set = check_set(totals(entry.predicted for entry in entries), spec)
    left = [finding for entry in entries for finding in _standing(entry, spec)]
    return Plan(
        endpoint=spec.endpoint,
        options=options,
        entries=entries,
        warnings=tuple(finding for finding in (*left, *over_set) if finding.severity != "error"),
        set_unfixable=errors_in(over_set),
    )


def _all_steps(sources: Sequence[Source], spec: EndpointSpec, options: Options) -> dict[str, tuple[Step, ...]]:
    lengths = _lengths(sources, spec, options, "video") | _lengths(sources, spec, options, "audio")
    shares = _byte_shares(sources, spec, lengths)
    steps: dict[str, tuple[Step, ...]] = {}
    for source in sources:
        info, asked = source.info, source.reference
        if isinstance(info, ImageInfo):
            steps[source.tag] = image_steps(info, spec.image, options, asked.crop, source.label)
        elif isinstance(info, VideoInfo):
            length = lengths[source.tag]
            share = shares[source.tag]
            steps[source.tag] = video_steps(info, spec.video, options, asked.crop, length, share, source.label)
        else:
            steps[source.tag] = audio_steps(info, spec.audio, options, lengths[source.tag])
    return steps


def _lengths(
    sources: Sequence[Source], spec: EndpointSpec, options: Options, kind: Literal["video", "audio"]
) -> dict[str, Length]:
    """The part of each video, or of each sound, that is used."""
    timed = [(source, source.info) for source in sources if source.info.kind == kind]
    clips = [
        Clip(
            label=source.label,
            duration_s=info.duration_s,
            part=source.reference.part,
            remade=must_be_remade(info, spec.video, options, source.reference.crop)
            if isinstance(info, VideoInfo)
            else audio_must_be_remade(info, spec.audio),
        )
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
    return dict(zip([source.tag for source, _ in timed], share_seconds(clips, budget), strict=True))


def _byte_shares(sources: Sequence[Source], spec: EndpointSpec, lengths: dict[str, Length]) -> dict[str, int | None]:
    """For each video the most bytes it may be encoded to; None: its picture is not encoded anew."""
    videos = [(source, source.info) for source in sources if isinstance(source.info, VideoInfo)]
    encoded = [
        must_be_encoded(info, spec.video, source.reference.crop, lengths[source.tag])
        for source, info in videos
        if isinstance(info, VideoInfo)
    ]
    shares = share_bytes(
        sizes=[info.bytes for _, info in videos],
        seconds=[lengths[source.tag].needed_s for source, _ in videos],
        encoded=encoded,
        limits=spec.video,
    )
    return dict(zip([source.tag for source, _ in videos], shares, strict=True))


def _entry(source: Source, steps: tuple[Step, ...], spec: EndpointSpec) -> PlanEntry:
    predicted = predict(source.info, steps)
    unfixable = about(errors_in(check_one(predicted, spec)), source.label, source.tag)
    return PlanEntry(
        tag=source.tag,
        reference=source.reference,
        source=source.info,
        steps=steps,
        predicted=predicted,
        unfixable=unfixable,
    )


def _standing(entry: PlanEntry, spec: EndpointSpec) -> tuple[Finding, ...]:
    return about(check_one(entry.predicted, spec), entry.label, entry.tag)
