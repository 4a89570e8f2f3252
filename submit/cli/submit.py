"""`prep-and-submit submit`."""

from pathlib import Path
from typing import Any

import click

from prep.cli.arguments import as_json, private_network, spec
from prep.cli.call import generation_of, network_of
from prep.cli.endpoint import spec_for
from prep.cli.logs import logging_options
from prep.cli.next_step import typed_without
from prep.cli.signals import resumable
from prep.cli.terminal import say
from submit.cli.arguments import (
    FOR_REAL,
    SANDBOX,
    announced_job,
    generation,
    ids_on_screen,
    platform_environment,
    refuse_placeholder,
    refuse_urls,
    sending,
)
from submit.cli.consent import Consenting


@click.command(epilog="Example: prep-and-submit submit ready --prompt '@Image1 walks like @walk' --max-cost 2")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--prompt", required=True, help="What to generate; refer to references as @NAME or @Image1, @Video1, @Audio1."
)
@generation
@sending
@spec
@private_network
@logging_options
@as_json
def submit(**given: Any) -> int:
    """Upload and submit what prep made in DIR, wait for the video and download it there.

    The files must match DIR/manifest.json. Needs FAL_KEY unless --sandbox is given.
    """
    from prep.cli.progress import show_progress
    from prep.errors import ExitCode
    from prep.inputs.manifests import read_manifest
    from prep.model.generation import Generation
    from prep.model.redact import without_secrets
    from prep.render.document import document
    from submit.api import submit as submit_folder
    from submit.render import submission_data, submission_text

    refuse_placeholder(given["prompt"])
    manifest = read_manifest(given["folder"])
    if given["sandbox"]:
        refuse_urls(without_secrets(entry.output.url) for entry in manifest.entries if entry.output.url)
    with (
        resumable(),
        platform_environment(given) as state,
        show_progress() as progress,
        announced_job(progress) as announcing,
    ):
        consenting = Consenting(given, progress)
        submission = submit_folder(
            given["folder"],
            given["prompt"],
            generation=Generation(**generation_of(given)),
            spec=spec_for(manifest.endpoint, given),
            max_cost=given["max_cost"],
            confirm=consenting,
            again=given["again"],
            webhook=given["webhook"],
            state=state,
            expires=given["expires"],
            poll_s=given["poll_s"],
            progress=announcing,
            network=network_of(given),
        )
        result = None if given["no_wait"] else submission.result(timeout_s=given["timeout_s"])
    if given["as_json"]:
        click.echo(document("submit", True, submission.findings, submission_data(submission, result)))
    else:
        text = submission_text(submission, result, consenting.offer, given["folder"], announced=ids_on_screen())
        say("\n".join([text, *typed_without(SANDBOX, FOR_REAL)]))
    return ExitCode.OK
