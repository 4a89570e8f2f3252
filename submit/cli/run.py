"""`prep-and-submit run`."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click

from prep.cli.arguments import as_json, preparation, references, skip_bad
from prep.cli.call import Call, network_of, read_call, require_references
from prep.cli.html_report import AFTER, page_of_manifest, page_of_plan, refusal_reported, report_option, write_page
from prep.cli.logs import logging_options
from prep.cli.next_command import typed_without
from prep.cli.signals import resumable
from prep.cli.terminal import print_answer
from submit.cli.arguments import (
    DRY_RUN,
    announced_job,
    dry_run,
    for_real,
    generation,
    ids_on_screen,
    in_sandbox,
    out_folder,
    platform_environment,
    refuse_faults_alone,
    refuse_placeholder,
    refuse_urls_in_sandbox,
    sending,
)
from submit.cli.consent import Consenting, shown_if_too_expensive

T = TypeVar("T")


@click.command(
    epilog="Example: prep-and-submit run hero.heic walk=walk.mov --prompt '@Image1 walks like @walk' --sandbox"
)
@references
@click.option("--prompt", help="Describe the video; refer to references as @NAME or @Image1, @Video1, @Audio1.")
@out_folder
@generation
@sending
@preparation
@skip_bad
@dry_run
@report_option(AFTER)
@logging_options
@as_json
def run(**given: Any) -> int:
    """Prepare, price, upload, submit, wait and download.

    REF is a file or URL, optionally NAME=FILE#t=START,END; 'check --help' has the rest.

    Running the same job again returns the existing one and pays nothing; --again submits another. With --sandbox, which
    needs no FAL_KEY, every run is a new job, because each command starts its own sandbox.
    """
    from prep.cli.progress import show_progress
    from prep.errors import PrepError
    from prep.log import get_logger
    from submit.api import run as run_job
    from submit.render import Setting, outcome_data, outcome_page, outcome_text

    chosen = read_call(given)
    require_references(chosen)
    if chosen.prompt is None:
        raise click.UsageError("Missing option '--prompt'.")
    refuse_placeholder(chosen.prompt)
    refuse_urls_in_sandbox(given, chosen.references)
    network = network_of(given)
    refusals = refusal_reported(given["report_file"], chosen.endpoint, network)
    given["max_cost"] = chosen.max_cost
    if given["dry_run"]:
        with refusals:
            return _dry_run(given, chosen)
    with (
        resumable(),
        refusals,
        platform_environment(given) as state,
        show_progress() as progress,
        announced_job(progress) as announcing,
        shown_if_too_expensive(given, progress),
    ):
        consenting = Consenting(given, progress)
        outcome = _about(run_job, given, chosen)(
            confirm=consenting,
            again=given["again"],
            wait=not given["no_wait"],
            webhook=given["webhook"],
            state=state,
            upload_to=given["upload_to"],
            expires=given["expires"],
            poll_s=given["poll_s"],
            timeout_s=given["timeout_s"],
            progress=announcing,
            network=network,
        )
    setting = Setting(consenting.offer, given["out"], ids_on_screen(), given["sandbox"])
    text = "\n".join([outcome_text(outcome, setting), *for_real(given["out"])])
    code = print_answer(text, outcome_data(outcome), outcome.findings)
    if given["report_file"]:  # after the answer: that is what was paid for
        try:
            prepared = page_of_manifest(outcome.manifest, given["out"], chosen.references, chosen.endpoint, network)
            write_page(given["report_file"], outcome_page(prepared, outcome))
        except PrepError as error:
            get_logger(__name__).warning("%s", error)
    return code


def _about(call: Callable[..., T], given: dict[str, Any], chosen: Call) -> Callable[..., T]:
    """*call* about the job that was typed, so that a dry run offers what the run would send."""
    return partial(
        call,
        chosen.references,
        chosen.prompt,
        chosen.endpoint,
        out=given["out"],
        generation=chosen.generation,
        options=chosen.options,
        skip_unreadable=given["skip_unreadable"],
        max_cost=chosen.max_cost,
    )


def _dry_run(given: dict[str, Any], chosen: Any) -> int:
    refuse_faults_alone(given)
    from prep.cli.progress import show_progress
    from submit.api import offer
    from submit.render import offer_data, offer_text, offered_page

    network = network_of(given)
    with resumable(), show_progress() as progress, shown_if_too_expensive(given, progress):
        proposal = _about(offer, given, chosen)(progress=progress, network=network)
    if given["report_file"] and proposal.plan:
        planned = page_of_plan(proposal.plan, chosen.endpoint, network)
        write_page(given["report_file"], offered_page(planned, proposal, sandbox=in_sandbox(given)))
    text = offer_text(proposal, sandbox=in_sandbox(given))
    lines = [text, "", "Dry run: nothing was prepared, uploaded or paid.", *typed_without(DRY_RUN)]
    return print_answer("\n".join(lines), offer_data(proposal), proposal.findings)
