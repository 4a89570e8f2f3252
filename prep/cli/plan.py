"""`prep-and-submit plan`."""

from typing import Any

import click

from prep.cli.arguments import as_json, planned_duration, preparation, references, skip_bad
from prep.cli.call import network_of, read_call, require_references
from prep.cli.logs import logging_options
from prep.cli.next_step import after_plan
from prep.cli.report import page_of_plan, report_option, write_page
from prep.cli.terminal import say


@click.command(epilog="Example: prep-and-submit plan walk=walk.mov#t=2,6 voice.m4a hero.png --json > plan.json")
@references
@preparation
@planned_duration
@skip_bad
@report_option()
@logging_options
@as_json
def plan(**values: Any) -> int:
    """Show what prep would do to each reference, and why. Changes nothing.

    REF is a file or URL, optionally NAME=FILE#t=START,END; 'check --help' has the rest.

    Exits with 1 when something can't be fixed. `prep --plan FILE` carries out what `plan --json` printed.
    """
    from prep.api import plan as plan_references
    from prep.cli.progress import show_progress
    from prep.errors import ExitCode
    from prep.execution.cache import default_folder
    from prep.render.document import document
    from prep.render.text import plan_text

    call = read_call(values)
    require_references(call)
    network = network_of(values)
    with show_progress() as progress:
        planned = plan_references(
            call.references,
            call.endpoint,
            generation=call.generation,
            options=call.options,
            skip_unreadable=values["skip_unreadable"],
            cache=default_folder(),
            progress=progress,
            network=network,
        )
    ok = not planned.unfixable
    if values["report_file"]:
        write_page(values["report_file"], page_of_plan(planned, call.endpoint, network))
    if values["as_json"]:
        click.echo(document("plan", ok, (*planned.unfixable, *planned.warnings), planned))
    else:
        say("\n".join([plan_text(planned), *after_plan(planned)]))
    return ExitCode.OK if ok else ExitCode.FINDINGS
