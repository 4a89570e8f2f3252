"""The option `--report FILE`: the answer as one HTML page as well."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from prep.model.finding import Finding
    from prep.model.limits import EndpointSpec
    from prep.model.manifest import Manifest
    from prep.model.media import MediaInfo
    from prep.model.plan import Plan, Step
    from prep.model.preview import Preview
    from prep.model.reference import Reference
    from prep.model.report import Report
    from prep.net.network import Network
    from prep.render.page import Page

F = TypeVar("F", bound=Callable[..., Any])

# What is fetched of one reference only to be shown, and how long that may take: this, and a second for each megabyte.
SHOWN_BYTES, SHOWN_PATIENCE_S, SHOWN_BYTES_PER_S = 16_000_000, 10.0, 1_000_000


def report_option(command: F) -> F:
    return click.option(
        "--report",
        "report_file",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        callback=_ready,
        help="Write one HTML page with pictures as well, to look at or to pass on.",
    )(command)


def _ready(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:  # noqa: ARG001
    """Told before the work: that the page can't be made, or would replace something else."""
    if path is None:
        return None
    from prep.errors import UsageError
    from prep.model.redact import shown
    from prep.render.html import DOCTYPE, template

    template()
    try:
        with path.open("rb") as file:
            other = file.read(len(DOCTYPE)).lower() != DOCTYPE.encode()
    except OSError:
        return path  # not there yet, or it is told when it is written
    if other:
        raise UsageError(f"{shown(path)}: not an HTML page, and --report would replace it; choose another name")
    return path


def write_page(path: Path, page: "Page") -> None:
    """Raises UnwritableError when it can't be written."""
    from prep.errors import UnwritableError
    from prep.media.io.files import write_whole
    from prep.model.redact import shown
    from prep.render.html import page_html

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, page_html(page))
    except OSError as error:
        raise UnwritableError(f"{shown(path)}: the report can't be written: {error.strerror}") from error


def page_of_report(report: "Report", endpoint: "str | EndpointSpec", network: "Network") -> "Page":
    from prep.render.page import report_page
    from prep.specs import load_spec

    given = _previews(
        network,
        [
            (item.reference, item.info, item.reference.part.start_s if item.reference.part else None)
            for item in report.references
        ],
    )
    return report_page(report, load_spec(endpoint), given, _tools())


def page_of_plan(
    plan: "Plan", endpoint: "str | EndpointSpec", network: "Network", refused: "tuple[Finding, ...]" = ()
) -> "Page":
    """*refused*: what it was refused for, where that is known better than the plan does."""
    from prep.render.page import plan_page
    from prep.specs import load_spec

    given = _previews(network, [(entry.reference, entry.source, _kept_s(entry.steps)) for entry in plan.entries])
    return plan_page(plan, load_spec(endpoint), given, _tools(), refused)


def page_of_manifest(
    manifest: "Manifest",
    folder: Path,
    references: "Plan | Sequence[str | Reference]",
    endpoint: "str | EndpointSpec",
    network: "Network",
) -> "Page":
    """*folder* is where the manifest's files are, *references* what they were made of."""
    from prep.inputs.references import read_references
    from prep.media.preview import PreviewSource, previews
    from prep.model.plan import Plan
    from prep.model.reference import Reference
    from prep.render.page import manifest_page
    from prep.specs import load_spec

    entries = manifest.entries
    if isinstance(references, Plan):
        references = [entry.reference for entry in references.entries]
    named = iter(read_references(references).references)
    # what can't be read was skipped, so that the entries are some of the references, in their order
    sources = [
        next(reference for reference in named if reference.display_path == entry.source.path) for entry in entries
    ]
    kept = [entry.output.path if not entry.steps else None for entry in entries]
    here = [Reference.model_construct(location=str(folder / name)) if name else None for name in kept]
    given = _previews(
        network,
        [
            (copy or one, entry.source.info, _kept_s(entry.steps))
            for copy, one, entry in zip(here, sources, entries, strict=True)
        ],
    )
    made = iter(
        previews(
            PreviewSource(partial(Path, folder, entry.output.path or ""), entry.output.info)
            for entry in entries
            if entry.steps
        )
    )
    shown = [next(made) if entry.steps else None for entry in entries]
    return manifest_page(manifest, load_spec(endpoint), given, shown, _tools())


def _previews(
    network: "Network", given: "Sequence[tuple[Reference, MediaInfo, float | None]]"
) -> "tuple[Preview, ...]":
    """Of what is at a URL as far as it is quickly fetched: a page is no reason to wait for long."""
    from prep.inputs.access import Access
    from prep.media.preview import PreviewSource, previews

    bounds = replace(
        network.bounds,
        download_bytes=SHOWN_BYTES,
        patience_s=SHOWN_PATIENCE_S,
        slowest_bytes_per_s=SHOWN_BYTES_PER_S,
    )
    with Access(replace(network, bounds=bounds)) as access:
        return previews(PreviewSource(partial(access.path, one), info, moment_s) for one, info, moment_s in given)


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


def _kept_s(steps: "Iterable[Step]") -> float | None:
    """Of a clip that is cut the picture is from the part that is kept."""
    from prep.model.plan import Trim, find

    trim = find(tuple(steps), Trim)
    return trim.start_s + trim.duration_s / 2 if trim else None


def _tools() -> str:
    from prep import __version__

    return f"prep-and-submit {__version__}"
