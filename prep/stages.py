"""The stages of one call, each on sources that were opened and probed once: check, plan, make files."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from prep import __version__
from prep.analyse import (
    add_advice,
    advise_on_encoded,
    analyse,
    check_content,
    look_for_cuts,
    look_for_subjects,
    unseen_until_encoded,
)
from prep.errors import NonCompliantError, UnwritableError, UsageError
from prep.execution.execute import Made, Workplace, execute
from prep.inputs.access import Access
from prep.inputs.manifests import MOST_BYTES
from prep.inputs.references import raise_all
from prep.inputs.resolve import Inputs, resolve, skipped_names
from prep.log import get_logger, logged_about
from prep.media.io.text_file import read_bytes
from prep.model.context import Context
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import MANIFEST, Manifest, ManifestEntry, SpecUsed, ToolUsed, totals
from prep.model.plan import Options, Plan, PlanEntry
from prep.model.progress import OnProgress, ignore
from prep.model.report import Checked, Report
from prep.model.source import Source
from prep.people import find_people
from prep.planning import plan_set, plan_steps, what_to_analyse
from prep.planning.requested import is_whole_file, requested_info
from prep.planning.trim.part import kept_part, requested_part
from prep.planning.trim.wanted import check_part_exists
from prep.planning.validate import error_in
from prep.rules import check_prompt_length, check_set
from prep.rules.findings import Findings, about, advice, missed
from prep.rules.promises import with_true_promises
from prep.rules.prompt import check_prompt_without
from prep.rules.reference_set import check_counts, check_repeated, unless_repeated
from prep.rules.single import check_one
from prep.specs import load_spec
from prep.telemetry.media import decisions, rules_broken
from prep.telemetry.names import LOOK, MODEL, PLAN, PLANNED, PREPARE
from prep.telemetry.spans import add_event, annotate, traced
from prep.validation import expect, expect_function

if TYPE_CHECKING:
    from prep.execution.cache import Cache

logger = get_logger(__name__)
# A part of a clip is chosen, looked into, and chosen again with what was seen; so often at most.
MAX_LOOKS = 3
OnMade = Callable[[ManifestEntry, Path], None]
# Rules about the set that one more image or video may satisfy.
NEEDS_ALL = frozenset({"audio-without-visual", "videos-too-short"})


@contextmanager
def open_context(
    endpoint: str | EndpointSpec,
    access: Access,
    options: Options | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Iterator[Context]:
    """Open the context of one call; *access* is closed at its end. Raises UsageError."""
    expect(Options, options=options)
    expect(threading.Event, cancel=cancel)
    expect_function(progress=progress)
    spec = load_spec(endpoint)
    annotate({MODEL: spec.endpoint})
    with closing(access):
        yield Context(spec, access, options or Options(), progress or ignore, cancel or threading.Event())


def check_inputs(inputs: Inputs, ctx: Context, *, prompt: str | None = None, thorough: bool = False) -> Report:
    """Judge the references alone and together, and *prompt* when there is one; *thorough* decodes clips and sounds.

    What can't be read is a finding, unless it was left out. Then nothing is said that reading it might disprove.
    """
    sources = inputs.sources
    infos = [requested_info(source, ctx.spec) for source in sources]
    content = _look_inside(sources, ctx) if thorough else {}
    findings = [
        finding
        for source, info in zip(sources, infos, strict=True)
        for finding in (
            *about((*check_one(info, ctx.spec), *_about_part(source)), source.label, source.tag),
            *content.get(source.tag, ()),
        )
    ]
    findings += [item.finding() for item in inputs.unreadable]
    together = unless_repeated(
        check_set(totals(infos), ctx.spec, [(s.info.kind, s.label) for s in sources]), findings, totals(infos)
    )
    findings += [finding for finding in together if not inputs.unreadable or finding.rule not in NEEDS_ALL]
    findings += check_repeated(sources)
    if prompt is not None:
        findings += [*_check_prompt(prompt, inputs), *check_prompt_length(prompt, ctx.spec)]
    findings += inputs.notes
    if any(finding.fix for finding in findings) or ctx.options.strip_metadata:
        plan = plan_set(sources, ctx.spec, ctx.options)
        findings = with_true_promises(findings, plan, ctx.spec, ctx.options)
    annotate(rules_broken(findings))
    return Report(
        endpoint=ctx.spec.endpoint,
        references=tuple(Checked(tag=s.tag, reference=s.reference, info=s.info) for s in sources),
        totals=totals(source.info for source in sources),
        used=totals(infos),
        findings=tuple(findings),
    )


@traced(PLAN)
def plan_sources(
    sources: Sequence[Source], ctx: Context, notes: tuple[Finding, ...] = (), *, watch: bool = False
) -> tuple[Plan, list[Source]]:
    """Plan *sources*, with *notes* among the warnings; return them with what the plan needed to know as well.

    *watch*: what a video shows is said once it is encoded (`workplace`), where the plan does not depend on it.
    """
    steps = plan_steps(sources, ctx.spec, ctx.options)
    needs = what_to_analyse(sources, steps, ctx.spec, ctx.options)
    analysed = analyse(sources, needs, ctx)
    drafted = None if needs else steps
    for _ in range(MAX_LOOKS):
        plan = plan_set(analysed, ctx.spec, ctx.options, drafted)
        later = unseen_until_encoded(plan, analysed) if watch else frozenset()
        before, analysed, drafted = analysed, look_for_cuts(plan, analysed, ctx, later), None
        if not any(now is not then and now.scan.glimpses for now, then in zip(analysed, before, strict=True)):
            break  # no part was chosen without knowledge of its cuts
    before, analysed = analysed, look_for_subjects(plan, analysed, ctx)
    if any(now is not then for now, then in zip(analysed, before, strict=True)):
        plan = plan_set(analysed, ctx.spec, ctx.options)
    later = unseen_until_encoded(plan, analysed) if watch else frozenset()
    planned = add_advice(plan, analysed, ctx, later)
    for entry in planned.entries:
        with logged_about(reference=entry.label):
            logger.info("planned: %s", ", ".join(step.kind for step in entry.steps) or "unchanged")
        add_event(PLANNED, decisions(entry))
    annotate(rules_broken((*planned.unfixable, *planned.warnings)))
    return planned.model_copy(update={"warnings": (*planned.warnings, *notes)}), analysed


def plan_unless_too_many(
    sources: Sequence[Source], ctx: Context, notes: tuple[Finding, ...] = (), *, watch: bool = False
) -> tuple[Plan, list[Source]]:
    """As `plan_sources`; but of too many references the user has to choose first, so that none is decoded."""
    if any(finding.severity == "error" for finding in check_counts(totals(s.info for s in sources), ctx.spec)):
        plan = plan_set(sources, ctx.spec, ctx.options)
        return plan.model_copy(update={"warnings": (*plan.warnings, *notes)}), list(sources)
    return plan_sources(sources, ctx, notes, watch=watch)


def resolve_planned(plan: Plan, ctx: Context) -> tuple[Plan, list[Source]]:
    """Open and probe the references of a plan that was read back; raise UsageError unless all is as it was."""
    raise_all(
        [
            UsageError(f"invalid plan: entries.{number}.{problem}; plan again, or fix the file")
            for number, entry in enumerate(plan.entries)
            if (problem := error_in(entry) or _limit_missed(entry, plan, ctx))
        ]
    )
    if not plan.entries:
        raise UsageError("the plan has no references")
    sources = resolve([entry.reference for entry in plan.entries], ctx).all_readable().sources
    raise_all(
        [
            UsageError(f"{entry.label}: the file or the plan has changed since it was planned; plan again")
            for entry, source in zip(plan.entries, sources, strict=True)
            if (entry.tag, entry.source, entry.fingerprint) != (source.tag, source.info, source.fingerprint)
            or (entry.url is not None and entry.url != source.url)
        ]
    )
    entries = tuple(
        entry.model_copy(update={"reference": source.reference})  # JSON holds a file name that is not UTF-8 as escapes
        for entry, source in zip(plan.entries, sources, strict=True)
    )
    return plan.model_copy(update={"entries": entries}), sources


def _limit_missed(entry: PlanEntry, plan: Plan, ctx: Context) -> str | None:
    """The limit that *entry* misses though *plan* claims to keep it: a file of any size might be made."""
    standing = missed(check_one(entry.predicted, ctx.spec), made=bool(entry.steps)) if not plan.unfixable else ()
    return next((f"predicted: {finding.rule}: {finding.message}" for finding in standing), None)


def cache_in(folder: str | os.PathLike[str] | None) -> "Cache | None":
    """The cache in *folder*; None: nothing is kept."""
    from prep.execution.cache import Cache

    return None if folder is None else Cache(folder)


def workplace(
    folder: Path, ctx: Context, on_made: OnMade | None = None, watched: frozenset[str] = frozenset()
) -> Workplace:
    """The folder to make files in, with the real tools; what *watched* videos show is among the manifest's findings."""
    from prep.execution.maker import MediaMaker

    maker = MediaMaker(ctx.access.isolation, ctx.access.cache)
    return Workplace(folder, maker, on_made or _ignore_file, watched, lambda encoded: advise_on_encoded(encoded, ctx))


@traced(PREPARE)
def make_files(plan: Plan, sources: Sequence[Source], place: Workplace, ctx: Context) -> Manifest:
    """Make the files of *plan* and write the manifest last. The caller holds the folder (`prep.execution.lock`)."""
    from prep.media.ffmpeg import binary

    _refuse_foreign_manifest(place.folder / MANIFEST)
    binary.named_binary()  # a wrong FFMPEG_BINARY is an error before anything is made
    tool = ToolUsed(version=__version__, ffmpeg=binary.version())  # once, before several threads would ask

    def write(made: Made) -> Manifest:
        manifest = Manifest(
            endpoint=ctx.spec.endpoint,
            entries=made.entries,
            totals=totals(entry.output.info for entry in made.entries),
            spec=SpecUsed(endpoint=ctx.spec.endpoint, checked=ctx.spec.checked),
            tool=tool,
            findings=(*plan.warnings, *made.findings),
            folder=place.folder.absolute(),
        )
        _write_last(place.folder / MANIFEST, manifest.model_dump_json(indent=2))
        return manifest

    try:
        return execute(plan, sources, place, ctx, write)
    except OSError as error:  # such as for a folder that was removed meanwhile
        raise UnwritableError(f"{error.filename or place.folder}: {error.strerror or error}; run again") from error


def refuse_unfixable(plan: Plan, outcome: str = "nothing was made") -> None:
    """Raise NonCompliantError, which begins with *outcome*, when findings would remain after all that can be done."""
    if plan.unfixable:
        raise NonCompliantError(f"{outcome}; fix these yourself", plan.unfixable, plan)


def _ignore_file(entry: ManifestEntry, path: Path) -> None:
    """Nobody waits for single files."""


def _best_parts(sources: Sequence[Source], ctx: Context) -> dict[str, tuple[float, float]]:
    """Start and end, by tag, of the parts of which the user named only the seconds, as a plan chooses them."""
    tags = {source.tag for source in sources if source.reference.part and source.reference.part.best_s is not None}
    entries = plan_sources(sources, ctx)[0].entries if tags else ()
    return {entry.tag: part for entry in entries if entry.tag in tags and (part := kept_part(entry))}


@traced(LOOK)
def _look_inside(sources: Sequence[Source], ctx: Context) -> dict[str, Findings]:
    """Findings by tag that take decoding: about clips and sounds, and about people in them and in images."""
    best = _best_parts(sources, ctx)
    parts = {source.tag: part for source in sources if (part := best.get(source.tag) or requested_part(source))}
    content, people = check_content(sources, ctx, best), find_people(sources, parts, ctx)
    return {tag: (*content.get(tag, ()), *people.get(tag, ())) for tag in {*content, *people}}


def _check_prompt(prompt: str, inputs: Inputs) -> list[Finding]:
    names = {source.tag: source.reference.name for source in inputs.sources}
    names |= {item.tag: item.reference.name for item in inputs.unreadable if item.tag}
    unknown = [item.reference for item in inputs.unreadable if item.tag is None]
    called = {f"@{reference.name}".lower() for reference in unknown}
    return [
        finding
        for finding in check_prompt_without(prompt, names, skipped_names(inputs))
        if not (unknown and finding.rule == "prompt-tag-out-of-range") and str(finding.actual).lower() not in called
    ]


def _about_part(source: Source) -> tuple[Finding, ...]:
    missing = check_part_exists(source.info, source.reference.part)
    if is_whole_file(source):
        return missing
    message = "only a part of this file is wanted"
    return (*missing, *advice("part-not-made", "the whole file", "the part asked for", message))


def _refuse_foreign_manifest(path: Path) -> None:
    """Raise UsageError when there is a manifest.json that is not ours."""
    try:
        if os.path.lexists(path):
            Manifest.model_validate_json(read_bytes(path, MOST_BYTES))
    except (UsageError, ValueError):
        raise UsageError(
            f"{path}: not a manifest of prep-and-submit, and it would be replaced; choose another folder"
        ) from None


def _write_last(path: Path, text: str) -> None:
    from prep.media.io.files import write_whole

    try:
        write_whole(path, text + "\n")
    except OSError as error:
        raise UnwritableError(f"{path}: {error.strerror}; choose another folder") from error
