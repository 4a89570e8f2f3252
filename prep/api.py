"""The library: check, plan and prepare. Nothing here prints, reads the environment or changes the working directory."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prep import __version__, analyse
from prep.context import stop_if
from prep.errors import NonCompliantError, UnwritableError, UsageError
from prep.execution.execute import execute
from prep.execution.lock import claimed
from prep.inputs.access import Access
from prep.inputs.resolve import NO_NUL, References, probe_all, raise_all, read_references
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import MANIFEST, Manifest, ManifestEntry, SpecUsed, ToolUsed, totals
from prep.model.plan import Options, Plan, PlanEntry, Trim, find
from prep.model.progress import Progress
from prep.model.report import Checked, Report
from prep.model.source import Source
from prep.net.network import Network
from prep.planning import plan_set, to_look_for
from prep.planning.requested import asks_for_change, denoted
from prep.planning.validate import incoherent
from prep.rules import check_prompt, check_set
from prep.rules.findings import about, advice
from prep.rules.single import check_one
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.validation import expect, expect_function, short


def check(
    references: References,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    prompt: str | None = None,
    options: Options | None = None,
    thorough: bool = False,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Report:
    """Every finding about the references, by themselves and together, and about *prompt* when it is given.

    A reference is a path, a string as on the command line, a Reference, bytes or a file object; one may stand alone.
    Changes nothing, and needs no network but for references by URL, of which it reads as little as tells what they are;
    *network* says which addresses those may lead to (None: public ones). A part (`#t=`) or crop is judged as what it
    denotes, not as the whole file. *thorough*: videos and sounds are decoded as well, to find several shots and near
    silence; without it no file is decoded.
    Raises UsageError for a reference that is not understood, UnreadableError for a file that can't be read, and
    RemoteError for a server that fails, ManyErrors when there are several of them; Cancelled when *cancel* is set.
    """
    spec, chosen = load_spec(endpoint), _options(options)
    expect(str, prompt=prompt)
    expect(bool, thorough=thorough)
    expect(threading.Event, cancel=cancel)
    with access_to(network) as access:
        sources = probe_all(read_references(references), access, cancel, marked=False)
        infos = [denoted(source) for source in sources]
        inside = analyse.of_sources(sources, spec, access, cancel) if thorough else {}
    found = [
        finding
        for source, info in zip(sources, infos, strict=True)
        for finding in (
            *about((*check_one(info, spec), *_to_be_made(source)), source.label, source.tag),
            *inside.get(source.tag, ()),
        )
    ]
    found += check_set(totals(infos), spec)
    if prompt is not None:
        found += check_prompt(prompt, {source.tag: source.reference.name for source in sources})
    standing = _standing(sources, spec, chosen) if any(finding.fix for finding in found) else frozenset()
    return Report(
        endpoint=spec.endpoint,
        references=tuple(Checked(tag=s.tag, reference=s.reference, info=s.info) for s in sources),
        totals=totals(source.info for source in sources),
        findings=tuple(_honest(finding, standing) for finding in found),
    )


def plan(
    references: References,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    options: Options | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Plan:
    """What `prepare` would do and why. Changes nothing; raises as `check` does."""
    expect(threading.Event, cancel=cancel)
    with access_to(network) as access:
        return plan_from(references, load_spec(endpoint), options, access, cancel)


def plan_from(
    references: References,
    spec: EndpointSpec,
    options: Options | None,
    access: Access,
    cancel: threading.Event | None,
) -> Plan:
    """As `plan`, for a caller that goes on to `carry_out`: what can be read only once is read once."""
    chosen = _options(options)
    return _planned(probe_all(read_references(references), access, cancel), spec, chosen, access, cancel)


def _planned(
    sources: Sequence[Source], spec: EndpointSpec, options: Options, access: Access, cancel: threading.Event | None
) -> Plan:
    """Plan once to learn what the plan depends on, look for that in the files, and plan again with what was seen."""
    first = plan_set(sources, spec, options)
    asked = {
        entry.tag: to_look_for(source, entry, spec, options)
        for source, entry in zip(sources, first.entries, strict=True)
    }
    cut = {entry.tag for entry in first.entries if find(entry.steps, Trim)}
    if not cut and not any(asked.values()):
        return analyse.of_plan(first, spec, access, cancel)

    def look(source: Source, entry: PlanEntry) -> Source:
        stop_if(cancel)
        if questions := asked[source.tag]:
            return analyse.look_at(source, entry.steps, questions, access.path(source.reference))
        return analyse.look_into(source, options, access.of(source.reference)) if source.tag in cut else source

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        looked = list(pool.map(look, sources, first.entries))
    return analyse.of_plan(plan_set(looked, spec, options), spec, access, cancel)


def prepare(
    references: References | Plan,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    options: Options | None = None,
    cache: str | os.PathLike[str] | None = None,
    on_made: Callable[[ManifestEntry, Path], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Manifest:
    """Make the compliant files and the manifest in the folder *out*, and return the manifest.

    *references* may be a Plan, which is carried out as it is after its sources were probed again; *endpoint* matters
    then only as the EndpointSpec of an endpoint that is not built in. One process at a time works in a folder: Busy is
    raised when another does.

    *cache* is a folder for prepared files, so that the same is not made twice; None: nothing is kept. *on_made* is
    called with each file as soon as it is made and verified, in a folder inside *out* that it leaves when all are. It
    and *progress* are called from several threads. Raises as `check` does; NonCompliantError when findings would stand,
    and then nothing is made; ToolError when a tool fails; Cancelled when *cancel* is set. On an error *out* is as it
    was before.
    """
    folder = _folder(out)
    expect(threading.Event, cancel=cancel)
    expect_function(progress=progress)
    with access_to(network) as access:
        if isinstance(references, Plan):
            spec, chosen = _spec_of(references, endpoint), references
            _unchanged(chosen, access, cancel)
        else:
            spec = load_spec(endpoint)
            chosen = plan_from(references, spec, options, access, cancel)
        if not chosen.entries:
            raise UsageError("the plan has no references")
        if chosen.unfixable:
            raise NonCompliantError("the references can't be made compliant", chosen.unfixable)
        with claimed(folder):
            return _make(chosen, spec, folder, access, cache, on_made, progress, cancel)


def carry_out(
    planned: Plan,
    spec: EndpointSpec,
    folder: Path,
    access: Access,
    *,
    cache: str | os.PathLike[str] | None,
    on_made: Callable[[ManifestEntry, Path], None] | None,
    progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
) -> Manifest:
    """As `prepare` with a plan, for a caller that holds the folder (`prep.execution.lock`), and goes on to hold it."""
    _unchanged(planned, access, cancel)
    return _make(planned, spec, folder, access, cache, on_made, progress, cancel)


def _make(
    chosen: Plan,
    spec: EndpointSpec,
    folder: Path,
    access: Access,
    cache: str | os.PathLike[str] | None,
    on_made: Callable[[ManifestEntry, Path], None] | None,
    progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
) -> Manifest:
    from prep.execution.cache import Cache
    from prep.execution.tools import Workshop
    from prep.media.ffmpeg import binary

    _spare_manifest(folder / MANIFEST)
    binary.named_binary()  # a wrong FFMPEG_BINARY is told before anything is made
    tool = ToolUsed(version=__version__, ffmpeg=binary.version())  # asked once, before several threads would
    made = execute(
        chosen,
        [access.of(entry.reference) for entry in chosen.entries],
        folder,
        spec,
        Workshop(Cache(cache) if cache is not None else None),
        progress or (lambda event: None),
        cancel or threading.Event(),
        on_made or (lambda entry, path: None),
    )
    manifest = Manifest(
        endpoint=spec.endpoint,
        entries=made.entries,
        totals=totals(entry.output.info for entry in made.entries),
        spec=SpecUsed(endpoint=spec.endpoint, checked=spec.checked),
        tool=tool,
        findings=(*chosen.warnings, *made.findings),
    )
    _write_last(folder / MANIFEST, manifest.model_dump_json(indent=2))
    return manifest


def _options(options: Options | None) -> Options:
    expect(Options, options=options)
    return options or Options()


def access_to(network: Network | None) -> Access:
    expect(Network, network=network)
    return Access(network)


def _folder(out: str | os.PathLike[str]) -> Path:
    try:
        folder = Path(out)
    except TypeError:
        raise UsageError(f"out: should be a path, not {short(out)}") from None
    if not os.fspath(out):
        raise UsageError("out: should be a path, not ''; '.' is the working directory")
    if "\0" in str(folder):
        raise UsageError(f"out: {NO_NUL}")
    return folder


def _spec_of(planned: Plan, endpoint: str | EndpointSpec) -> EndpointSpec:
    if not isinstance(endpoint, EndpointSpec):
        return load_spec(planned.endpoint)
    if endpoint.endpoint != planned.endpoint:
        raise UsageError(f"the plan is for {planned.endpoint}, the spec for {endpoint.endpoint}; plan again")
    return endpoint


def _to_be_made(source: Source) -> tuple[Finding, ...]:
    if not asks_for_change(source):
        return ()
    message = "what was asked for is a part of this file, which prep has to make first"
    return advice("part-not-made", "the whole file", "the part asked for", message)


def _standing(sources: Sequence[Source], spec: EndpointSpec, options: Options) -> frozenset[tuple[str, str | None]]:
    """The rules that would be broken after all that can be done, with the tags."""
    return frozenset((finding.rule, finding.tag) for finding in plan_set(sources, spec, options).unfixable)


def _honest(finding: Finding, standing: frozenset[tuple[str, str | None]]) -> Finding:
    """A fix is promised only where the plan really mends what was found."""
    if (finding.rule, finding.tag) in standing:
        return finding.model_copy(update={"fix": None})
    return finding


def _spare_manifest(path: Path) -> None:
    """Raise UsageError when there is a manifest.json of something else."""
    try:
        Manifest.model_validate_json(path.read_bytes())
    except OSError:
        return
    except ValueError:
        raise UsageError(f"{path}: not a manifest of ours, and it would be replaced; choose another folder") from None


def _write_last(path: Path, text: str) -> None:
    from prep.media.io.files import write_whole

    try:
        write_whole(path, text + "\n")
    except OSError as error:
        raise UnwritableError(f"{path}: {error.strerror}; choose another folder") from error


def _unchanged(chosen: Plan, access: Access, cancel: threading.Event | None) -> None:
    """A plan is carried out only as it was made, and on the files that it was made for."""
    raise_all(
        [
            UsageError(f"the plan makes no sense: entries.{number}.{why}; plan again, or mend it")
            for number, entry in enumerate(chosen.entries)
            if (why := incoherent(entry))
        ]
    )
    now = probe_all([entry.reference for entry in chosen.entries], access, cancel)
    changed = [
        UsageError(f"{entry.label}: it or the plan has changed since it was planned; plan again")
        for entry, source in zip(chosen.entries, now, strict=True)
        if (entry.tag, entry.source, entry.fingerprint) != (source.tag, source.info, source.fingerprint)
        or (entry.url is not None and entry.url != source.url)
    ]
    raise_all(changed)
