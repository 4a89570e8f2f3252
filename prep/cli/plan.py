"""`prep-and-submit plan`."""

from typing import Any

import click

from prep.cli.arguments import as_json, planned_duration, preparation, references, skip_bad
from prep.cli.call import network_of, planned, read_call, require_references
from prep.cli.html_report import page_of_plan, report_option, write_page
from prep.cli.logs import logging_options
from prep.cli.next_command import after_plan
from prep.cli.terminal import print_answer


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

    ✗ marks an error, ! a warning, · a note. Exits with 1 when something can't be fixed. `prep --plan FILE` carries out
    what `plan --json` printed.
    """
    from prep.render.text import plan_text

    call = read_call(values)
    require_references(call)
    answer = planned(call, values)
    if values["report_file"]:
        write_page(values["report_file"], page_of_plan(answer, call.endpoint, network_of(values)))
    text = "\n".join([plan_text(answer), *after_plan(answer)])
    return print_answer(text, answer, (*answer.unfixable, *answer.warnings), ok=not answer.unfixable)
