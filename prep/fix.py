"""Fixing what a check found: compliant files beside the sources, by safe changes only unless others are allowed.

A set is made whole or not at all, as `prepare` does it; files that are judged by themselves are made one by one.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from prep.api import plan, prepare
from prep.check_many import by_name, unreadable
from prep.errors import ToolError, UnreadableError, UsageError
from prep.execution.lock import make_folder
from prep.inputs.resolve import AnyReference
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.media import EXTENSIONS
from prep.model.plan import Options, Plan, PlanEntry
from prep.model.progress import Progress
from prep.model.reference import Reference
from prep.model.report import Fix, Report
from prep.net.network import Network
from prep.planning.safety import unsafe_steps
from prep.rules.standalone import by_itself

SAME_EXTENSION = {".jpeg": ".jpg", ".jpe": ".jpg", ".wave": ".wav", ".qt": ".mov"}
Tell = Callable[[Progress], None]


def fixed_set(
    report: Report,
    references: Sequence[AnyReference],
    endpoint: str | EndpointSpec,
    options: Options,
    *,
    out: Path | None,
    unsafe: bool,
    progress: Tell,
    network: Network | None = None,
) -> Report:
    """*report* with what would make its set comply. With *out* the whole set is made there, if that may be done.

    What was made leaves only the findings that `prepare` leaves, and those about the prompt.
    """
    planned = plan(references, endpoint, options=options, network=network)
    fixes = tuple(_fix(entry) for entry in planned.entries)
    if out is None or planned.unfixable or not (unsafe or _safe(fixes)):
        return report.model_copy(update={"fixes": tuple(fix for fix in fixes if fix.steps)})
    manifest = prepare(planned, endpoint, out=out, progress=progress, network=network)
    files = [(entry.tag, entry.output.path) for entry in manifest.entries]
    made = {tag: str(out / path) for tag, path in files if path is not None}
    prompted = tuple(finding for finding in report.findings if finding.rule.startswith("prompt-"))
    return report.model_copy(
        update={
            "fixes": tuple(fix.model_copy(update={"made": made.get(fix.tag or "")}) for fix in fixes),
            "findings": (*manifest.findings, *prompted),
        }
    )


def fixed_each(
    reports: Iterable[Report],
    references: Sequence[Reference],
    spec: EndpointSpec,
    options: Options,
    *,
    out: Path | None,
    unsafe: bool,
    progress: Tell,
    network: Network | None = None,
) -> Iterator[Report]:
    """Each report of a file with what would make it comply; with *out* it is made there, if that may be done.

    The files keep their paths below *out*. Raises UsageError when one would land on another or on one of *references*.
    """
    alone, taken = by_itself(spec), {os.path.realpath(reference.location) for reference in references}

    def fixed(report: Report) -> Report:
        reference = report.references[0].reference
        planned = plan([reference], alone, options=options, network=network)
        fix = _fix(planned.entries[0]).model_copy(update={"tag": None})
        asis = planned.entries[0].url is not None
        if out is None or planned.unfixable or asis or not (unsafe or _safe((fix,))):
            return report.model_copy(update={"fixes": (fix,)})
        target = _target(out, reference, planned.entries[0].predicted.container, taken)
        left = _make(planned, target, alone, progress, network)
        made = fix.model_copy(update={"made": str(target)})
        return report.model_copy(update={"fixes": (made,), "findings": by_name(left, report.origin)})

    for report in reports:
        if not report.references or not any(finding.fix for finding in report.findings):
            yield report
            continue
        try:
            yield fixed(report)
        except (ToolError, UnreadableError) as error:  # its header is fine, but it does not decode
            yield unreadable(error, spec.endpoint, report.origin, subject=report.origin)


def _fix(entry: PlanEntry) -> Fix:
    return Fix(
        tag=entry.tag,
        path=entry.reference.told,
        steps=entry.steps,
        unsafe=tuple(dict.fromkeys(step.kind for step in unsafe_steps(entry))),
    )


def _safe(fixes: Iterable[Fix]) -> bool:
    return not any(fix.unsafe for fix in fixes)


def _target(out: Path, reference: Reference, container: str, taken: set[str]) -> Path:
    """The source's own path below *out*; another format's extension is added, so that a.heic does not become a.jpg."""
    path = PurePath(reference.told.removesuffix("?…").partition("://")[2] if reference.is_url else reference.location)
    inside = PurePath(*(part for part in path.parts if part not in (path.anchor, "..")))
    extension = EXTENSIONS[container]
    suffix = inside.suffix.lower()
    kept = SAME_EXTENSION.get(suffix, suffix) == extension
    target = out / (inside if kept else inside.with_name(inside.name + extension))
    real = os.path.realpath(target)
    if real in taken:
        raise UsageError(f"{target}: another file is there that was checked as well; choose another folder")
    taken.add(real)
    return target


def _make(
    planned: Plan, target: Path, spec: EndpointSpec, progress: Tell, network: Network | None
) -> tuple[Finding, ...]:
    """Make the file and return what is left to say about it."""
    make_folder(target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fixing-") as scratch:
        manifest = prepare(planned, spec, out=scratch, progress=progress, network=network)
        os.replace(Path(scratch) / (manifest.entries[0].output.path or ""), target)
    return manifest.findings
