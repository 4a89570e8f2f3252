"""Advice that takes decoding: what the seconds of each reference that are sent show, and whether anything is heard."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from prep.context import stop_if
from prep.inputs.access import Access
from prep.model.analysis import SILENCE_LUFS, Questions, Scan
from prep.model.byte_source import Openable
from prep.model.limits import EndpointSpec
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import Mute, Options, Plan, SetLoudness, Step, find
from prep.model.reference import Reference
from prep.model.source import Source
from prep.planning.geometry import asked_crop, real_crop
from prep.planning.part import asked_part, kept_part
from prep.rules.content import check_inside
from prep.rules.findings import Findings, about

# A plan looks at keyframes and, where a cut may be, at so many pixels between them: about 15 s of 720p30, so that what
# is large and moves a lot does not cost as much as encoding it.
MOST_PIXELS = 400_000_000


class _Wanted(NamedTuple):
    """A clip to be looked into. *raised*: its sound will be as loud as was asked, where there is any."""

    reference: Reference
    tag: str
    info: VideoInfo | AudioInfo
    part: tuple[float, float]
    heard: bool = True
    raised: bool = False


def of_sources(
    sources: Sequence[Source], spec: EndpointSpec, access: Access, cancel: threading.Event | None
) -> dict[str, Findings]:
    """By tag, what is found in the parts that were asked for; all of each is looked at."""
    wanted = [
        _Wanted(source.reference, source.tag, source.info, part)
        for source in sources
        if isinstance(source.info, VideoInfo | AudioInfo) and (part := asked_part(source))
    ]
    return _found(wanted, spec, access, cancel, float("inf"))


def of_plan(planned: Plan, spec: EndpointSpec, access: Access, cancel: threading.Event | None) -> Plan:
    """*planned* with what is found in the parts that it keeps. What is at a URL is not read for it."""
    wanted = [
        _Wanted(
            entry.reference,
            entry.tag,
            entry.source,
            part,
            heard=find(entry.steps, Mute) is None,
            raised=find(entry.steps, SetLoudness) is not None,
        )
        for entry in planned.entries
        if isinstance(entry.source, VideoInfo | AudioInfo) and not entry.reference.is_url and (part := kept_part(entry))
    ]
    found = _found(wanted, spec, access, cancel, MOST_PIXELS)
    told = tuple(finding for findings in found.values() for finding in findings)
    return planned.model_copy(update={"warnings": (*planned.warnings, *told)}) if told else planned


def _found(
    wanted: Sequence[_Wanted],
    spec: EndpointSpec,
    access: Access,
    cancel: threading.Event | None,
    most_pixels: float,
) -> dict[str, Findings]:
    if not wanted:
        return {}
    from prep.media.analysis.content import look_inside
    from prep.media.probe.dispatch import demuxer_of

    def one(clip: _Wanted) -> Findings:
        stop_if(cancel)
        item = access.of(clip.reference)
        inside = look_inside(item, demuxer_of(item), clip.info, clip.part, heard=clip.heard, most_pixels=most_pixels)
        if clip.raised and inside.loudness_lufs != SILENCE_LUFS:
            inside = inside.model_copy(update={"loudness_lufs": None})
        findings = check_inside(clip.info, inside, clip.reference, spec.video.min_duration_s)
        return about(findings, clip.reference.label, clip.tag)

    if len(wanted) == 1:
        return {wanted[0].tag: one(wanted[0])}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return dict(zip([clip.tag for clip in wanted], pool.map(one, wanted), strict=True))


def look_into(source: Source, options: Options, item: Openable) -> Source:
    """*source* with what was seen in *item*: keyframes, and what the best part is found by where it has to be found."""
    try:
        return _looked_into(source, options, item)
    finally:
        if not isinstance(item, Path):
            item.raise_failure()


def _looked_into(source: Source, options: Options, item: Openable) -> Source:
    info = source.info
    choosing = options.window == "best" and source.reference.part is None
    if isinstance(info, AudioInfo) and choosing:
        from prep.media.analysis.speech import listen
        from prep.media.probe.dispatch import demuxer_of

        return source.model_copy(update={"scan": Scan(heard=listen(item, demuxer_of(item), info))})
    if not isinstance(info, VideoInfo) or info.codec == "webp":
        return source  # the library that looks into clips has no reader for an animated WebP
    from prep.media.analysis.scan import scan
    from prep.media.probe.dispatch import demuxer_of

    return source.model_copy(update={"scan": scan(item, demuxer_of(item), info, glimpses=choosing)})


def look_at(source: Source, steps: tuple[Step, ...], asked: Questions, path: Path) -> Source:
    """*source* with the answers to what was *asked* about the image at *path* for which *steps* are planned."""
    info = source.info
    if not isinstance(info, ImageInfo) or not asked:
        return source
    from prep.media.analysis.picture import look

    crop = real_crop(source.reference.crop, info)
    kept = asked_crop(crop, info.width, info.height, source.label) if crop else None
    seen = look(path, info, steps, asked, kept)
    return source.model_copy(update={"look": seen.model_copy(update={"frames_s": source.look.frames_s})})
