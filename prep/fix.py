"""Makes compliant copies of what a check judged, by safe changes only unless others are allowed.

A set that may be made whole is made as `prepare` makes it. Otherwise the files that may be made are made one by one, as
those are that are judged one by one.
"""

import os
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from prep.errors import UnwritableError, UsageError
from prep.execution.lock import claimed, make_folder
from prep.inputs.access import Access
from prep.inputs.output import check_output
from prep.inputs.references import References
from prep.inputs.resolve import Inputs, resolve
from prep.media.io.files import sha256
from prep.model.context import Context
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.media import EXTENSIONS
from prep.model.plan import Options, Plan, PlanEntry
from prep.model.progress import OnProgress
from prep.model.redact import escape_bytes
from prep.model.reference import Reference
from prep.model.report import SKIPPED, Fix, Report
from prep.model.source import Source
from prep.net.network import Network
from prep.planning.safety import unsafe_steps
from prep.rules.standalone import by_itself
from prep.stages import check_inputs, make_files, open_context, plan_sources, workplace
from prep.telemetry.names import CHECK
from prep.telemetry.spans import traced

SAME_EXTENSION = {".jpeg": ".jpg", ".jpe": ".jpg", ".wave": ".wav", ".qt": ".mov"}


class CantFix(UsageError):
    """A fixed file can't be put in its place: the folder can't be written to, or another checked file is there."""


class Fixer:
    """Fixes into the folder *out*; None: only says what would be done. *unsafe* allows every change.

    Files that are judged one by one keep their paths below *out*; *references* are all of them, and no file may
    replace one.
    """

    def __init__(self, out: Path | None, *, unsafe: bool = False, references: Iterable[Reference] = ()) -> None:
        self._out = out
        self._unsafe = unsafe
        self._taken = {os.path.realpath(reference.location) for reference in references}
        self._lock = threading.Lock()

    def fix_set(self, report: Report, inputs: Inputs, ctx: Context) -> Report:
        """Return *report* with the changes that make its set comply; with a folder what is allowed is made there.

        A set that was made whole leaves only the findings that `prepare` leaves, and those about the prompt.
        """
        if self._out is not None:
            beside = check_output(self._out, [source.reference for source in inputs.sources])
            report = report.model_copy(update={"findings": (*report.findings, *beside)})
            inputs = inputs._replace(notes=(*inputs.notes, *beside))
        planned, sources = plan_sources(inputs.sources, ctx, inputs.notes)
        fixes = tuple(_fix(entry) for entry in planned.entries)
        if self._out is None:
            return report.model_copy(update={"fixes": tuple(fix for fix in fixes if fix.steps)})
        if planned.unfixable or not self._allowed(fixes):
            return self._fix_some(report, planned, sources, ctx)
        with claimed(self._out):
            manifest = make_files(planned, sources, workplace(self._out, ctx), ctx)
        files = [(entry.tag, entry.output.path) for entry in manifest.entries]
        made = {tag: escape_bytes(str(self._out / path)) for tag, path in files if path is not None}
        about_prompt = tuple(finding for finding in report.findings if finding.rule.startswith("prompt-"))
        return report.model_copy(
            update={
                "fixes": tuple(fix.model_copy(update={"made": made.get(fix.tag or "")}) for fix in fixes),
                "findings": (*manifest.findings, *about_prompt),
            }
        )

    def _fix_some(self, report: Report, planned: Plan, sources: Sequence[Source], ctx: Context) -> Report:
        """Make those files of a set that may be made, without a manifest: they are not the set."""
        assert self._out is not None
        left = {finding.tag for finding in planned.unfixable}
        ctx = replace(ctx, spec=by_itself(ctx.spec))
        fixes, findings = [], list(report.findings)
        for entry, source in zip(planned.entries, sources, strict=True):
            fix = _fix(entry)
            if entry.steps and entry.url is None and entry.tag not in left and self._allowed((fix,)):
                target = self._target(self._out, source.reference, entry.predicted.container)
                alone = planned.model_copy(update={"entries": (entry,), "unfixable": (), "warnings": ()})
                remaining = _make(alone, [source], target, ctx)
                fix = fix.model_copy(update={"made": escape_bytes(str(target))})
                findings = [one for one in findings if one.tag != entry.tag or one.subject is None]
                findings += remaining
            fixes.append(fix)
        return report.model_copy(
            update={"fixes": tuple(fix for fix in fixes if fix.steps), "findings": tuple(findings)}
        )

    def fix_file(self, report: Report, source: Source, ctx: Context) -> Report:
        """Return *report* about one file with the changes that make it comply; made at its path below the folder."""
        planned, sources = plan_sources([source], ctx)
        entry = planned.entries[0]
        fix = _fix(entry).model_copy(update={"tag": None})
        if self._out is None or planned.unfixable or entry.url is not None or not self._allowed((fix,)):
            return report.model_copy(update={"fixes": (fix,)})
        target = self._target(self._out, source.reference, entry.predicted.container)
        findings = _make(planned, sources, target, ctx)
        made = fix.model_copy(update={"made": escape_bytes(str(target))})
        return report.model_copy(update={"fixes": (made,), "findings": findings})

    def _allowed(self, fixes: Iterable[Fix]) -> bool:
        return self._unsafe or not any(fix.unsafe for fix in fixes)

    def _target(self, out: Path, reference: Reference, container: str) -> Path:
        """The source's own path below *out*; another format's extension is added, so a.heic does not become a.jpg."""
        url = reference.is_url
        path = PurePath(reference.display_path.removesuffix("?…").partition("://")[2] if url else reference.location)
        inside = PurePath(*(part for part in path.parts if part not in (path.anchor, "..")))
        extension = EXTENSIONS[container]
        suffix = inside.suffix.lower()
        kept = SAME_EXTENSION.get(suffix, suffix) == extension
        target = out / (inside if kept else inside.with_name(inside.name + extension))
        real = os.path.realpath(target)
        with self._lock:
            if real in self._taken:
                raise CantFix(f"{target}: another checked file is there or goes there; choose another folder")
            self._taken.add(real)
        return target


@traced(CHECK)
def check_and_fix(  # noqa: PLR0913  public: takes keyword options
    references: References,
    endpoint: str | EndpointSpec,
    fixer: Fixer,
    *,
    prompt: str | None = None,
    options: Options | None = None,
    thorough: bool = False,
    skip_unreadable: bool = False,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Report:
    """Judge one set as `prep.check` does, then fix it.

    What can't be read is no part of the set that is made, and the tags don't count it; unless *skip_unreadable* it is
    the finding `input-unreadable` all the same.
    """
    with open_context(endpoint, Access(network), options, progress, cancel) as ctx:
        named = resolve(references, ctx).any_readable()
        inputs = named.readable(skip_unreadable=True)
        report = check_inputs(inputs, ctx, prompt=prompt, thorough=thorough)
        report = fixer.fix_set(report, inputs, ctx)
    if skip_unreadable or not named.unreadable:
        return report
    others = [finding for finding in report.findings if finding.rule != SKIPPED]
    return report.model_copy(update={"findings": (*others, *(item.finding() for item in inputs.left_out))})


def _fix(entry: PlanEntry) -> Fix:
    return Fix(
        tag=entry.tag,
        path=entry.reference.display_path,
        steps=entry.steps,
        unsafe=tuple(dict.fromkeys(step.kind for step in unsafe_steps(entry))),
    )


def _make(planned: Plan, sources: Sequence[Source], target: Path, ctx: Context) -> tuple[Finding, ...]:
    """Make the file; return the findings that remain."""
    try:
        make_folder(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fixing-") as scratch:
            manifest = make_files(planned, sources, workplace(Path(scratch), ctx), ctx)
            made = Path(scratch) / (manifest.entries[0].output.path or "")
            if os.path.lexists(target) and sha256(target) != manifest.entries[0].output.sha256:
                raise CantFix(
                    f"{target}: another file is there and would be replaced; move it, or choose another folder"
                )
            os.replace(made, target)
    except OSError as error:
        raise CantFix(f"{target}: can't be written: {error.strerror}; choose another folder") from error
    except (UsageError, UnwritableError) as error:
        raise CantFix(str(error)) from error
    return manifest.findings
