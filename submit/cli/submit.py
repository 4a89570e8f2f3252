"""`prep-and-submit submit`."""

from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import FilePath, as_json, private_network, spec
from prep.cli.call import generation_of, network_of
from prep.cli.endpoint import spec_for
from prep.cli.logs import logging_options
from prep.cli.next_command import typed_without
from prep.cli.signals import resumable
from prep.cli.terminal import print_answer, say
from submit.cli.arguments import (
    DRY_RUN,
    FOR_REAL,
    SANDBOX,
    announced_job,
    dry_run,
    generation,
    ids_on_screen,
    in_sandbox,
    platform_environment,
    refuse_faults_alone,
    refuse_placeholder,
    sending,
)
from submit.cli.consent import Consenting

if TYPE_CHECKING:
    from prep.model.manifest import Manifest


@click.command(epilog="Example: prep-and-submit submit ready --prompt '@Image1 walks like @walk' --max-cost 2")
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option(
    "--prompt", required=True, help="Describe the video; refer to references as @NAME or @Image1, @Video1, @Audio1."
)
@generation
@sending
@dry_run
@spec
@private_network
@logging_options
@as_json
def submit(**given: Any) -> int:
    """Upload and submit the files that prep made in DIR, wait for the video and download it there.

    The files must match DIR/manifest.json. Needs FAL_KEY unless --sandbox or --dry-run is given. Submitting the same
    files and prompt again returns the existing job and pays nothing; --again submits another. With --sandbox every run
    is a new job, because each command starts its own sandbox.
    """
    from prep.cli.progress import show_progress
    from prep.inputs.manifests import read_manifest
    from prep.model.generation import Generation
    from prep.model.redact import without_secrets
    from prep.render.text import prepared_text
    from submit.api import submit as submit_folder
    from submit.job.submission import outcome_of
    from submit.render import Setting, outcome_data, outcome_text

    refuse_placeholder(given["prompt"])
    manifest = read_manifest(given["folder"])
    if given["sandbox"]:
        from submit.sandbox.urls import refuse_urls

        refuse_urls(without_secrets(entry.output.url) for entry in manifest.entries if entry.output.url)
    if given["dry_run"]:
        return _dry_run(given, manifest)
    with (
        resumable(),
        platform_environment(given) as state,
        show_progress() as progress,
        announced_job(progress) as announcing,
    ):
        consenting = Consenting(given, progress, f"{prepared_text(manifest)}\n\n")
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
            upload_to=given["upload_to"],
            expires=given["expires"],
            poll_s=given["poll_s"],
            progress=announcing,
            network=network_of(given),
        )
        result = None if given["no_wait"] else submission.result(timeout_s=given["timeout_s"])
    outcome = outcome_of(submission, result)
    setting = Setting(consenting.offer, given["folder"], ids_on_screen(), given["sandbox"])
    text = "\n".join([outcome_text(outcome, setting), *typed_without(SANDBOX, FOR_REAL)])
    return print_answer(text, outcome_data(outcome), outcome.findings)


def _dry_run(given: dict[str, Any], manifest: "Manifest") -> int:
    refuse_faults_alone(given)
    from prep.errors import ExitCode
    from prep.model.generation import Generation
    from prep.pricing.price import without_price
    from prep.render.document import document
    from prep.render.text import prepared_text
    from prep.specs import load_spec
    from prep.specs.parameters import with_defaults
    from submit.api import offer_prepared
    from submit.render import offer_data, offer_text
    from submit.request.cap import refuse_above

    chosen = spec_for(manifest.endpoint, given) or load_spec(manifest.endpoint)
    generation = with_defaults(Generation(**generation_of(given)), chosen)
    with resumable():
        proposal = offer_prepared(
            given["folder"], given["prompt"], generation=generation, spec=chosen, network=network_of(given)
        )
    if not given["as_json"]:
        say(f"{prepared_text(manifest)}\n\n{offer_text(proposal, sandbox=in_sandbox(given))}")
    refuse_above(proposal.cost, given["max_cost"], without_price(chosen, generation))
    if given["as_json"]:
        click.echo(document("submit", True, proposal.findings, offer_data(proposal)))
    else:
        say("\n".join(["", "Dry run: nothing was uploaded or paid.", *typed_without(DRY_RUN)]))
    return ExitCode.OK
