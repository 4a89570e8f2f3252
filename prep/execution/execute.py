"""Carrying out a plan: every file is made under a temporary name, probed again, judged, and only then put in place."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from prep.context import stop_if
from prep.errors import NO_ROOM, PrepError, ToolError, UnreadableError, UnwritableError, UsageError
from prep.execution.verify import verify, verify_set
from prep.model.byte_source import Openable
from prep.model.limits import EndpointSpec
from prep.model.manifest import MANIFEST, ManifestEntry, OutputFile, SourceFile
from prep.model.media import MEDIA_TYPES, MediaInfo
from prep.model.plan import Plan, PlanEntry
from prep.model.progress import Progress
from prep.rules.findings import Findings

POLL_S = 0.05


class Executor(Protocol):
    """What is done to files. `prep.tools` does it for real; nothing here opens media or runs a program."""

    def probe(self, path: Path, track: Literal["audio", "video"] | None) -> MediaInfo: ...

    def make(
        self,
        source: Path,
        entry: PlanEntry,
        target: Path,
        progress: Callable[[float], None],
        cancel: threading.Event,
    ) -> Findings: ...

    def copy(self, source: Path, entry: PlanEntry, target: Path) -> Findings: ...

    def sha256(self, path: Path) -> str: ...

    def output_name(self, tag: str, label: str, container: str) -> str: ...


class Made(NamedTuple):
    """The entries of a manifest, and what was found only while they were made (warnings)."""

    entries: tuple[ManifestEntry, ...]
    findings: Findings


def execute(
    plan: Plan,
    sources: Sequence[Openable],
    out: Path,
    spec: EndpointSpec,
    executor: Executor,
    progress: Callable[[Progress], None],
    cancel: threading.Event,
    on_made: Callable[[ManifestEntry, Path], None] = lambda entry, path: None,
) -> Made:
    """Make all files of *plan* in the folder *out*, independent ones in parallel; *sources* are what its references are
    read from.

    An entry with a URL has no file, and nothing is made of it. *on_made* is called with each that is made as soon as
    it is verified by itself, from several threads.

    Either all files appear in *out* under their final names, or none does. Raises UsageError when a file would replace
    a source, ToolError when a made file misses a limit, UnwritableError when there is no room, Cancelled when *cancel*
    is set.
    """
    names = [executor.output_name(entry.tag, entry.label, entry.predicted.container) for entry in plan.entries]
    _spare_others(names, sources, out)
    stop_if(cancel)
    try:
        staging = out / Path(tempfile.mkdtemp(dir=out, prefix=".making-")).name  # which Python 3.12 makes absolute
    except OSError as error:
        raise UsageError(f"{out}: can't be written to: {error.strerror}; choose another folder") from error
    try:
        made = _make_all(plan, sources, [staging / name for name in names], spec, executor, progress, cancel, on_made)
        verify_set(tuple(entry.output.info for entry in made.entries), plan, spec)
        (out / MANIFEST).unlink(missing_ok=True)
        for name, entry in zip(names, plan.entries, strict=True):
            if entry.url is None:
                os.replace(staging / name, out / name)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    staging.rmdir()
    return made


def _spare_others(names: Sequence[str], sources: Sequence[Openable], out: Path) -> None:
    """Raise UsageError when a file would land outside *out*, or on a source or a folder."""
    for name in names:
        target = out / name
        if Path(name).name != name:
            raise UsageError(f"{name!r} is not a plain file name; this plan was not made here")
        if target.is_dir():
            raise UsageError(f"{target} is a folder, where a file is to be made; choose another folder")
        if target.exists() and any(isinstance(source, Path) and source.samefile(target) for source in sources):
            raise UsageError(f"{target} is one of the references and would be replaced; choose another folder")


def _make_all(
    plan: Plan,
    sources: Sequence[Openable],
    targets: Sequence[Path],
    spec: EndpointSpec,
    executor: Executor,
    progress: Callable[[Progress], None],
    cancel: threading.Event,
    on_made: Callable[[ManifestEntry, Path], None],
) -> Made:
    stop = _Either(cancel)
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as pool:
        # longest work first, so that no long one is left alone at the end
        order = sorted(range(len(targets)), key=lambda index: _work(plan.entries[index]), reverse=True)
        futures: dict[int, Future[tuple[ManifestEntry, Findings]]] = {
            index: pool.submit(
                _make_one, plan.entries[index], sources[index], targets[index], spec, executor, progress, stop, on_made
            )
            for index in order
        }
        try:
            pending: set[Future[tuple[ManifestEntry, Findings]]] = set(futures.values())
            while pending and not any(future.done() and future.exception() for future in futures.values()):
                # again and again: an interrupt is only noticed between two waits
                _, pending = wait(pending, timeout=POLL_S * 4, return_when=FIRST_EXCEPTION)
            done = [future for future in futures.values() if future.done()]
            if failed := next((error for future in done if (error := future.exception())), None):
                raise failed
        except BaseException:  # an interrupt as well: what runs is stopped, not waited for
            stop.set()
            for future in futures.values():
                future.cancel()
            raise
    results = [futures[index].result() for index in range(len(targets))]
    return Made(tuple(entry for entry, _ in results), tuple(finding for _, found in results for finding in found))


class _Either(threading.Event):
    """Set when it is set itself, or when *other* is: one failure stops the rest without touching the caller's event."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.is_set() and (deadline is None or time.monotonic() < deadline):
            self._other.wait(POLL_S)
        return self.is_set()


def _work(entry: PlanEntry) -> float:
    if not entry.steps:
        return 0.0
    return float(getattr(entry.source, "width", 1) * getattr(entry.source, "height", 1) * _seconds(entry))


def _seconds(entry: PlanEntry) -> float:
    return float(getattr(entry.predicted, "duration_s", 0.1))


def _make_one(
    entry: PlanEntry,
    source: Openable,
    target: Path,
    spec: EndpointSpec,
    executor: Executor,
    progress: Callable[[Progress], None],
    cancel: threading.Event,
    on_made: Callable[[ManifestEntry, Path], None],
) -> tuple[ManifestEntry, Findings]:
    stop_if(cancel)
    if entry.url is not None:
        return _passed_on(entry, entry.url), ()
    with _at_hand(entry, source, target, progress, cancel) as path:
        return _made_from(entry, path, target, spec, executor, progress, cancel, on_made)


@contextmanager
def _at_hand(
    entry: PlanEntry, source: Openable, target: Path, progress: Callable[[Progress], None], cancel: threading.Event
) -> Iterator[Path]:
    """*source* as a file, which is beside *target* for as long as it is needed when it was none before."""
    if isinstance(source, Path):
        yield source
        return

    def report(part: float) -> None:
        progress(Progress(stage="download", tag=entry.tag, label=entry.label, part=part))

    fetched = target.with_name(f".source-{target.name}")
    source.save(fetched, report, cancel)
    try:
        yield fetched
    finally:
        fetched.unlink()


def _passed_on(entry: PlanEntry, url: str) -> ManifestEntry:
    return ManifestEntry(
        tag=entry.tag,
        name=entry.reference.name,
        kind=entry.source.kind,
        source=SourceFile(path=entry.reference.told, sha256=None, info=entry.source),
        output=OutputFile(url=url, media_type=_media_type(entry.source), info=entry.source),
    )


def _made_from(
    entry: PlanEntry,
    source: Path,
    target: Path,
    spec: EndpointSpec,
    executor: Executor,
    progress: Callable[[Progress], None],
    cancel: threading.Event,
    on_made: Callable[[ManifestEntry, Path], None],
) -> tuple[ManifestEntry, Findings]:
    def report(part: float) -> None:
        progress(Progress(stage="prepare", tag=entry.tag, label=entry.label, part=part))

    report(0.0)
    with ThreadPoolExecutor(max_workers=1) as side:
        hashed = side.submit(executor.sha256, source)  # beside the work: a large source takes seconds to read
        try:
            if entry.steps:
                findings = executor.make(source, entry, target, report, cancel)
            else:
                findings = executor.copy(source, entry, target)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise UnwritableError(f"{target.parent.parent}: {error.strerror}; choose another folder") from error
            raise UnreadableError(f"{entry.label}: {error.strerror or error}") from error
    info = _probed(executor, target, entry)
    verify(entry, info, spec)
    before, after = hashed.result(), executor.sha256(target)
    if not entry.steps and before != after:
        raise ToolError(f"{entry.label}: it changed while it was copied; run again")
    report(1.0)
    result = ManifestEntry(
        tag=entry.tag,
        name=entry.reference.name,
        kind=info.kind,
        source=SourceFile(path=entry.reference.told, sha256=before, info=entry.source),
        output=OutputFile(path=target.name, sha256=after, media_type=_media_type(info), info=info),
        steps=entry.steps,
    )
    on_made(result, target)
    return result, findings


def _media_type(info: MediaInfo) -> str:
    return MEDIA_TYPES.get(info.container, "application/octet-stream")


def _probed(executor: Executor, target: Path, entry: PlanEntry) -> MediaInfo:
    track: Literal["audio", "video"] | None = "audio" if entry.predicted.kind == "audio" else None
    try:
        return executor.probe(target, track)
    except PrepError as error:
        raise ToolError(f"{entry.label}: what was made of it can't be read back: {error}") from error
