"""Judges files one by one, and the jobs of a list. An unreadable file is a finding."""

import gc
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from prep.errors import Cancelled, ManyErrors, PrepError, UnreadableError
from prep.fix import CantFix, Fixer
from prep.flag_names import in_flags
from prep.inputs.access import Access
from prep.inputs.references import AnyReference, is_folder
from prep.inputs.resolve import resolve
from prep.inputs.unreadable import skipped_finding, unreadable_finding
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.plan import Options
from prep.model.progress import OnProgress
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.model.report import Report
from prep.net.network import Network
from prep.rules.standalone import by_itself
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.stages import check_inputs, open_context
from prep.telemetry import names
from prep.telemetry.spans import fail, traced
from prep.threads import EitherEvent, in_order

T = TypeVar("T")
# A container and its streams refer to each other, and to some MB of a decoder's frames, until the garbage collector
# runs; it counts objects, not bytes, and would run only after hundreds of videos.
COLLECT_EVERY = 40


def check_each(  # noqa: PLR0913  public: takes keyword options
    references: Iterable[Reference],
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    options: Options | None = None,
    thorough: bool = False,
    skip_unreadable: bool = False,
    fixer: Fixer | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Iterator[Report]:
    """Yield a report for each file, in order: the rules it breaks whatever it is sent with.

    Rules about a set (a sound needs a picture beside it, the least seconds of all videos together) are left out. An
    unreadable file is the finding `input-unreadable`, with *skip_unreadable* the warning `input-skipped`. *fixer* fixes
    the files that have something to fix; raises CantFix when a fixed file would replace another or can't be written.
    """
    spec = by_itself(load_spec(endpoint))
    stop = EitherEvent(cancel or threading.Event())

    @traced(names.CHECK)
    def one(reference: Reference) -> Report:
        path = reference.display_path
        try:
            with open_context(spec, Access(network), options, progress, stop) as ctx:
                ctx.stop_if_cancelled()
                if is_folder(reference):
                    raise UnreadableError(f"{shown(path)}: a folder; name the files in it")
                inputs = resolve([reference], ctx, fingerprints=fixer is not None).all_readable()
                (source,) = inputs.sources
                report = check_inputs(inputs, ctx, thorough=thorough)
                if fixer is not None and any(finding.fix for finding in report.findings):
                    report = fixer.fix_file(report, source, ctx)
        except (Cancelled, CantFix):
            raise
        except PrepError as error:
            fail(error)
            report = unreadable(error, spec.endpoint, path, subject=path)
            return _skipped(report) if skip_unreadable else report
        return report.model_copy(
            update={
                "origin": path,
                "references": tuple(item.model_copy(update={"tag": ""}) for item in report.references),
                "findings": by_name(report.findings, path),
            }
        )

    return _in_order(one, references, stop)


class Question(NamedTuple):
    """The parameters of `check` for one job."""

    references: Sequence[AnyReference]
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT
    prompt: str | None = None
    options: Options | None = None


def check_jobs(
    jobs: Iterable[tuple[str, Question | PrepError]],
    *,
    thorough: bool = False,
    skip_unreadable: bool = False,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Iterator[Report]:
    """Yield a report for each job, in order; a job comes with its place in the list, and may be an error already."""
    stop = EitherEvent(cancel or threading.Event())

    @traced(names.CHECK)
    def one(item: tuple[str, Question | PrepError]) -> Report:
        origin, job = item
        if isinstance(job, PrepError):
            return unreadable(job, "", origin)
        try:
            with open_context(job.endpoint, Access(network), job.options, None, stop) as ctx:
                inputs = resolve(job.references, ctx, fingerprints=False)
                if skip_unreadable and inputs.sources:
                    inputs = inputs.readable(skip_unreadable=True)
                report = check_inputs(inputs, ctx, prompt=job.prompt, thorough=thorough)
        except Cancelled:
            raise
        except PrepError as error:
            endpoint = job.endpoint if isinstance(job.endpoint, str) else job.endpoint.endpoint
            return unreadable(error, endpoint, origin)
        return report.model_copy(update={"origin": origin})

    return _in_order(one, jobs, stop)


def by_name(findings: Iterable[Finding], path: str) -> tuple[Finding, ...]:
    """Put the file's whole path in *findings*: a bare name or a tag does not identify one of many files."""
    return tuple(finding.model_copy(update={"subject": path, "tag": None}) for finding in findings)


def unreadable(error: PrepError, endpoint: str, origin: str = "", *, subject: str | None = None) -> Report:
    """Return the report about *origin* when nothing could be judged: one finding about *subject* for each problem."""
    problems = error.problems if isinstance(error, ManyErrors) else (error,)
    place = shown(subject or origin)
    return Report(
        endpoint=endpoint,
        references=(),
        totals=totals(()),
        findings=tuple(unreadable_finding(in_flags(str(problem)), subject, place) for problem in problems),
        origin=origin,
    )


def _skipped(report: Report) -> Report:
    """*report* about an unreadable file, as a warning."""
    warnings = tuple(skipped_finding(finding.message, finding.subject) for finding in report.findings)
    return report.model_copy(update={"findings": warnings})


def _in_order(work: Callable[[T], Report], items: Iterable[T], stop: threading.Event) -> Iterator[Report]:
    for done, report in enumerate(in_order(work, items, stop), start=1):
        yield report
        if done % COLLECT_EVERY == 0:
            gc.collect()
