"""`prep-and-submit prep`."""

from typing import Any

import click

from prep.cli.arguments import FilePath, as_json, planned_duration, preparation, references, skip_bad
from prep.cli.call import network_of, read_call, require_references
from prep.cli.endpoint import spec_for
from prep.cli.html_report import AFTER, page_of_manifest, refusal_reported, report_option, write_page
from prep.cli.logs import logging_options
from prep.cli.next_command import CHOICES, after_prep
from prep.cli.project import from_project
from prep.cli.signals import resumable
from prep.cli.terminal import print_answer


@click.command(epilog="Example: prep-and-submit prep hero.heic walk=walk.mov voice.m4a --out ready")
@references
@preparation
@planned_duration
@skip_bad
@click.option("--out", required=True, type=FilePath(), help="Write the files and manifest.json to this folder.")
@click.option("--plan", "plan_file", type=FilePath(), help="Carry out this plan, printed by plan --json.")
@report_option(AFTER)
@logging_options
@as_json
def prep(**values: Any) -> int:
    """Make files that meet the limits, verify them, and list them in manifest.json in the --out folder.

    REF is a file or URL, optionally NAME=FILE#t=START,END; 'check --help' has the rest.

    Files that need no change are copied as they are. Originals are never touched; after an error no new file is left.
    """
    from prep.api import prepare
    from prep.cli.progress import show_progress
    from prep.execution.cache import default_folder
    from prep.inputs.plans import read_plan
    from prep.render.text import manifest_text

    if values["plan_file"]:
        if any(values[name] and not from_project(name) for name in ("refs", *CHOICES)):
            raise click.UsageError("--plan has its own references and options; leave the others out")
        plan = read_plan(values["plan_file"])
        order: tuple[Any, ...] = plan, spec_for(plan.endpoint, values) or plan.endpoint, plan.options, None
    else:
        call = read_call(values)
        require_references(call)
        order = call.references, call.endpoint, call.options, call.generation
    (references, endpoint, options, generation), network = order, network_of(values)
    out = values["out"]
    refusals = refusal_reported(values["report_file"], endpoint, network)
    advice = f"nothing half-made is left in {out}; run the same command again to continue with what is finished"
    with resumable(advice), show_progress() as progress, refusals:
        manifest = prepare(
            references,
            endpoint,
            out=out,
            generation=generation,
            options=options,
            skip_unreadable=values["skip_unreadable"],
            cache=default_folder(),
            progress=progress,
            network=network,
        )
    if values["report_file"]:
        page = page_of_manifest(manifest, values["out"], references, endpoint, network)
        write_page(values["report_file"], page)
    text = "\n".join([manifest_text(manifest, str(out)), *after_prep(str(out))])
    return print_answer(text, manifest, manifest.findings)
