"""Looks inside sources: for what a plan depends on, and for advice that takes decoding."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import NamedTuple, TypeVar

from prep.errors import DamagedError, PrepError
from prep.execution.execute import Encoded
from prep.log import get_logger, logged_about
from prep.looks import recall, remember, see
from prep.model.analysis import SILENCE_LUFS, Cuts, Inside, Scan, Unseen
from prep.model.byte_source import Openable
from prep.model.context import Context, allowed_s
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import CropTo, EncodeVideo, Mute, Plan, PlanEntry, SetLoudness, Trim, find
from prep.model.progress import Progress
from prep.model.source import Source
from prep.planning import Needs
from prep.planning.requested import requested_crop
from prep.planning.trim.part import chooses_part, kept_part, requested_part
from prep.rules import audio, image, video
from prep.rules.content import check_inside
from prep.rules.findings import Findings, about
from prep.threads import each

logger = get_logger(__name__)
S = TypeVar("S")
T = TypeVar("T")

# A plan looks at keyframes and, where a cut may be, at this many pixels between them: about 15 s of 720p30. Footage
# that is large and moves a lot would otherwise cost as much to look at as to encode.
ANIMATED = ("gif", "png", "webp", "avif")
MAX_PIXELS = 400_000_000
AROUND_S = 0.5
# A rate that is this many times as high repeats frames; a little more is only rounding.
MORE = 1.01


def analyse(sources: Sequence[Source], needs: Mapping[str, Needs], ctx: Context) -> list[Source]:
    """Return *sources* with what their plan depends on; *needs* says by tag what that is."""

    def one(source: Source) -> Source:
        ctx.stop_if_cancelled()
        if (need := needs.get(source.tag)) is None:
            return source
        try:
            analysed = (
                _look_at_picture(source, need, ctx) if isinstance(source.info, ImageInfo) else _scan(source, need, ctx)
            )
        except (PrepError, OSError, MemoryError):
            raise
        except Exception as error:  # decoders raise what they like about a broken file
            raise DamagedError(f"{source.label}: can't be decoded: it is damaged; use another copy") from error
        with logged_about(reference=source.label):
            logger.info("looked inside")
        ctx.progress(Progress(stage="analyse", tag=source.tag, label=source.label, part=1.0))
        return analysed

    return each(one, sources, ctx.cancel) if needs else list(sources)


def check_content(
    sources: Sequence[Source], ctx: Context, parts: Mapping[str, tuple[float, float]]
) -> dict[str, Findings]:
    """Findings by tag about the parts the user asked for, after decoding all of each.

    *parts* are the start and end, by tag, where the user named only the seconds.
    """
    clips = [
        _Clip(source, part)
        for source in sources
        if isinstance(source.info, VideoInfo | AudioInfo) and (part := parts.get(source.tag) or requested_part(source))
    ]

    def one(clip: _Clip) -> Findings:
        content = _check_clip(clip._replace(source=_look_for_cuts(clip, inf, ctx)), ctx)
        return (*_look_for_damage(clip, ctx), *content)

    return _by_tag(clips, each(one, clips, ctx.cancel)) | {
        source.tag: findings for source in sources if (findings := _look_for_damaged_picture(source, ctx))
    }


def unseen_until_encoded(plan: Plan, sources: Sequence[Source]) -> frozenset[str]:
    """The tags of videos whose pictures nobody has looked at, and which *plan* decodes anyway."""
    return frozenset(
        source.tag
        for source, entry in zip(sources, plan.entries, strict=True)
        if source.scan.cuts is None and find(entry.steps, EncodeVideo)
    )


def look_for_cuts(plan: Plan, sources: Sequence[Source], ctx: Context, later: frozenset[str]) -> list[Source]:
    """Return *sources* with the cuts in the parts that *plan* keeps. References at URLs are not read for it.

    Nothing is decoded of those with a tag in *later*; their cuts are known only where they are remembered.
    """
    clips = _kept(plan, sources)

    def one(clip: _Clip) -> Source:
        return _look_for_cuts(clip, MAX_PIXELS, ctx, decode=clip.source.tag not in later)

    looked = _by_tag(clips, each(one, clips, ctx.cancel))
    return [looked.get(source.tag, source) for source in sources]


def look_for_subjects(plan: Plan, sources: Sequence[Source], ctx: Context) -> list[Source]:
    """Return *sources* with the subjects that the crops of videos in *plan* go around; as `look_for_cuts`."""
    crops = {
        entry.tag: crop
        for entry in plan.entries
        if (crop := find(entry.steps, CropTo)) and any(rule.startswith("video-aspect-") for rule in crop.because)
    }
    clips = [clip for clip in _kept(plan, sources) if clip.source.tag in crops and clip.source.look.subject is None]

    def one(clip: _Clip) -> Source:
        ctx.stop_if_cancelled()
        return _look_for_subject(clip, crops[clip.source.tag], ctx)

    looked = _by_tag(clips, each(one, clips, ctx.cancel))
    return [looked.get(source.tag, source) for source in sources]


def add_advice(plan: Plan, sources: Sequence[Source], ctx: Context, later: frozenset[str]) -> Plan:
    """Return *plan* with warnings about the parts that it keeps, but of those whose tag is in *later*.

    *sources* come from `look_for_cuts`.
    """
    clips = [clip for clip in _kept(plan, sources) if clip.source.tag not in later]
    findings = each(lambda clip: _check_clip(clip, ctx), clips, ctx.cancel)
    advice = tuple(finding for group in findings for finding in group)
    return plan.model_copy(update={"warnings": (*plan.warnings, *advice)}) if advice else plan


def advise_on_encoded(encoded: Encoded, ctx: Context) -> Findings:
    """The advice about a video that `add_advice` left for later, from the pictures and the sound of what was made."""
    from prep.media.analysis.content import find_cuts, measure_loudness
    from prep.media.analysis.shots import cuts_in_pictures

    clip = _clip(encoded.source, encoded.entry)
    if clip is None:
        return ()
    if not encoded.pictures.exists():  # it comes from the cache
        return _check_clip(clip._replace(source=_look_for_cuts(clip, MAX_PIXELS, ctx)), ctx)
    source, encode = clip.source, find(encoded.entry.steps, EncodeVideo)
    assert encode is not None
    rate, lufs = Fraction(encode.fps), None
    cuts = cuts_in_pictures(encoded.pictures, rate, clip.part[0], repeated=rate > MORE * source.video.avg_fps)
    if (around := _unseen(clip)) is not None:
        remember(cuts, ctx, source, find_cuts, *_opened(source, ctx), around, MAX_PIXELS)
    if encoded.info.audio_stream is not None:
        whole = 0.0, encoded.info.duration_s
        lufs = ctx.isolated(measure_loudness, encoded.path, "mov", encoded.info, whole, label=source.label)
        remember(lufs, ctx, source, measure_loudness, *_opened(source, ctx), clip.part)
    return _advice(clip, cuts, lufs, ctx)


class _Clip(NamedTuple):
    """*part* is its start and end in seconds. *heard*: its sound is sent. *raised*: its sound is made louder."""

    source: Source
    part: tuple[float, float]
    heard: bool = True
    raised: bool = False

    @property
    def allowed_s(self) -> float:
        """The processor time for decoding the part."""
        return allowed_s(self.part[1] - self.part[0])


def _kept(plan: Plan, sources: Sequence[Source]) -> list[_Clip]:
    clips = [_clip(source, entry) for source, entry in zip(sources, plan.entries, strict=True)]
    return [clip for clip in clips if clip is not None]


def _clip(source: Source, entry: PlanEntry) -> _Clip | None:
    """The part that is kept; None of a picture, and of what is at a URL."""
    part = kept_part(entry)
    if isinstance(entry.source, ImageInfo) or entry.reference.is_url or part is None:
        return None
    heard, raised = find(entry.steps, Mute) is None, find(entry.steps, SetLoudness) is not None
    return _Clip(source, part, heard, raised)


def _opened(source: Source, ctx: Context) -> tuple[Openable, str, MediaInfo]:
    assert source.demuxer is not None
    return ctx.access.of(source.reference), source.demuxer, source.info


def _unseen(clip: _Clip) -> tuple[float, float] | None:
    """What has to be decoded to know the cuts of a clip, with what is around it, to be judged by.

    None: they are known, or too costly to look for.
    """
    info = clip.source.info
    if not isinstance(info, VideoInfo):
        return None
    unseen = [stretch for stretch in _known_cuts(clip.source).within(*clip.part).unseen if not stretch.costly]
    if not unseen:
        return None
    start_s = max(0.0, clip.part[0] - AROUND_S, unseen[0].start_s - AROUND_S)
    last_s = max(stretch.end_s for stretch in unseen)
    return start_s, min(max(clip.part[1], info.duration_s), clip.part[1] + AROUND_S, last_s + AROUND_S)


def _known_cuts(source: Source) -> Cuts:
    return source.scan.cuts or Cuts(unseen=(Unseen(start_s=0.0, end_s=source.video.duration_s, chance=0.5),))


def _with_cuts(source: Source, part: tuple[float, float], seen: Cuts) -> Source:
    cuts = _known_cuts(source).after_look(*part, seen)
    return source.model_copy(update={"scan": source.scan.model_copy(update={"cuts": cuts})})


def _look_for_cuts(clip: _Clip, max_pixels: float, ctx: Context, *, decode: bool = True) -> Source:
    """The clip's source with the cuts in its part; nothing is decoded where they are known, or would be too costly.

    Without *decode* they are known only where they are remembered.
    """
    from prep.media.analysis.content import find_cuts

    ctx.stop_if_cancelled()
    source, part = clip.source, _unseen(clip)
    if part is None:
        return source
    asked = (*_opened(source, ctx), part, max_pixels)
    if decode:
        return _with_cuts(source, part, see(ctx, source, find_cuts, *asked, seconds=allowed_s(part[1] - part[0])))
    remembered = recall(ctx, source, find_cuts, *asked)
    return source if remembered is None else _with_cuts(source, part, remembered[0])


def _look_for_damage(clip: _Clip, ctx: Context) -> Findings:
    from prep.media.analysis.damage import count_damage

    ctx.stop_if_cancelled()
    source, info = clip.source, clip.source.info
    if isinstance(info, ImageInfo) or info.container in ANIMATED or source.demuxer is None:
        return ()
    packets = see(ctx, source, count_damage, *_opened(source, ctx), clip.part, seconds=clip.allowed_s)
    damaged = video.damaged if isinstance(info, VideoInfo) else audio.damaged
    return about(damaged(packets), source.label, source.tag)


def _look_for_damaged_picture(source: Source, ctx: Context) -> Findings:
    """The damage of a picture whose format lets it be found; a reference at a URL is not fetched for it."""
    from prep.media.image.stream import STREAMED, find_damage

    ctx.stop_if_cancelled()
    info = source.info
    if not isinstance(info, ImageInfo) or info.container not in STREAMED or source.reference.is_url:
        return ()
    damage = see(ctx, source, find_damage, ctx.access.path(source.reference), info.container)
    return about(image.damaged(damage), source.label, source.tag)


def _look_for_subject(clip: _Clip, crop: CropTo, ctx: Context) -> Source:
    from prep.media.analysis.video_subject import find_video_subject

    source, info = clip.source, clip.source.info
    if not isinstance(info, VideoInfo) or info.container in ANIMATED or source.demuxer is None:
        return source
    whole = requested_crop(source) or CropTo(x=0, y=0, width=info.width, height=info.height, because=())
    asked = (*_opened(source, ctx), clip.part, (whole, crop))
    subject = see(ctx, source, find_video_subject, *asked, seconds=clip.allowed_s)
    return source.model_copy(update={"look": source.look.model_copy(update={"subject": subject})})


def _by_tag(clips: Sequence[_Clip], results: Sequence[S]) -> dict[str, S]:
    return {clip.source.tag: result for clip, result in zip(clips, results, strict=True)}


def _check_clip(clip: _Clip, ctx: Context) -> Findings:
    from prep.media.analysis.content import measure_loudness

    ctx.stop_if_cancelled()
    source, lufs = clip.source, None
    if clip.heard and getattr(source.info, "audio_stream", None) is not None:
        asked = (*_opened(source, ctx), clip.part)
        lufs = see(ctx, source, measure_loudness, *asked, seconds=clip.allowed_s)
    return _advice(clip, source.scan.cuts or Cuts(), lufs, ctx)


def _advice(clip: _Clip, cuts: Cuts, lufs: float | None, ctx: Context) -> Findings:
    source, info = clip.source, clip.source.info
    assert not isinstance(info, ImageInfo)
    if clip.raised and lufs != SILENCE_LUFS:
        lufs = None
    inside = Inside(start_s=clip.part[0], end_s=clip.part[1], cuts=cuts, loudness_lufs=lufs)
    findings = check_inside(info, inside, source.reference, ctx.spec.video.min_duration_s)
    return about(findings, source.label, source.tag)


def _look_at_picture(source: Source, need: Needs, ctx: Context) -> Source:
    from prep.media.analysis.picture import look

    path, crop = ctx.access.path(source.reference), requested_crop(source)
    seen = see(ctx, source, look, path, source.image, need.steps, need.questions, crop)
    return source.model_copy(update={"look": seen.model_copy(update={"frames_s": source.look.frames_s})})


def _scan(source: Source, need: Needs, ctx: Context) -> Source:
    """Find the keyframes and, where the best part has to be chosen, what it is chosen by."""
    item = ctx.access.of(source.reference)
    try:
        return source.model_copy(update={"scan": _scan_of(source, item, need, ctx)})
    finally:
        if not isinstance(item, Path):
            item.raise_failure()


def _scan_of(source: Source, item: Openable, need: Needs, ctx: Context) -> Scan:
    info, demuxer = source.info, source.demuxer
    assert demuxer is not None
    choose = chooses_part(source, ctx.options)
    if isinstance(info, AudioInfo) and choose:
        from prep.media.analysis.speech import listen

        trim, most_s = find(need.steps, Trim), allowed_s(info.duration_s)
        kept_s = trim.duration_s if trim else info.duration_s
        return Scan(heard=see(ctx, source, listen, item, demuxer, info, kept_s, seconds=most_s))
    if not isinstance(info, VideoInfo) or info.container in ANIMATED:
        return Scan()  # libavformat in process has no demuxer for an animated WebP, and other times for the rest
    if source.scan.keyframes_s and (source.scan.glimpses or not choose):
        return source.scan  # known from an earlier plan of the same file
    from prep.media.analysis.scan import scan

    return see(ctx, source, scan, item, demuxer, info, choose)
