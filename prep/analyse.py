"""Looks inside sources: for what a plan depends on, and for advice that takes decoding."""

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import NamedTuple, TypeVar

from prep.errors import DamagedError, PrepError
from prep.log import get_logger, logged_about
from prep.looks import see
from prep.model.analysis import SILENCE_LUFS, Cuts, Inside, Scan, Unseen
from prep.model.byte_source import Openable
from prep.model.context import SECONDS, Context
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import CropTo, Mute, Plan, SetLoudness, Trim, find
from prep.model.progress import Progress
from prep.model.source import Source
from prep.planning import Needs
from prep.planning.requested import requested_crop
from prep.planning.seconds.part import kept_part, requested_part
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
        return _check_clip(clip._replace(source=_look_for_cuts(clip, inf, ctx)), ctx)

    return _by_tag(clips, each(one, clips, ctx.cancel))


def look_for_cuts(plan: Plan, sources: Sequence[Source], ctx: Context) -> list[Source]:
    """Return *sources* with the cuts in the parts that *plan* keeps. References at URLs are not read for it."""
    clips = _kept(plan, sources)
    looked = _by_tag(clips, each(lambda clip: _look_for_cuts(clip, MAX_PIXELS, ctx), clips, ctx.cancel))
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


def add_advice(plan: Plan, sources: Sequence[Source], ctx: Context) -> Plan:
    """Return *plan* with warnings about the parts it keeps; *sources* come from `look_for_cuts`."""
    findings = each(lambda clip: _check_clip(clip, ctx), _kept(plan, sources), ctx.cancel)
    advice = tuple(finding for group in findings for finding in group)
    return plan.model_copy(update={"warnings": (*plan.warnings, *advice)}) if advice else plan


class _Clip(NamedTuple):
    """*part* is its start and end in seconds. *heard*: its sound is sent. *raised*: its sound is made louder."""

    source: Source
    part: tuple[float, float]
    heard: bool = True
    raised: bool = False


def _kept(plan: Plan, sources: Sequence[Source]) -> list[_Clip]:
    return [
        _Clip(
            source,
            part,
            heard=find(entry.steps, Mute) is None,
            raised=find(entry.steps, SetLoudness) is not None,
        )
        for source, entry in zip(sources, plan.entries, strict=True)
        if isinstance(entry.source, VideoInfo | AudioInfo) and not entry.reference.is_url and (part := kept_part(entry))
    ]


def _look_for_cuts(clip: _Clip, max_pixels: float, ctx: Context) -> Source:
    """The clip's source with the cuts in its part; nothing is decoded where they are known, or would be too costly."""
    ctx.stop_if_cancelled()
    source, info = clip.source, clip.source.info
    if not isinstance(info, VideoInfo):
        return source
    known = source.scan.cuts or Cuts(unseen=(Unseen(start_s=0.0, end_s=info.duration_s, chance=0.5),))
    unseen = [stretch for stretch in known.within(*clip.part).unseen if not stretch.costly]
    if not unseen:
        return source
    # with what is around it, to be judged by
    start_s = max(0.0, clip.part[0] - AROUND_S, unseen[0].start_s - AROUND_S)
    last_s = max(stretch.end_s for stretch in unseen)
    end_s = min(max(clip.part[1], info.duration_s), clip.part[1] + AROUND_S, last_s + AROUND_S)
    from prep.media.analysis.content import find_cuts

    assert source.demuxer is not None
    item, part = ctx.access.of(source.reference), (start_s, end_s)
    seen = see(ctx, source, find_cuts, item, source.demuxer, info, part, max_pixels, seconds=_allowed_s(part))
    scan = source.scan.model_copy(update={"cuts": known.after_look(start_s, end_s, seen)})
    return source.model_copy(update={"scan": scan})


def _look_for_subject(clip: _Clip, crop: CropTo, ctx: Context) -> Source:
    from prep.media.analysis.video_subject import find_video_subject

    source, info = clip.source, clip.source.info
    if not isinstance(info, VideoInfo) or info.container in ANIMATED or source.demuxer is None:
        return source
    whole = requested_crop(source) or CropTo(x=0, y=0, width=info.width, height=info.height, because=())
    item, crops = ctx.access.of(source.reference), (whole, crop)
    asked = (item, source.demuxer, info, clip.part, crops)
    subject = see(ctx, source, find_video_subject, *asked, seconds=_allowed_s(clip.part))
    return source.model_copy(update={"look": source.look.model_copy(update={"subject": subject})})


def _allowed_s(part: tuple[float, float]) -> float:
    """The processor time for decoding a part, in seconds: 4K in HDR takes about two for each of its own."""
    return SECONDS + 4 * (part[1] - part[0])


def _by_tag(clips: Sequence[_Clip], results: Sequence[S]) -> dict[str, S]:
    return {clip.source.tag: result for clip, result in zip(clips, results, strict=True)}


def _check_clip(clip: _Clip, ctx: Context) -> Findings:
    from prep.media.analysis.content import measure_loudness

    ctx.stop_if_cancelled()
    source, info = clip.source, clip.source.info
    assert source.demuxer is not None
    assert not isinstance(info, ImageInfo)
    cuts, lufs = source.scan.cuts or Cuts(), None
    if clip.heard and info.audio_stream is not None:
        asked = (ctx.access.of(source.reference), source.demuxer, info, clip.part)
        lufs = see(ctx, source, measure_loudness, *asked, seconds=_allowed_s(clip.part))
    if clip.raised and lufs != SILENCE_LUFS:
        lufs = None
    start_s, end_s = clip.part
    inside = Inside(start_s=start_s, end_s=end_s, cuts=cuts, loudness_lufs=lufs)
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
    part = source.reference.part
    choose = part.best_s is not None if part else ctx.options.window == "best"
    if isinstance(info, AudioInfo) and choose:
        from prep.media.analysis.speech import listen

        trim, allowed_s = find(need.steps, Trim), _allowed_s((0.0, info.duration_s))
        kept_s = trim.duration_s if trim else info.duration_s
        return Scan(heard=see(ctx, source, listen, item, demuxer, info, kept_s, seconds=allowed_s))
    if not isinstance(info, VideoInfo) or info.container in ANIMATED:
        return Scan()  # libavformat in process has no demuxer for an animated WebP, and other times for the rest
    if source.scan.keyframes_s and (source.scan.glimpses or not choose):
        return source.scan  # known from an earlier plan of the same file
    from prep.media.analysis.scan import scan

    return see(ctx, source, scan, item, demuxer, info, choose)
