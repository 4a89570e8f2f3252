"""The option `--report FILE`: the result also as one HTML page."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prep.cli.arguments import FilePath

if TYPE_CHECKING:
    from prep.errors import PrepError
    from prep.model.finding import Finding
    from prep.model.limits import EndpointSpec
    from prep.model.manifest import Manifest
    from prep.model.media import MediaInfo
    from prep.model.plan import Plan, Step
    from prep.model.preview import Preview
    from prep.model.reference import Reference
    from prep.model.report import Report
    from prep.net.network import Network
    from prep.render.html.page_values import Page

F = TypeVar("F", bound=Callable[..., Any])

# The most that is downloaded of one reference for a preview, and how long that may take: this, and 1 s for each MB.
AFTER = "shows each reference before and after"
PREVIEW_BYTES, PREVIEW_PATIENCE_S, PREVIEW_BYTES_PER_S = 16_000_000, 10.0, 1_000_000


def report_option(shows: str = "shows each reference") -> Callable[[F], F]:
    """--report; *shows* says what its page has."""
    return click.option(
        "--report",
        "report_file",
        metavar="FILE",
        type=FilePath(dir_okay=False),
        callback=_ready,
        help=f"Also write an HTML page that {shows}.",
    )


def _ready(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:  # noqa: ARG001
    """Refuse before the work: a page that can't be made, or would replace something else."""
    if path is None:
        return None
    from prep.errors import UsageError
    from prep.media.io.special import special_kind
    from prep.model.redact import shown
    from prep.render.html.page import DOCTYPE, template

    template()
    try:
        if special_kind(path) is None:
            with path.open("rb") as file:
                if file.read(len(DOCTYPE)).lower() == DOCTYPE.encode():
                    return _writable(path)
    except OSError:
        return _writable(path)  # not there yet
    else:
        raise UsageError(f"{shown(path)}: not an HTML page; --report would overwrite it; choose another name")


def _writable(path: Path) -> Path:
    """*path*; raises UnwritableError when its folder is none, or can neither be made nor written to."""
    folder = next((one for one in path.absolute().parents if os.path.exists(one)), None)
    if folder is not None and not folder.is_dir():
        raise _unwritable(path, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
    if folder is not None and not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return path


def _unwritable(path: Path, error: OSError) -> "PrepError":
    from prep.errors import UnwritableError
    from prep.model.redact import shown

    return UnwritableError(f"{shown(path)}: the report can't be written: {error.strerror}")


def write_page(path: Path, page: "Page") -> None:
    """Raises UnwritableError when it can't be written."""
    from prep.media.io.files import write_whole
    from prep.render.html.page import page_html

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, page_html(page))
    except OSError as error:
        raise _unwritable(path, error) from error


def page_of_report(report: "Report", endpoint: "str | EndpointSpec", network: "Network") -> "Page":
    from prep.render.html.page_values import report_page
    from prep.specs import load_spec

    references = [
        (item.reference, item.info, item.reference.part.start_s if item.reference.part else None)
        for item in report.references
    ]
    return report_page(report, load_spec(endpoint), _previews(network, references))


def page_of_plan(
    plan: "Plan", endpoint: "str | EndpointSpec", network: "Network", refused: "tuple[Finding, ...]" = ()
) -> "Page":
    """*refused*: the findings that prep or run was refused for, which may say more than the plan."""
    from prep.render.html.page_values import plan_page
    from prep.specs import load_spec

    references = [(entry.reference, entry.source, _middle_s(entry.steps)) for entry in plan.entries]
    return plan_page(plan, load_spec(endpoint), _previews(network, references), refused)


def page_of_manifest(
    manifest: "Manifest",
    folder: Path,
    references: "Plan | Sequence[str | Reference]",
    endpoint: "str | EndpointSpec",
    network: "Network",
) -> "Page":
    """*folder* is where the manifest's files are, *references* what they were made of."""
    from prep.inputs.references import read_references
    from prep.media.isolation.pool import isolation_of
    from prep.media.preview import PreviewSource, previews
    from prep.model.plan import Plan
    from prep.model.reference import Reference
    from prep.render.html.page_values import manifest_page
    from prep.specs import load_spec

    entries = manifest.entries
    if isinstance(references, Plan):
        references = [entry.reference for entry in references.entries]
    named: dict[str, list[Reference]] = {}
    for reference in read_references(references).references:
        named.setdefault(reference.display_path, []).append(reference)
    # Unreadable references were skipped, and files may be gone from a folder since: these have no picture.
    sources = [
        named[path].pop(0) if named.get(path) else Reference.model_construct(location=path)
        for path in (entry.source.path for entry in entries)
    ]
    copies = [entry.output.path if not entry.steps else None for entry in entries]
    local = [Reference.model_construct(location=str(folder / name)) if name else None for name in copies]
    before = _previews(
        network,
        [
            (copy or source, entry.source.info, _middle_s(entry.steps))
            for copy, source, entry in zip(local, sources, entries, strict=True)
        ],
    )
    results = iter(
        previews(
            (
                PreviewSource(partial(Path, folder, entry.output.path or ""), entry.output.info)
                for entry in entries
                if entry.steps
            ),
            isolation_of("process"),
        )
    )
    after = [next(results) if entry.steps else None for entry in entries]
    return manifest_page(manifest, load_spec(endpoint), before, after)


def _previews(
    network: "Network", references: "Sequence[tuple[Reference, MediaInfo, float | None]]"
) -> "tuple[Preview, ...]":
    """A preview of each reference, from its moment in seconds; of URLs only where little has to be downloaded."""
    from prep.inputs.access import Access
    from prep.media.preview import PreviewSource, previews

    bounds = replace(
        network.bounds,
        download_bytes=PREVIEW_BYTES,
        patience_s=PREVIEW_PATIENCE_S,
        slowest_bytes_per_s=PREVIEW_BYTES_PER_S,
    )
    with closing(Access(replace(network, bounds=bounds))) as access:
        return previews(
            (PreviewSource(partial(access.path, one), info, moment_s) for one, info, moment_s in references),
            access.isolation,
        )


@contextmanager
def refusal_reported(path: Path | None, endpoint: "str | EndpointSpec", network: "Network") -> Iterator[None]:
    """When findings remain and nothing is made, write the page of the plan, which says so."""
    from prep.errors import NonCompliantError

    try:
        yield
    except NonCompliantError as error:
        if path is not None and error.plan is not None:
            write_page(path, page_of_plan(error.plan, endpoint, network, error.findings))
        raise


def _middle_s(steps: "Iterable[Step]") -> float | None:
    """The middle of the part that is kept; None for a clip that is not cut."""
    from prep.model.plan import Trim, find

    trim = find(tuple(steps), Trim)
    return trim.start_s + trim.duration_s / 2 if trim else None
