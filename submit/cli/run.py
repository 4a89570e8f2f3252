"""`prep-and-submit run`."""

from pathlib import Path
from typing import Any

import click

from prep.cli.arguments import as_json, asked, network_of, preparation, references, require_references
from prep.cli.report import page_of_manifest, refusal_reported, report_option, write_page
from prep.cli.signals import resumable
from submit.cli.arguments import (
    announced,
    confirmation,
    generation,
    platform_environment,
    refuse_urls,
    sending,
)


@click.command(
    epilog="Example: prep-and-submit run hero.heic walk=walk.mov --prompt '@Image1 walks like @walk' --sandbox"
)
@references
@click.option("--prompt", help="What to generate; @NAME and @Image1, @Video1, @Audio1 name references.")
@click.option(
    "--out",
    default=Path("out"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder for the files, the receipt and the video.",
)
@generation
@sending
@preparation
@report_option
@as_json
def run(**given: Any) -> int:
    """The main job: prepare, price, upload, submit, wait and download.

    The same job again finds the one that is there and pays nothing; --again makes another. Needs FAL_KEY, unless
    --sandbox is given.
    """
    from prep.cli.progress import progress_shown
    from prep.errors import ExitCode
    from prep.inputs.resolve import read_references
    from prep.render.document import document
    from submit.api import run as run_job
    from submit.render import outcome_data, outcome_page, outcome_text

    chosen = asked(given)
    require_references(chosen)
    if chosen.prompt is None:
        raise click.UsageError("Missing option '--prompt'.")
    if given["sandbox"]:
        refuse_urls(reference.told for reference in read_references(chosen.references) if reference.is_url)
    network = network_of(given)
    refusals = refusal_reported(given["report_file"], chosen.endpoint, network)
    given["max_cost"] = chosen.max_cost
    with (
        resumable(),
        refusals,
        platform_environment(given["sandbox"], given["faults"]) as state,
        progress_shown() as shown,
    ):
        outcome = run_job(
            chosen.references,
            chosen.prompt,
            chosen.endpoint,
            out=given["out"],
            generation=chosen.generation,
            options=chosen.options,
            max_cost=chosen.max_cost,
            confirm=confirmation(given, shown),
            again=given["again"],
            wait=not given["no_wait"],
            webhook=given["webhook"],
            state=given["state"] or state,
            expires=given["expires"],
            poll_s=given["poll_s"],
            timeout_s=given["timeout_s"],
            progress=announced(shown),
            network=network,
        )
    if given["report_file"]:
        prepared = page_of_manifest(outcome.manifest, given["out"], chosen.references, chosen.endpoint, network)
        write_page(given["report_file"], outcome_page(prepared, outcome))
    if given["as_json"]:
        click.echo(document("run", True, outcome.findings, outcome_data(outcome)))
    else:
        click.echo(outcome_text(outcome, str(given["out"])))
    return ExitCode.OK
