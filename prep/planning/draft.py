"""The steps for every reference of a set, and the questions about them that only decoding answers."""

from collections.abc import Mapping, Sequence
from math import floor
from typing import Literal, NamedTuple

from prep.model.analysis import Questions
from prep.model.limits import EndpointSpec
from prep.model.media import ImageInfo, VideoInfo
from prep.model.plan import Options, Step, Trim, find
from prep.model.source import Source
from prep.planning import audio, video
from prep.planning.audio import plan_audio
from prep.planning.budget_bytes import Footage, share_bytes
from prep.planning.image import plan_image, questions
from prep.planning.requested import refuse_inapplicable
from prep.planning.trim.audio_window import best_stretches
from prep.planning.trim.budget import Clip, TimeLimits, share_seconds
from prep.planning.trim.part import Length, chooses_part, least_seconds, requested_length
from prep.planning.trim.video_window import choose_windows
from prep.planning.video import may_be_copied, plan_video

# The seconds that all share are divided again where a part is shorter than its share; so often at most.
MAX_SHARES = 3
StepsByTag = Mapping[str, tuple[Step, ...]]


class Needs(NamedTuple):
    """The reasons to decode one reference before its plan is final, and the *steps* planned without.

    *questions* are about a picture. A clip that is trimmed is scanned for keyframes and for its best part.
    """

    steps: tuple[Step, ...]
    questions: Questions = Questions()


def plan_steps(sources: Sequence[Source], spec: EndpointSpec, options: Options) -> StepsByTag:
    """Plan the steps of every reference, by tag. Raises UsageError when a requested part or crop does not exist."""
    for source in sources:
        refuse_inapplicable(source)
    lengths = _lengths(sources, "video", spec, options)
    shares = _byte_shares(sources, lengths, spec, options)
    if encoded := frozenset(tag for tag, share in shares.items() if share is not None):
        # what is encoded only for its bytes has to meet the strict seconds as well
        lengths = _lengths(sources, "video", spec, options, encoded)
        shares = _byte_shares(sources, lengths, spec, options)
    lengths |= _lengths(sources, "audio", spec, options)
    steps: dict[str, tuple[Step, ...]] = {}
    for source in sources:
        tag = source.tag
        if isinstance(source.info, ImageInfo):
            steps[tag] = plan_image(source, spec.image, options)
        elif isinstance(source.info, VideoInfo):
            steps[tag] = plan_video(source, spec.video, options, lengths[tag], shares[tag])
        else:
            steps[tag] = plan_audio(source, spec.audio, options, lengths[tag])
    return steps


def what_to_analyse(
    sources: Sequence[Source], steps: StepsByTag, spec: EndpointSpec, options: Options
) -> dict[str, Needs]:
    """The references, by tag, that have to be decoded before their *steps* are final."""
    needs: dict[str, Needs] = {}
    for source in sources:
        own = steps[source.tag]
        if isinstance(source.info, ImageInfo):
            if asked := questions(source, own, spec.image, options):
                needs[source.tag] = Needs(own, asked)
        elif find(own, Trim) and (chooses_part(source, options) or _at_keyframes(source, spec, options)):
            needs[source.tag] = Needs(own)
    return needs


def _at_keyframes(source: Source, spec: EndpointSpec, options: Options) -> bool:
    return isinstance(source.info, VideoInfo) and may_be_copied(source, spec.video, options)


def _lengths(
    sources: Sequence[Source],
    kind: Literal["video", "audio"],
    spec: EndpointSpec,
    options: Options,
    encoded: frozenset[str] = frozenset(),
) -> dict[str, Length]:
    """The part of each video, or of each sound, that is used. *encoded* are the tags of re-encoded videos."""
    timed = [source for source in sources if source.info.kind == kind]
    if kind == "video":
        clips = [_video_clip(source, spec, options, encoded=source.tag in encoded) for source in timed]
    else:
        clips = [_sound_clip(source, spec, options) for source in timed]
    limits = spec.video if kind == "video" else spec.audio
    budget = TimeLimits(
        least=limits.min_duration_s,
        most=limits.max_duration_s,
        total=limits.max_total_duration_s,
        too_long=f"{kind}-too-long",
        set_too_long=f"{kind}s-too-long",
        lengthen=options.short != "refuse",
    )
    least_s = limits.min_duration_s.value if limits.min_duration_s else 0.0
    placed: list[Length] = []
    for _ in range(MAX_SHARES):
        shares = zip(timed, share_seconds(clips, budget), strict=True)
        lengths = [_for_generation(source, length, least_s, options) for source, length in shares]
        placed = [_placed(source, length, least_s, options) for source, length in zip(timed, lengths, strict=True)]
        left_over = any(here.duration_s < length.duration_s for here, length in zip(placed, lengths, strict=True))
        if not left_over or len(timed) == 1:
            break
        # what one leaves over, for a whole shot or a pause, goes to the others
        clips = [_content_with(clip, length, here) for clip, length, here in zip(clips, lengths, placed, strict=True)]
    return {source.tag: length for source, length in zip(timed, placed, strict=True)}


def _for_generation(source: Source, length: Length, least_s: float, options: Options) -> Length:
    """*length* without what outlasts the video that it is for, where a limit cuts it anyway: more is only billed."""
    named = source.reference.part is not None or options.seconds is not None
    if named or options.generated_s is None or not length.cut or source.info.kind != "video":
        return length
    kept_s = max(least_s, options.generated_s)
    if kept_s >= length.duration_s:
        return length
    more_s = floor(length.duration_s * 10) / 10
    limited = f"as long as the result (`seconds={more_s:g}` keeps more)"
    return length.model_copy(update={"duration_s": kept_s, "needed_s": kept_s, "limited": limited})


def _content_with(clip: Clip, length: Length, placed: Length) -> Clip:
    """*clip* that asks for no more than it made use of when it was given *length*."""
    if placed.duration_s >= length.duration_s:
        return clip
    less = length.model_copy(update={"duration_s": placed.duration_s, "needed_s": placed.duration_s})
    return clip.model_copy(update={"asked": less})


def _video_clip(source: Source, spec: EndpointSpec, options: Options, *, encoded: bool) -> Clip:
    info, lasts_s = source.video, source.video.duration_s
    if options.mute and info.has_audio and info.picture_s is not None:
        lasts_s = info.picture_s  # without its sound a video lasts as long as its picture
    return Clip(
        asked=requested_length(source, lasts_s, options.seconds, least_seconds(info, spec)),
        fixed=_is_fixed(source),
        remade=encoded or video.must_be_remade(source, spec.video, options),
    )


def _sound_clip(source: Source, spec: EndpointSpec, options: Options) -> Clip:
    info = source.sound
    return Clip(
        asked=requested_length(source, info.duration_s, options.seconds, least_seconds(info, spec)),
        fixed=_is_fixed(source),
        remade=audio.must_be_remade(info, spec.audio, options),
        rewritten=audio.is_stripped(info, options),
        padding_s=audio.padding_s(info, spec.audio),
        unpadded_s=audio.unpadded_s(info, spec.audio),
    )


def _is_fixed(source: Source) -> bool:
    part = source.reference.part
    return part is not None and part.end_s is not None


def _placed(source: Source, length: Length, least_s: float, options: Options) -> Length:
    """*length* with its start, where the user named none."""
    info, part = source.info, source.reference.part
    if not length.cut or (part and part.best_s is None) or isinstance(info, ImageInfo):
        return length
    how = "best" if part else options.window
    shown_s = info.picture_s if isinstance(info, VideoInfo) and info.picture_s else info.duration_s
    heard = source.scan.heard if how == "best" else ()
    windows = best_stretches(heard, shown_s, length.duration_s, least_s)
    windows = windows or choose_windows(source.scan, shown_s, length.duration_s, how)
    best = windows[0]
    changed = {"start_s": best.start_s, "why": best.why, "alternatives": windows[1:]}
    if best.duration_s < length.duration_s:  # for a whole shot, or a cut in a pause
        changed |= {"duration_s": best.duration_s, "needed_s": best.duration_s}
    return length.model_copy(update=changed)


def _byte_shares(
    sources: Sequence[Source], lengths: Mapping[str, Length], spec: EndpointSpec, options: Options
) -> dict[str, int | None]:
    """For each video the most bytes it may be encoded to; None: its picture stays as it is coded."""
    videos = [source for source in sources if isinstance(source.info, VideoInfo)]
    footage = [_footage(source, lengths[source.tag], spec, options) for source in videos]
    return dict(zip([source.tag for source in videos], share_bytes(footage, spec.video), strict=True))


def _footage(source: Source, length: Length, spec: EndpointSpec, options: Options) -> Footage:
    info = source.video
    encoded = video.must_be_encoded(source, spec.video, options, length)
    return Footage(
        size_bytes=round(info.bytes * length.duration_s / info.duration_s) if length.cut else info.bytes,
        seconds=length.needed_s,
        encoded=encoded,
        remuxed=not encoded and (length.cut or video.must_be_remade(source, spec.video, options)),
    )
