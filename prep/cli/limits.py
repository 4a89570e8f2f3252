"""`prep-and-submit limits`."""

from typing import Any

import click

from prep.cli.arguments import as_json


@click.command(epilog="Example: prep-and-submit limits bytedance/seedance-2.5/reference-to-video")
@click.argument("endpoint", required=False)
@as_json
def limits(endpoint: str | None, **given: Any) -> int:
    """Show every limit of ENDPOINT, with where it comes from."""
    from prep.errors import ExitCode
    from prep.render.document import document
    from prep.render.text import limits_text
    from prep.specs import DEFAULT_ENDPOINT, all_specs, load_spec

    spec = load_spec(endpoint or DEFAULT_ENDPOINT)
    others = tuple(name for name in all_specs() if name != spec.endpoint)
    if given["as_json"]:
        click.echo(document("limits", True, (), {"spec": spec.model_dump(mode="json"), "others": list(others)}))
    else:
        click.echo(limits_text(spec, others))
    return ExitCode.OK
