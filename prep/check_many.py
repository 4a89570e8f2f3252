"""Judging many things one by one: files that are no set, and the jobs of a list. What can't be read is a finding."""

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from prep.api import check
from prep.context import stop_if
from prep.errors import ManyErrors, PrepError
from prep.flag_names import in_flags
from prep.inputs.resolve import AnyReference
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.plan import Options
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.model.report import UNREADABLE, Report
from prep.net.network import Network
from prep.rules.catalogue import RULES
from prep.rules.standalone import by_itself
from prep.specs import DEFAULT_ENDPOINT, load_spec

T = TypeVar("T")
# A container and its streams hold each other, and with them a decoder's frames of some MB, until the collector comes
# by; it counts objects, not what they hold, and would come after hundreds of videos.
SWEPT = 40
AHEAD = 4  # as many are under way for each processor, however many there are: memory does not grow with the list


def check_each(
    references: Iterable[Reference],
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    options: Options | None = None,
    thorough: bool = False,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Iterator[Report]:
    """A report for each file, in the order given: what it breaks whatever it is sent with.

    What needs company (sound needs something to see, the seconds that all videos have together at least) is not asked
    for. A file that can't be read is the finding `input-unreadable`.
    """
    spec = by_itself(load_spec(endpoint))

    def one(reference: Reference) -> Report:
        stop_if(cancel)
        path = _told(reference.told)
        try:
            report = check([reference], spec, options=options, thorough=thorough, cancel=cancel, network=network)
        except PrepError as error:
            return unreadable(error, spec.endpoint, path, subject=path)
        return report.model_copy(
            update={
                "origin": path,
                "references": tuple(item.model_copy(update={"tag": ""}) for item in report.references),
                "findings": by_name(report.findings, path),
            }
        )

    return _in_order(one, references)


class Question(NamedTuple):
    """What `check` is asked for one job."""

    references: Sequence[AnyReference]
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT
    prompt: str | None = None
    options: Options | None = None


def check_jobs(
    jobs: Iterable[tuple[str, Question | PrepError]],
    *,
    thorough: bool = False,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Iterator[Report]:
    """A report for each job, in the order given; each comes with its place, and may be wrong from the beginning."""

    def one(item: tuple[str, Question | PrepError]) -> Report:
        stop_if(cancel)
        origin, job = item
        if isinstance(job, PrepError):
            return unreadable(job, "", origin)
        try:
            report = check(
                job.references,
                job.endpoint,
                prompt=job.prompt,
                options=job.options,
                thorough=thorough,
                cancel=cancel,
                network=network,
            )
        except PrepError as error:
            endpoint = job.endpoint if isinstance(job.endpoint, str) else job.endpoint.endpoint
            return unreadable(error, endpoint, origin)
        return report.model_copy(update={"origin": origin})

    return _in_order(one, jobs)


def _told(path: str) -> str:
    """*path* itself, or what can be told of it: not every name of a file is text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return shown(path)
    return path


def by_name(findings: Iterable[Finding], path: str) -> tuple[Finding, ...]:
    """The same findings under the file's whole path: a name alone does not tell one of many files, nor does a tag."""
    return tuple(finding.model_copy(update={"subject": path, "tag": None}) for finding in findings)


def unreadable(error: PrepError, endpoint: str, origin: str = "", *, subject: str | None = None) -> Report:
    """The report about *origin* when nothing could be judged: one finding for each problem, about *subject*."""
    problems = error.problems if isinstance(error, ManyErrors) else (error,)
    return Report(
        endpoint=endpoint,
        references=(),
        totals=totals(()),
        findings=tuple(_finding(in_flags(str(problem)), origin, subject) for problem in problems),
        origin=origin,
    )


def _finding(told: str, origin: str, subject: str | None) -> Finding:
    """What was *told*, in one line and without the place in front, which the finding has anyway."""
    place = f"{shown(subject or origin)}: "
    lines = [line.strip().removeprefix(place) for line in told.split("\n")]
    return Finding(
        rule=UNREADABLE,
        severity="error",
        basis=RULES[UNREADABLE].basis,
        subject=subject,
        actual="unreadable",
        allowed="readable",
        message=lines[0] + "".join(f"; {line}" for line in lines[1:]),
    )


def _in_order(work: Callable[[T], Report], items: Iterable[T]) -> Iterator[Report]:
    workers, done = os.cpu_count() or 1, 0
    under_way: deque[Future[Report]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            for item in items:
                under_way.append(pool.submit(work, item))
                if len(under_way) >= AHEAD * workers:
                    yield under_way.popleft().result()
                    done += 1
                    if done % SWEPT == 0:
                        gc.collect()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
