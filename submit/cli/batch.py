"""`prep-and-submit batch`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import FilePath, as_json, endpoint, parameters, preparation, private_network, spec
from prep.cli.call import network_of, over_job
from prep.cli.logs import logging_options
from prep.cli.next_command import command_without, typed_without
from prep.cli.project import from_project
from prep.cli.signals import resumable
from prep.cli.terminal import print_answer, say
from submit.cli.arguments import (
    DOLLARS,
    expires,
    faults,
    for_real,
    platform_environment,
    refuse_faults_alone,
    refuse_urls_in_sandbox,
    sandbox,
    state,
    upload_to,
    waiting,
    webhook,
    yes,
)

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from prep.inputs.jobs import Job
    from prep.model.limits import EndpointSpec

STATUS = "status"
DRY_RUN = {"--dry-run": False}
AT_ONCE = click.IntRange(1, 500)


class TwoUsages(click.Command):
    """A command that runs a batch, or shows the status of one."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "JOBS --out DIR [OPTIONS]")
        formatter.write_usage(ctx.command_path, "JOBS --dry-run [OPTIONS]", prefix=" " * len("Usage: "))
        formatter.write_usage(ctx.command_path, "status DIR", prefix=" " * len("Usage: "))


@click.command(cls=TwoUsages, epilog="Example: prep-and-submit batch jobs.csv --out takes --max-cost 50")
@click.argument("jobs", metavar="JOBS|status")
@click.argument("folder", metavar="[DIR]", required=False)
@click.option(
    "--out",
    type=FilePath(path_type=str),
    metavar="DIR-or-URL",
    help="Write all results to this folder. It identifies the batch: use the same one to continue. Also "
    "s3://BUCKET/PREFIX (or gs, az).",
)
@parameters
@click.option(
    "--max-cost",
    type=DOLLARS,
    metavar="USD",
    help="Agree, without being asked, that the whole batch costs at most this much, over all runs. Each job's price is "
    "reserved before it is sent, and replaced by its bill afterwards.",
)
@sandbox
@faults
@click.option(
    "--concurrency",
    type=AT_ONCE,
    default=2,
    show_default=True,
    help="Have this many jobs running on the platform at a time.",
)
@click.option("--workers", type=AT_ONCE, help="Prepare this many jobs at a time. [default: one per processor]")
@click.option(
    "--executor",
    default="local",
    show_default=True,
    metavar="local|ray[://ADDRESS]",
    help="Prepare on this machine, or on a Ray cluster; uploads and payments stay here.",
)
@click.option(
    "--work",
    metavar="URL",
    help="With --executor ray: hand prepared files over in s3://BUCKET/PREFIX (or gs, az), not through the cluster.",
)
@click.option("--skip-bad", is_flag=True, help="Leave out rows that can't be sent.")
@click.option("--fail-fast", is_flag=True, help="Send nothing more after the first job that fails.")
@click.option("--dry-run", is_flag=True, help="Check and price every row: make, send and pay nothing. Needs no key.")
@yes
@webhook
@upload_to
@expires
@waiting
@state
@endpoint
@spec
@private_network
@preparation
@logging_options
@as_json
def batch(**values: Any) -> int:
    """Run many jobs under one budget. Run the same command again to continue where it stopped.

    JOBS is a .jsonl, .csv, .yaml or .json file, on this computer or in a bucket (s3://BUCKET/jobs.csv), with one job
    per row; a folder of job files; or - for stdin. A row has the keys of a --from-job file and an id; a flag replaces
    what a row says. A reference is a file or URL, optionally NAME=FILE#t=START,END; 'check --help' has the rest.
    'batch status DIR' shows the state of a batch.

    Nothing starts while a row has a problem, unless --skip-bad leaves such rows out. Rows that are done are not paid
    for again; a changed row is a new job. Needs FAL_KEY unless --sandbox is given.
    """
    if values["jobs"] == STATUS:
        return _status(values)
    if values["folder"] is not None:
        raise click.UsageError("Name one JOBS; the folder for the results is --out DIR.")
    if values["sandbox"]:
        from prep.net.object_url import is_object_url
        from submit.sandbox.urls import refuse_urls

        refuse_urls(url for url in (values["jobs"], values["out"] or "") if is_object_url(url))
    if values["out"] is None and not values["dry_run"]:
        raise click.UsageError("Missing option '--out'.")
    return _dry_run(values) if values["dry_run"] else _run(values)


def _run(values: dict[str, Any]) -> int:
    from prep.errors import UnwritableError
    from prep.render.document import document
    from submit.batches.api import batch as begin
    from submit.batches.reading import read_rows
    from submit.batches.render import exit_code, idle_text, summary_text
    from submit.cli.batch_display import show_batch
    from submit.cli.consent import batch_consent
    from submit.errors import BatchPaused

    budget = _budget(values)
    with resumable(), platform_environment(values) as journal, show_batch() as display:
        prepared = begin(
            read_rows(values["jobs"], _completing(values)),
            out=values["out"],
            endpoint=_own_spec(values),
            skip_bad=values["skip_bad"],
            max_cost=budget,
            confirm=batch_consent(values, budget, display.paused),
            concurrency=values["concurrency"],
            workers=values["workers"],
            executor=values["executor"],
            work=values["work"],
            fail_fast=values["fail_fast"],
            webhook=values["webhook"],
            state=journal,
            upload_to=values["upload_to"],
            expires=values["expires"],
            poll_s=values["poll_s"],
            timeout_s=values["timeout_s"],
            progress=display.show,
            network=network_of(values),
            command=command_without({"--yes": False}),
        )
        try:
            for result in prepared:
                display.tell(result)
        except (BatchPaused, UnwritableError) as error:
            error.data = {"batch": prepared.summary.model_dump(mode="json")}
            if not values["as_json"]:
                say(summary_text(prepared.summary, prepared.results(), values["out"]))
            raise
    code = exit_code(prepared.summary, prepared.results())
    if values["as_json"]:
        findings = [item for result in prepared.results() if result.state != "done" for item in result.findings]
        click.echo(document("batch", code == 0, findings, prepared.summary))
        return code
    if not prepared.offer.to_send:
        say(f"{idle_text(prepared.summary)}\n")
    say(summary_text(prepared.summary, prepared.results(), values["out"]))
    if code == 0 and (following := for_real(values["out"])):
        say("\n".join(following))
    return code


def _dry_run(values: dict[str, Any]) -> int:
    refuse_faults_alone(values)
    import threading

    from submit.batches.executors.executor import choose_executor
    from submit.batches.reading import read_rows
    from submit.batches.render import offer_text
    from submit.batches.survey import Look, survey_rows
    from submit.bucket_uploads import check_upload_to

    own = _own_spec(values)
    with resumable("nothing was made or sent"):
        look = Look({own.endpoint: own} if own else {}, network_of(values), "process", threading.Event())
        check_upload_to(values["upload_to"])
        choose_executor(values["executor"], values["workers"], values["work"])
        folder, spent = _earlier_runs(values)
        survey = survey_rows(read_rows(values["jobs"], _completing(values)), look, folder)
        survey.refuse_bad(skip_bad=values["skip_bad"])
        offer = survey.offer(_budget(values), spent)
    following = typed_without(DRY_RUN, more=() if values["out"] else ("--out", "DIR"))
    text = offer_text(offer, sandbox=values["sandbox"])
    lines = [text, "Dry run: nothing was prepared, uploaded or paid.", *following]
    data = {"dry_run": True, "offer": offer.model_dump(mode="json")}
    return print_answer("\n".join(lines), data, [warning.finding for warning in offer.warnings])


def _earlier_runs(values: dict[str, Any]) -> "tuple[Path | None, Decimal]":
    """The folder of the batch, if --out names one, and what it has spent; refused where the run would refuse it."""
    import os
    from decimal import Decimal

    from submit.batches.results.folder import find_note
    from submit.batches.results.mirror import folder_for
    from submit.batches.results.status import spent_before
    from submit.platform import SANDBOX_ACCOUNT, environment_account

    if values["out"] is None:
        return None, Decimal(0)
    folder = folder_for(values["out"], values["state"])
    own = environment_account() if os.environ.get("FAL_KEY", "").strip() else None
    note = find_note(folder, SANDBOX_ACCOUNT if values["sandbox"] else own)
    if note is None or values["sandbox"]:  # a sandbox of its own begins with an empty journal
        return folder, Decimal(0)
    return folder, spent_before(folder, note, values["state"])


def _status(values: dict[str, Any]) -> int:
    from submit.batches.render import status_text
    from submit.batches.results.status import batch_status

    if values["folder"] is None:
        raise click.UsageError("Name the folder of the batch: 'prep-and-submit batch status DIR'.")
    summary = batch_status(values["folder"], values["state"])
    return print_answer(status_text(summary, values["folder"]), summary)


def _budget(values: dict[str, Any]) -> Any:
    """The budget of the whole batch; a project's --max-cost is the cap of each job."""
    return None if from_project("max_cost") else values["max_cost"]


def _own_spec(values: dict[str, Any]) -> "EndpointSpec | None":
    from prep.specs import read_spec

    return read_spec(values["spec"]) if values["spec"] else None


def _completing(values: dict[str, Any]) -> "Callable[[Job], Job]":
    """The flags and the project over what a row says."""
    from prep.inputs.jobs import Job

    shared = {**values, "refs": (), "max_cost": values["max_cost"] if from_project("max_cost") else None}

    def complete(job: Job) -> Job:
        call = over_job(shared, job)
        refuse_urls_in_sandbox(values, call.references)
        chosen = call.endpoint if isinstance(call.endpoint, str) else call.endpoint.endpoint
        return Job(**{**call._asdict(), "endpoint": chosen, "references": call.references})

    return complete
