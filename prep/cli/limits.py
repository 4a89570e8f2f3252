"""`prep-and-submit limits`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import as_json, by_source, spec
from prep.cli.candidates import endpoints, files
from prep.cli.endpoint import choose_endpoint

if TYPE_CHECKING:
    from prep.model.limits import EndpointSpec
    from prep.specs.openapi import Input

MOST_BYTES = 20_000_000


@click.command(epilog="Example: prep-and-submit limits bytedance/seedance-2.5/reference-to-video")
@click.argument("endpoint", required=False, shell_complete=endpoints)
@spec
@click.option(
    "--live",
    metavar="FILE-or-URL",
    shell_complete=files,
    help="Show where this OpenAPI document of the endpoint differs, and exit with 1 when it does. fal's is at "
    "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=ENDPOINT",
)
@click.option("--allow-private-network", is_flag=True, help="Let the URL lead to private addresses and to http://.")
@as_json
def limits(**given: Any) -> int:
    """Show every limit of ENDPOINT, with where it comes from."""
    from prep.errors import ExitCode
    from prep.render.document import document
    from prep.render.text import limits_text
    from prep.specs import all_specs, load_spec

    if given["live"]:
        return _compare(given)
    flags, project = by_source(given)
    shown = load_spec(choose_endpoint(flags, None, project))
    others = tuple(name for name in all_specs() if name != shown.endpoint)
    if given["as_json"]:
        click.echo(document("limits", True, (), {"spec": shown.model_dump(mode="json"), "others": list(others)}))
    else:
        click.echo(limits_text(shown, others))
    return ExitCode.OK


def _compare(given: dict[str, Any]) -> int:
    from prep.errors import ExitCode
    from prep.model.redact import shown
    from prep.render.document import document
    from prep.render.drift import drift_text
    from prep.specs.drift import compare
    from prep.specs.openapi import read_input

    name = shown(given["live"])
    published = _parsed(_fetched(given["live"], given["allow_private_network"]), name)
    flags, project = by_source(given)
    asked = flags.get("endpoint")
    found = read_input(published, name, asked)
    drift = compare(found, _spec_for(found, flags, project, name))
    ok = not drift.differences
    if given["as_json"]:
        click.echo(document("limits", ok, (), drift))
    else:
        click.echo(drift_text(drift, name))
    return ExitCode.OK if ok else ExitCode.FINDINGS


def _spec_for(found: "Input", flags: dict[str, Any], project: dict[str, Any], name: str) -> "EndpointSpec":
    """The spec that was asked for; otherwise that of the endpoint which the document names."""
    from prep.errors import UsageError
    from prep.specs import load_spec

    if flags.get("endpoint") or flags.get("spec"):
        return load_spec(choose_endpoint(flags, None, project))
    known = {key: value for key, value in project.items() if key != "endpoint"}
    chosen = choose_endpoint({"endpoint": found.endpoint}, None, known)
    try:
        return load_spec(chosen)
    except UsageError as error:
        raise UsageError(f"{name} describes {error}") from None


def _fetched(where: str, allow_private: bool) -> bytes:
    from prep.errors import UsageError
    from prep.model.redact import shown

    if where.startswith(("https://", "http://")):
        from prep.net.document import fetch_document
        from prep.net.network import Network

        return fetch_document(where, Network(allow_private=allow_private))
    try:
        with Path(where).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{shown(where)}: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise UsageError(f"{shown(where)}: larger than {MOST_BYTES:,} bytes; that is no OpenAPI document")
    return data


def _parsed(data: bytes, name: str) -> Any:
    from prep.errors import UnreadableError

    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{name}: not JSON: {error}") from error
