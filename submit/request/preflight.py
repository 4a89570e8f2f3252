"""Refusals before anything is encoded, uploaded or paid for."""

from pathlib import Path
from shlex import quote
from urllib.parse import urlsplit

from prep.api import check
from prep.errors import NonCompliantError, RefusedError, UsageError
from prep.inputs.access import Access
from prep.inputs.resolve import resolve
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import MANIFEST, Manifest
from prep.model.plan import Plan
from prep.model.reference import Reference
from prep.net.network import Network
from prep.people import can_look, find_people
from prep.stages import open_context
from submit.errors import TooExpensive
from submit.request.cap import refuse_over
from submit.request.cheaper import cheaper
from submit.request.offer import Offer, Order


def refuse_over_cap(plan: Plan, offer: Offer, order: Order) -> None:
    """Raise TooExpensive, with what would keep the cap, when the price of *offer* for *plan* may exceed it."""
    cost = offer.cost
    try:
        refuse_over(cost, order)
    except RefusedError as error:
        if cost is None or order.max_cost is None:
            raise
        changes = cheaper(plan, order.spec, order.generation, order.max_cost)
        offers = [f"{_in_parameters(change.arguments)} would cost {change.cost}" for change in changes]
        raise TooExpensive("\n".join([str(error), *offers]), offer, changes) from None


def check_webhook(url: str | None) -> None:
    """Raise UsageError unless *url* is one that the platform can send a result to."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("https", "http") and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:  # half of an IPv6 address
        is_url = False
    if not is_url:
        # it is not repeated: where the parts can't be told, nor can a secret among them
        raise UsageError("webhook: not a URL such as https://example.com/hook; it needs a host, and no spaces")


def _in_parameters(arguments: tuple[str, ...]) -> str:
    """References are written alike in both places; after them there may be one flag, with its value."""
    if len(arguments) > 1 and arguments[-2].startswith("--"):
        parameter = f"`{arguments[-2].removeprefix('--')}={arguments[-1]}`"
        return " ".join([*map(quote, arguments[:-2]), parameter])
    return " ".join(map(quote, arguments))


def probed_again(folder: Path, manifest: Manifest, spec: EndpointSpec, network: Network | None) -> Manifest:
    """*manifest* with the totals of its files as they are: what a file says about others is not what is priced.

    Raises NonCompliantError when the files break a rule, UsageError when they are not of the kinds that it names, or
    when what is at a URL is not what was there.
    """
    files = [
        Reference(
            location=entry.output.url or str(folder / (entry.output.path or "")),
            track="audio" if entry.kind == "audio" else None,
        )
        for entry in manifest.entries
    ]
    report = check(files, spec, network=network)
    if not report.ok:
        raise NonCompliantError(f"the files in {folder} do not comply; prepare them again", report.findings)
    named = [(entry.tag, entry.kind) for entry in manifest.entries]
    if named != [(item.tag, item.info.kind) for item in report.references]:
        raise UsageError(f"{folder / MANIFEST}: its tags and kinds are not those of its files; prepare them again")
    for entry, item in zip(manifest.entries, report.references, strict=True):
        if entry.output.url is not None and entry.output.info != item.info:
            raise UsageError(
                f"{item.reference.display_path}: it has changed since it was prepared; prepare the references again"
            )
    return manifest.model_copy(update={"totals": report.totals})


def people_in_files(folder: Path, manifest: Manifest, spec: EndpointSpec) -> tuple[Finding, ...]:
    """Findings about files in *folder* that show a face."""
    entries = [entry for entry in manifest.entries if entry.output.path and entry.kind != "audio"]
    if not entries or not can_look():
        return ()
    with open_context(spec, Access(None)) as ctx:
        files = [Reference(location=str(folder / str(entry.output.path))) for entry in entries]
        sources = resolve(files, ctx, fingerprints=False).all_readable().sources
        people = find_people(sources, {}, ctx)
    return tuple(
        finding.model_copy(update={"tag": entry.tag})
        for entry, source in zip(entries, sources, strict=True)
        for finding in people.get(source.tag, ())
    )


def with_findings(manifest: Manifest, new: tuple[Finding, ...]) -> Manifest:
    """*manifest* with the *new* findings last, in the place of what it has about the same."""
    known = {(finding.rule, finding.tag) for finding in new}
    kept = (finding for finding in manifest.findings if (finding.rule, finding.tag) not in known)
    return manifest.model_copy(update={"findings": (*kept, *new)})
