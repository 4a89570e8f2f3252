"""`prep-and-submit limits`."""

from typing import Any

import click

from prep.cli.arguments import as_json, by_source, spec
from prep.cli.endpoint import choose_endpoint


@click.command(epilog="Example: prep-and-submit limits bytedance/seedance-2.5/reference-to-video")
@click.argument("endpoint", required=False)
@spec
@as_json
def limits(**given: Any) -> int:
    """Show every limit of ENDPOINT, with where it comes from."""
    from prep.errors import ExitCode
    from prep.render.document import document
    from prep.render.text import limits_text
    from prep.specs import all_specs, load_spec

    flags, project = by_source(given)
    shown = load_spec(choose_endpoint(flags, None, project))
    others = tuple(name for name in all_specs() if name != shown.endpoint)
    if given["as_json"]:
        click.echo(document("limits", True, (), {"spec": shown.model_dump(mode="json"), "others": list(others)}))
    else:
        click.echo(limits_text(shown, others))
    return ExitCode.OK
