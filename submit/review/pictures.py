"""Pictures, waveforms and small clips of the references on the page, each made once and kept for the session."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from prep.errors import UsageError
from prep.media.as_planned import small_clip, small_picture, small_sound, small_still
from prep.media.film_strip import Cells, film_strip
from prep.media.io.files import stamp, temporary_path
from prep.media.task import Task
from prep.media.waveform import Stretch, waveform
from prep.memoize import once
from prep.model.context import Context
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import CropTo, Pad, PlanEntry, Scale
from prep.model.preview import Thumbnail
from prep.model.reference import Reference
from prep.model.source import Source
from prep.planning.trim.part import kept_part
from prep.rules.amounts import amount

# More at once would only wait for each other, and for the plan.
AT_ONCE = 3
PICTURE_EDGE, CLIP_EDGE = 1200, 854
WAVE_POINTS = 600
LONGEST_CLIP_S = 60.0
MOST_FETCHED = 200_000_000


class Pictures:
    """Makes what the page shows of references; *folder* keeps it. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "pictures"
        self._folder.mkdir(mode=0o700)
        self._made: dict[str, Future[Path]] = {}
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def strip(self, source: Source, part: Stretch, cells: Cells, ctx: Context) -> Path:
        """A film strip of *part* as a WebP picture."""
        info, demuxer = source.info, source.demuxer
        if not isinstance(info, VideoInfo) or demuxer is None or info.codec == "webp":
            raise UsageError("no film strip of this reference")

        def make(target: Path) -> None:
            path = local_file(source, ctx)
            _save(ctx.isolated(film_strip, path, demuxer, info, part, cells, label=source.label), target)

        return self._once(make, ".webp", "strip", source.stamp, part, cells)

    def wave(self, source: Source, part: Stretch, ctx: Context) -> Path:
        """The waveform of *part* as a JSON list of numbers from 0 to 1."""
        info = source.info
        if isinstance(info, ImageInfo):
            raise UsageError("a picture has no sound")

        def make(target: Path) -> None:
            wave = ctx.isolated(waveform, local_file(source, ctx), info, part, WAVE_POINTS, label=source.label)
            target.write_text(json.dumps(wave), "utf-8")

        return self._once(make, ".json", "wave", source.stamp, part)

    def picture(self, view: str, source: Source, entry: PlanEntry, ctx: Context) -> Path:
        """The picture of a reference as in VIEWS; of a clip that in the middle of the kept part."""
        if isinstance(source.info, AudioInfo):
            raise UsageError("a sound has no picture")
        part, seen = kept_part(entry), VIEWS[view](entry)
        middle_s = sum(part) / 2 if part else 0.0

        def make(target: Path) -> None:
            if isinstance(source.info, ImageInfo):
                shown = ctx.isolated(small_picture, local_file(source, ctx), seen, PICTURE_EDGE, label=source.label)
            else:
                task = Task(local_file(source, ctx), source.demuxer or "", seen, target, cancel=ctx.cancel)
                shown = small_still(task, middle_s, PICTURE_EDGE, ctx.access.isolation)
            _save(shown, target)

        return self._once(make, ".webp", "picture", source.stamp, round(middle_s, 3), look_of(seen))

    def clip(self, source: Source, entry: PlanEntry, part: Stretch, ctx: Context) -> Path:
        """*part* as it will be, to play: an MP4 of a clip, a WAV of a sound."""
        if part.duration_s > LONGEST_CLIP_S:
            raise UsageError(f"at most {LONGEST_CLIP_S:g} s can be played at a time; choose a shorter part")
        moving = isinstance(source.info, VideoInfo)
        if not moving and not isinstance(source.info, AudioInfo):
            raise UsageError("a picture can't be played")

        def make(target: Path) -> None:
            task = Task(local_file(source, ctx), source.demuxer or "", entry, target, cancel=ctx.cancel)
            if moving:
                small_clip(task, part, CLIP_EDGE, ctx.access.isolation)
            else:
                ctx.isolated(small_sound, task, part, label=source.label)

        steps = [step.model_dump_json() for step in entry.steps if step.kind not in ("trim", "extend")]
        return self._once(make, ".mp4" if moving else ".wav", "clip", source.stamp, part, steps)

    def _once(self, make: Callable[[Path], None], suffix: str, *key: object) -> Path:
        """The file that *make* writes, made once for each *key*; what failed is tried again when it is asked for."""
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:32]

        def made() -> Path:
            with self._slots:
                # its own name with its suffix at the end: programs choose the format by it
                half = temporary_path(self._folder).with_suffix(suffix)
                try:
                    make(half)
                    return half.replace(self._folder / f"{name}{suffix}")
                finally:
                    half.unlink(missing_ok=True)

        try:
            return once(self._made, self._lock, name, made)
        except BaseException:
            with self._lock:
                self._made.pop(name, None)
            raise


def whole(entry: PlanEntry) -> PlanEntry:
    """*entry* without the steps that give its picture another shape."""
    steps = tuple(step for step in entry.steps if not isinstance(step, CropTo | Scale | Pad))
    return entry.model_copy(update={"steps": steps})


# What a picture shows: the reference as it is, as it will be, and in the colours that it will have, but whole.
VIEWS: Mapping[str, Callable[[PlanEntry], PlanEntry]] = {
    "before": lambda entry: entry.model_copy(update={"steps": (), "predicted": entry.source}),
    "after": lambda entry: entry,
    "whole": whole,
}


def look_of(entry: PlanEntry) -> str:
    """A short text that differs for steps that look different."""
    steps = [step.model_dump_json() for step in entry.steps if step.kind != "trim"]
    return hashlib.sha256("\n".join(steps).encode()).hexdigest()[:12]


def why_not_visible(reference: Reference, info: MediaInfo) -> str:
    """Why the page has no picture of *reference*; empty where it has one."""
    if reference.is_url and info.bytes > MOST_FETCHED:
        return f"at a URL, and too large to be shown (max {amount(MOST_FETCHED, 'bytes')})"
    return ""


def local_file(source: Source, ctx: Context) -> Path:
    """The file of *source*, of one at a URL a copy, which is fetched once.

    Raises UsageError where the page shows none, or where the file is not what was read: another one, or a link to one,
    may lie there by now.
    """
    if why := why_not_visible(source.reference, source.info):
        raise UsageError(f"{source.label}: {why}")
    if source.reference.is_url:
        return ctx.access.path(source.reference)
    path = Path(source.reference.location)
    if stamp(path) != source.stamp:
        raise UsageError(f"{source.label}: the file has changed since it was read; remove it and add it again")
    return path


def _save(shown: Thumbnail, target: Path) -> None:
    target.write_bytes(base64.b64decode(shown.data))
