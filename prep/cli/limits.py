"""`prep-and-submit limits`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import as_json, spec
from prep.cli.call import by_source
from prep.cli.candidates import endpoints, files
from prep.cli.endpoint import choose_endpoint
from prep.cli.terminal import print_answer

if TYPE_CHECKING:
    from prep.model.limits import EndpointSpec
    from prep.specs.openapi import Input

MAX_BYTES = 20_000_000


@click.command(epilog="Example: prep-and-submit limits bytedance/seedance-2.5/reference-to-video")
@click.argument("endpoint", required=False, shell_complete=endpoints)
@spec
@click.option(
    "--live",
    metavar="FILE-or-URL",
    shell_complete=files,
    help="Compare with this OpenAPI document of the endpoint, which fal publishes (see above); exit with 1 if anything "
    "differs.",
)
@click.option(
    "--allow-private-network", is_flag=True, help="Also read the URL from a private address, or over http://."
)
@as_json
def limits(**values: Any) -> int:
    """Show every limit and request parameter of ENDPOINT, with its basis.

    ENDPOINT is by default bytedance/seedance-2.0/reference-to-video. --json adds the sources, the dates when they were
    read, and the prices. --live compares with a document such as

    \b
      https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=ENDPOINT
    """
    from prep.render.text import limits_text
    from prep.specs import all_specs, load_spec

    if values["live"]:
        return _compare(values)
    flags, project = by_source(values)
    chosen = load_spec(choose_endpoint(flags, None, project))
    others = tuple(name for name in all_specs() if name != chosen.endpoint)
    return print_answer(limits_text(chosen, others), {"spec": chosen.model_dump(mode="json"), "others": list(others)})


def _compare(values: dict[str, Any]) -> int:
    from prep.errors import ExitCode
    from prep.media.io.text_file import read_json
    from prep.model.redact import shown
    from prep.render.document import document
    from prep.render.drift import drift_text
    from prep.specs.drift import compare
    from prep.specs.openapi import read_input

    name = shown(values["live"])
    text = _fetch(values["live"], values["allow_private_network"])
    flags, project = by_source(values)
    published = read_input(read_json(text, name), name, flags.get("endpoint"))
    drift = compare(published, _spec_for(published, flags, project, name))
    ok = not drift.differences
    if values["as_json"]:
        click.echo(document("limits", ok, (), drift))
    else:
        click.echo(drift_text(drift, name))
    return ExitCode.OK if ok else ExitCode.FINDINGS


def _spec_for(published: "Input", flags: dict[str, Any], project: dict[str, Any], name: str) -> "EndpointSpec":
    """The spec that the command line names, or that of the endpoint in the document."""
    from prep.errors import UsageError
    from prep.specs import load_spec

    if flags.get("endpoint") or flags.get("spec"):
        return load_spec(choose_endpoint(flags, None, project))
    known = {key: value for key, value in project.items() if key != "endpoint"}
    chosen = choose_endpoint({"endpoint": published.endpoint}, None, known)
    try:
        return load_spec(chosen)
    except UsageError as error:
        raise UsageError(f"{name} describes {error}") from None


def _fetch(where: str, allow_private: bool) -> str:
    from prep.media.io.text_file import decode, read_text
    from prep.model.redact import shown

    if where.startswith(("https://", "http://")):
        from prep.net.document import fetch_document
        from prep.net.network import Network

        return decode(fetch_document(where, Network(allow_private=allow_private)), shown(where))
    return read_text(Path(where), MAX_BYTES)
