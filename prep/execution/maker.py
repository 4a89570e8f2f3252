"""Makes files: hands each task to the tool for its kind, and keeps what was made in the cache."""

import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Literal

from prep.errors import ToolError
from prep.execution.cache import Cache, key_of
from prep.media.image.encode import judged, make_image
from prep.media.io import files
from prep.media.probe.dispatch import probe
from prep.memoize import once
from prep.model.media import MediaInfo
from prep.model.task import Task
from prep.rules.findings import Findings


class MediaMaker:
    """Implements `prep.execution.execute.Maker` with the tools in `prep.media`; makes nothing that *cache* holds."""

    def __init__(self, cache: Cache | None = None) -> None:
        self._cache = cache
        self._hashes: dict[Path, Future[str]] = {}
        self._lock = threading.Lock()

    def probe(self, path: Path, track: Literal["audio", "video"] | None) -> MediaInfo:
        return probe(path, track)

    def make(self, task: Task) -> Findings:
        if self._cache is None:
            return _make(task)
        key = key_of(self.sha256(task.source), task.entry)
        if self._cache.fetch(key, task.target):
            return ()
        findings = _make(task)
        if not findings:  # a finding about a file has to be repeated, and the cache keeps files only
            self._cache.keep(key, task.target)
        return findings

    def copy(self, task: Task) -> Findings:
        findings = judged(task.source, task.entry) if task.entry.source.kind == "image" else ()
        files.copy(task.source, task.target)
        return findings

    def sha256(self, path: Path) -> str:
        """Hash *path*, once for each file: a large one takes seconds."""
        return once(self._hashes, self._lock, path, lambda: files.sha256(path))

    def output_name(self, tag: str, label: str, container: str) -> str:
        return files.output_name(tag, label, container)


def _make(task: Task) -> Findings:
    if task.entry.predicted.kind == "image":
        findings = make_image(task)
    elif task.entry.predicted.kind == "video":
        from prep.media.video.encode import make_video

        findings = make_video(task)
    else:
        from prep.media.audio.encode import make_sound

        findings = make_sound(task)
    if not task.target.exists():
        raise ToolError(f"{task.entry.label}: ffmpeg made no file")
    return findings
