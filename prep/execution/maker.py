"""Makes files: hands each task to the tool for its kind, and keeps what was made in the cache."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Literal

from prep.errors import PrepError, ToolError, UnreadableError
from prep.execution.cache import Cache, key_of
from prep.execution.parts import is_read_in_part
from prep.execution.verify import damaged
from prep.media.ffmpeg.decodes import decodes
from prep.media.ffmpeg.process import TookTooLong, TookTooMuchMemory
from prep.media.image.encode import judged, make_image
from prep.media.io import files
from prep.media.isolation.pool import Isolation
from prep.media.probe.dispatch import probe
from prep.media.task import Task
from prep.memoize import once
from prep.model.media import MediaInfo
from prep.model.plan import PlanEntry
from prep.rules.findings import Findings
from prep.telemetry.names import CACHED
from prep.telemetry.spans import annotate


class MediaMaker:
    """Implements `prep.execution.execute.Maker` with the tools in `prep.media`; makes nothing that *cache* holds.

    *isolation* opens pictures and sounds; videos are opened by ffmpeg, a process of its own.
    """

    def __init__(self, isolation: Isolation, cache: Cache | None = None) -> None:
        self._isolation = isolation
        self._cache = cache
        self._hashes: dict[Path, Future[str]] = {}
        self._lock = threading.Lock()

    def probe(self, path: Path, track: Literal["audio", "video"] | None) -> MediaInfo:
        return self._isolation.call(probe, path, track, label=path.name, cancel=threading.Event())

    def make(self, task: Task) -> Findings:
        if self._cache is None:
            return self._make(task)
        if is_read_in_part(task.entry):  # samples of its content, and what changes with any change to the file
            source = f"{task.entry.fingerprint} {files.stamp(task.source)}"
        else:
            source = self.sha256(task.source)
        key = key_of(source, task.entry)
        if self._fetched(key, task):
            return ()
        with self._cache.alone(key, task.cancel):
            if self._fetched(key, task):  # made by somebody else in the meantime
                return ()
            findings = self._make(task)
            if not findings:  # a finding about a file has to be repeated, and the cache keeps files only
                self._cache.keep(key, task.target)
        return findings

    def _fetched(self, key: str, task: Task) -> bool:
        cached = self._cache is not None and self._cache.fetch(key, task.target)
        annotate({CACHED: cached})
        return cached

    def copy(self, task: Task) -> Findings:
        if task.entry.source.kind == "image":
            findings = self._isolation.call(
                judged, task.source, _without_content(task.entry), label=task.entry.label, cancel=task.cancel
            )
        else:
            findings = ()
        files.copy(task.source, task.target)
        return findings

    def _make(self, task: Task) -> Findings:
        try:
            findings = self._use_tool(task)
            if not task.target.exists():
                raise ToolError(f"{task.entry.label}: nothing was made of it")
        except (TookTooLong, TookTooMuchMemory) as error:
            raise UnreadableError(f"{task.entry.label}: {error}; shorten it, or scale it down, first") from error
        except ToolError as error:
            if decodes(task):
                raise
            raise damaged(task.entry.label) from error
        except (PrepError, OSError, MemoryError):
            raise
        except Exception as error:  # decoders raise what they like about a broken file
            raise damaged(task.entry.label) from error
        return findings

    def _use_tool(self, task: Task) -> Findings:
        own = replace(task, entry=_without_content(task.entry))
        if task.entry.predicted.kind == "video":
            from prep.media.video.encode import make_video  # loads libav, which a picture does without

            return make_video(own, self._isolation)
        return self._isolation.call(_tool_for(own), own, label=task.entry.label, cancel=task.cancel)

    def sha256(self, path: Path) -> str:
        """Hash *path*, once for each file: a large one takes seconds."""
        return once(self._hashes, self._lock, path, lambda: files.sha256(path))

    def output_name(self, tag: str, label: str, container: str) -> str:
        return files.output_name(tag, label, container)


def _tool_for(task: Task) -> Callable[[Task], Findings]:
    if task.entry.predicted.kind == "image":
        return make_image
    from prep.media.audio.encode import make_sound

    return make_sound


def _without_content(entry: PlanEntry) -> PlanEntry:
    """*entry* without what the user gave in the place of a file: it lies in a file by now."""
    return entry.model_copy(update={"reference": entry.reference.model_copy(update={"content": None})})
