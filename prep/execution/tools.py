"""The real executor: each kind of work goes to the tool for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Literal

from prep.errors import ToolError
from prep.execution.cache import Cache, key_of
from prep.media.image.encode import judged, make_image
from prep.media.io import files
from prep.media.probe.dispatch import demuxer_of, probe
from prep.memoize import once
from prep.model.media import MediaInfo
from prep.model.plan import PlanEntry
from prep.model.task import Task
from prep.rules.findings import Findings


class Workshop:
    """Implements `prep.execution.execute.Executor`; what *cache* holds is not made again."""

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
        demuxer = "" if entry.predicted.kind == "image" else demuxer_of(source)
        task = Task(source, demuxer, entry, target, progress, cancel)
        if self._cache is None:
            return self._make(task)
        key = key_of(self.sha256(source), entry)
        if self._cache.fetch(key, target):
            return ()
        findings = self._make(task)
        if not findings:  # what has to be said about a file is said each time that it is made
            self._cache.keep(key, target)
        return findings

    def _make(self, task: Task) -> Findings:
        entry = task.entry
        if entry.predicted.kind == "image":
            findings = make_image(task)
        elif entry.predicted.kind == "video":
            from prep.media.video.encode import make_video

            findings = make_video(task)
        else:
            from prep.media.audio.encode import make_sound

            findings = make_sound(task)
        if not task.target.exists():
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
