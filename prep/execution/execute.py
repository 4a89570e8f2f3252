"""Carries out a plan: each file is made under a temporary name, probed, judged, and only then put in place."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeVar

from prep.errors import NO_ROOM, PrepError, UnwritableError, UsageError, unreadable
from prep.execution.folder import earlier_files, note_names, own_names, placing, refuse_foreign, refuse_to_replace
from prep.execution.parts import is_read_in_part
from prep.execution.verify import damaged, verify, verify_set
from prep.log import get_logger, logged_about
from prep.media.io.files import leftovers, stamp, temporary_path
from prep.media.io.special import refuse_special
from prep.media.task import Task
from prep.model.context import Context
from prep.model.manifest import ManifestEntry, OutputFile, SourceFile
from prep.model.media import MEDIA_TYPES, MediaInfo, VideoInfo
from prep.model.plan import Plan, PlanEntry
from prep.model.progress import Progress
from prep.model.source import Source
from prep.rules.findings import Findings
from prep.telemetry import names
from prep.telemetry.media import decisions, media_facts
from prep.telemetry.metrics import record
from prep.telemetry.spans import annotate, span, traced
from prep.threads import EitherEvent

logger = get_logger(__name__)
POLL_S = 0.05
T = TypeVar("T")


class Maker(Protocol):
    """The work on single files. `prep.execution.maker` does it with the real tools; tests have one without media."""

    def probe(self, path: Path, track: Literal["audio", "video"] | None) -> MediaInfo: ...

    def make(self, task: Task) -> Findings: ...

    def copy(self, task: Task) -> Findings: ...

    def sha256(self, path: Path) -> str: ...

    def output_name(self, tag: str, label: str, container: str) -> str: ...


class Encoded(NamedTuple):
    """A video that was encoded from *source* as *entry* says: *path* and its facts.

    *pictures* are as in Task; the file is not there when the video comes from the cache.
    """

    entry: PlanEntry
    source: Source
    path: Path
    info: VideoInfo
    pictures: Path


@dataclass(frozen=True)
class Workplace:
    """Where and with what files are made. *on_made* gets each file once it is verified, from several threads.

    *watched* are the tags of videos of which nobody has seen the pictures: *advise* says what they show once they are
    encoded.
    """

    folder: Path
    maker: Maker
    on_made: Callable[[ManifestEntry, Path], None] = lambda entry, path: None
    watched: frozenset[str] = frozenset()
    advise: Callable[[Encoded], Findings] = lambda encoded: ()


class Made(NamedTuple):
    """The entries of a manifest, and warnings that only making the files showed."""

    entries: tuple[ManifestEntry, ...]
    findings: Findings


def execute(
    plan: Plan,
    sources: Sequence[Source],
    place: Workplace,
    ctx: Context,
    finish: Callable[[Made], T],
) -> T:
    """Make all files of *plan*, which was made for *sources*, independent ones in parallel.

    An entry with a URL has no file. Either all files appear in the folder under their final names, or none does;
    *finish* then writes the manifest; what it returns is returned. A file of an earlier run is replaced, one that stays
    beside them is a finding.
    Raises UsageError when a file would replace a source or one that is not ours, or a source has changed since it was
    probed, ToolError when a made file misses a limit, UnwritableError when there is no room, Cancelled when the caller
    wants to stop.
    """
    out = place.folder
    names = [place.maker.output_name(entry.tag, entry.label, entry.predicted.container) for entry in plan.entries]
    _refuse_overwriting(names, sources, out, ctx)
    own = own_names(out)
    refuse_foreign((name for entry, name in zip(plan.entries, names, strict=True) if entry.url is None), own, out)
    ctx.stop_if_cancelled()
    staging = temporary_path(out)
    try:
        staging.mkdir(mode=0o700)
        note_names(staging, own.union(names))  # before the notes of killed runs are removed
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise UsageError(f"{out}: can't be written to: {error.strerror}; choose another folder") from error
    try:
        _remove_leftovers(out, staging, sources, ctx)
        jobs = [
            _Job(entry, source, staging / name)
            for entry, source, name in zip(plan.entries, sources, names, strict=True)
        ]
        made = _make_all(jobs, place, ctx)
        verify_set(tuple(entry.output.info for entry in made.entries), plan, ctx.spec)
        with placing([job.target.name for job in jobs if job.entry.url is None], staging, out):
            return finish(made._replace(findings=(*made.findings, *earlier_files(names, own, out))))
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _remove_leftovers(out: Path, staging: Path, sources: Sequence[Source], ctx: Context) -> None:
    """Remove what a killed process was making, but no source and not *staging*."""
    real = [Path(os.path.realpath(path)) for path in _local(sources, ctx)]
    needed = {part for path in real for part in (path, *path.parents)} | {Path(os.path.realpath(staging))}
    for path in leftovers(out):
        if Path(os.path.realpath(path)) in needed:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _local(sources: Sequence[Source], ctx: Context) -> list[Path]:
    """The sources that are local files."""
    opened = [ctx.access.of(source.reference) for source in sources]
    return [item for item in opened if isinstance(item, Path)]


def _refuse_overwriting(names: Sequence[str], sources: Sequence[Source], out: Path, ctx: Context) -> None:
    """Raise UsageError when a file would land outside *out*, or on a source or a folder."""
    paths = _local(sources, ctx)
    for name in names:
        target = out / name
        if Path(name).name != name:
            raise UsageError(f"{name!r} is not a plain file name; this plan was not made here")
        if target.is_dir():
            raise UsageError(f"{target} is a folder, where a file is to be made; choose another folder")
        refuse_to_replace(target, paths)


class _Job(NamedTuple):
    entry: PlanEntry
    source: Source
    target: Path

    @property
    def work(self) -> float:
        """About how long it takes: the pixels to go through."""
        if not self.entry.steps:
            return 0.0
        info, seconds = self.entry.source, getattr(self.entry.predicted, "duration_s", 0.1)
        return float(getattr(info, "width", 1) * getattr(info, "height", 1) * seconds)


Outcome = tuple[ManifestEntry, Findings]


def _make_all(jobs: Sequence[_Job], place: Workplace, ctx: Context) -> Made:
    stop = EitherEvent(ctx.cancel)
    stoppable = replace(ctx, cancel=stop)
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as pool:
        # the longest work first, so that no long one is left alone at the end
        order = sorted(range(len(jobs)), key=lambda index: jobs[index].work, reverse=True)
        futures: dict[int, Future[Outcome]] = {
            index: pool.submit(copy_context().run, _make_one, jobs[index], place, stoppable) for index in order
        }
        try:
            pending: set[Future[Outcome]] = set(futures.values())
            while pending and not any(future.done() and future.exception() for future in futures.values()):
                # short waits: an interrupt is noticed only between two of them
                _, pending = wait(pending, timeout=POLL_S * 4, return_when=FIRST_EXCEPTION)
            done = [future for future in futures.values() if future.done()]
            if failure := next((error for future in done if (error := future.exception())), None):
                raise failure
        except BaseException:  # an interrupt as well: running work is stopped, not waited for
            stop.set()
            for future in futures.values():
                future.cancel()
            raise
    results = [futures[index].result() for index in range(len(jobs))]
    return Made(tuple(entry for entry, _ in results), tuple(finding for _, findings in results for finding in findings))


@traced(names.PREPARE_FILE)
def _make_one(job: _Job, place: Workplace, ctx: Context) -> Outcome:
    ctx.stop_if_cancelled()
    annotate(decisions(job.entry))
    if job.entry.url is not None:
        return _passed_on(job.entry, job.entry.url), ()
    started = time.monotonic()
    with logged_about(reference=job.entry.label), _local_file(job, ctx) as path:
        outcome = _make_from(path, job, place, ctx)
        seconds = time.monotonic() - started
        logger.info("made %s in %.1f s", job.target.name, seconds)
        _record(outcome[0].output.info, seconds)
        return outcome


def _record(made: MediaInfo, seconds: float) -> None:
    annotate(media_facts(made))
    record(names.PREPARATIONS, seconds, {names.KIND: made.kind})
    if made.kind != "image":
        record(names.PREPARED, made.duration_s, {names.KIND: made.kind})


@contextmanager
def _local_file(job: _Job, ctx: Context) -> Iterator[Path]:
    """The source as a file; one that was not local lies beside the target for as long as it is needed."""
    item = ctx.access.of(job.source.reference)
    if isinstance(item, Path):
        if job.source.stamp != stamp(item):
            raise UsageError(f"{job.entry.label}: the file has changed since it was planned; run again")
        yield item
        return

    def report(part: float) -> None:
        ctx.progress(Progress(stage="download", tag=job.entry.tag, label=job.entry.label, part=part))

    copy = job.target.with_name(f".source-{job.target.name}")
    with span(names.FETCH):
        item.save(copy, report, ctx.cancel)
    try:
        yield copy
    finally:
        copy.unlink()


def _passed_on(entry: PlanEntry, url: str) -> ManifestEntry:
    return ManifestEntry(
        tag=entry.tag,
        name=entry.reference.name,
        kind=entry.source.kind,
        source=SourceFile(path=entry.reference.display_path, sha256=None, info=entry.source),
        output=OutputFile(url=url, media_type=_media_type(entry.source), info=entry.source),
    )


def _make_from(path: Path, job: _Job, place: Workplace, ctx: Context) -> Outcome:
    entry, target, maker = job.entry, job.target, place.maker

    def report(part: float) -> None:
        ctx.progress(Progress(stage="prepare", tag=entry.tag, label=entry.label, part=part))

    pictures = target.with_name(f".pictures-{target.name}") if entry.tag in place.watched else None
    task = Task(path, job.source.demuxer or "", entry, target, report, ctx.cancel, pictures)
    report(0.0)
    in_part = is_read_in_part(entry)
    with ThreadPoolExecutor(max_workers=1) as side:
        source_hash = None if in_part else side.submit(maker.sha256, path)  # beside the work: it may take seconds
        try:
            refuse_special(path, entry.label)  # a pipe by now would be waited for
            with span(names.ENCODE if entry.steps else names.COPY):
                findings = maker.make(task) if entry.steps else maker.copy(task)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise UnwritableError(f"{place.folder}: {error.strerror}; choose another folder") from error
            raise unreadable(entry.label, error) from error
    with span(names.VERIFY):
        info = _probe(maker, target, entry)
        seen = verify(entry, info, ctx.spec)
    try:
        before = source_hash.result() if source_hash else None
    except OSError as error:
        raise unreadable(entry.label, error) from error
    after = maker.sha256(target)
    if not entry.steps and before != after:
        raise UsageError(f"{entry.label}: the file changed while it was copied; run again")
    report(1.0)
    result = ManifestEntry(
        tag=entry.tag,
        name=entry.reference.name,
        kind=info.kind,
        source=SourceFile(
            path=entry.reference.display_path,
            sha256=before,
            fingerprint=entry.fingerprint if in_part else None,
            info=entry.source,
        ),
        output=OutputFile(path=target.name, sha256=after, media_type=_media_type(info), info=info),
        steps=entry.steps,
    )
    place.on_made(result, target)
    if pictures is None or not isinstance(info, VideoInfo):
        return result, (*findings, *seen)
    with span(names.LOOK):
        advice = place.advise(Encoded(entry, job.source, target, info, pictures))
    pictures.unlink(missing_ok=True)
    return result, (*findings, *seen, *advice)


def _media_type(info: MediaInfo) -> str:
    return MEDIA_TYPES.get(info.container, "application/octet-stream")


def _probe(maker: Maker, target: Path, entry: PlanEntry) -> MediaInfo:
    track: Literal["audio", "video"] | None = "audio" if entry.predicted.kind == "audio" else None
    try:
        return maker.probe(target, track)
    except PrepError as error:
        raise damaged(entry.label, "what was made of it can't be read back") from error
