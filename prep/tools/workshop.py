"""The real executor: each kind of work goes to the tool for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Literal

from prep.errors import ToolError
from prep.model.content import Openable
from prep.model.look import Questions
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Options, PlanEntry, Step
from prep.model.scan import Scan
from prep.once import once
from prep.planning import Source
from prep.planning.geometry import real_crop
from prep.rules.compare import Findings
from prep.tools import files
from prep.tools.cache import Cache, key_of
from prep.tools.image import judged, make_image
from prep.tools.look import look
from prep.tools.probe import demuxer_of, probe


class Workshop:
    """Implements `prep.execute.Executor`; what *cache* holds is not made again."""

    def __init__(self, cache: Cache | None = None) -> None:
        self._cache = cache
        self._hashes: dict[Path, Future[str]] = {}
        self._lock = threading.Lock()

    def probe(self, path: Path, track: Literal["audio", "video"] | None) -> MediaInfo:
        return probe(path, track)

    def make(
        self,
        source: Path,
        entry: PlanEntry,
        target: Path,
        progress: Callable[[float], None],
        cancel: threading.Event,
    ) -> Findings:
        if self._cache is None:
            return self._make(source, entry, target, progress, cancel)
        key = key_of(self.sha256(source), entry)
        if self._cache.fetch(key, target):
            return ()
        findings = self._make(source, entry, target, progress, cancel)
        if not findings:  # what has to be said about a file is said each time that it is made
            self._cache.keep(key, target)
        return findings

    def _make(
        self,
        source: Path,
        entry: PlanEntry,
        target: Path,
        progress: Callable[[float], None],
        cancel: threading.Event,
    ) -> Findings:
        if entry.predicted.kind == "image":
            findings = make_image(source, entry, target)
        elif entry.predicted.kind == "video":
            from prep.tools.video import make_video

            findings = make_video(source, demuxer_of(source), entry, target, progress, cancel)
        else:
            from prep.tools.sound import make_sound

            findings = make_sound(source, demuxer_of(source), entry, target, progress, cancel)
        if not target.exists():
            raise ToolError(f"{entry.label}: ffmpeg made no file")
        return findings

    def copy(self, source: Path, entry: PlanEntry, target: Path) -> Findings:
        findings = judged(source, entry) if entry.source.kind == "image" else ()
        files.copy(source, target)
        return findings

    def sha256(self, path: Path) -> str:
        """Each file is read once: a large one takes seconds."""
        return once(self._hashes, self._lock, path, lambda: files.sha256(path))

    def output_name(self, tag: str, label: str, container: str) -> str:
        return files.output_name(tag, label, container)


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
        from prep.tools.listen import listen

        return source.model_copy(update={"scan": Scan(heard=listen(item, demuxer_of(item), info))})
    if not isinstance(info, VideoInfo) or info.codec == "webp":
        return source  # the library that looks into clips has no reader for an animated WebP
    from prep.tools.scan import scan

    return source.model_copy(update={"scan": scan(item, demuxer_of(item), info, glimpses=choosing)})


def look_at(source: Source, steps: tuple[Step, ...], asked: Questions, path: Path) -> Source:
    """*source* with the answers to what was *asked* about the image at *path* for which *steps* are planned."""
    info = source.info
    if not isinstance(info, ImageInfo) or not asked:
        return source
    seen = look(path, info, steps, asked, real_crop(source.reference.crop, info))
    return source.model_copy(update={"look": seen.model_copy(update={"frames_s": source.look.frames_s})})
