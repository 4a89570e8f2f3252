"""`prep-and-submit plan`."""

from typing import Any

import click

from prep.cli.arguments import as_json, asked, network_of, preparation, references, require_references, skip_bad
from prep.cli.report import page_of_plan, report_option, write_page


@click.command(epilog="Example: prep-and-submit plan walk=walk.mov#t=2,6 voice.m4a hero.png --json > plan.json")
@references
@preparation
@skip_bad
@report_option
@as_json
def plan(**given: Any) -> int:
    """Show what prep would do to each reference and why. Changes nothing.

    Exits 1 when something can't be mended. `prep --plan FILE` carries out what `plan --json` printed.
    """
    from prep.api import plan as plan_references
    from prep.errors import ExitCode
    from prep.render.document import document
    from prep.render.text import plan_text

    chosen = asked(given)
    require_references(chosen)
    network = network_of(given)
    made = plan_references(
        chosen.references,
        chosen.endpoint,
        options=chosen.options,
        skip_unreadable=given["skip_unreadable"],
        network=network,
    )
    ok = not made.unfixable
    if given["report_file"]:
        write_page(given["report_file"], page_of_plan(made, chosen.endpoint, network))
    if given["as_json"]:
        click.echo(document("plan", ok, (*made.unfixable, *made.warnings), made))
    else:
        click.echo(plan_text(made))
    return ExitCode.OK if ok else ExitCode.FINDINGS
