"""`prep-and-submit resume`."""

from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import as_json
from prep.cli.logs import logging_options
from prep.cli.signals import resumable
from prep.cli.terminal import say
from submit.cli.arguments import STAND_IN, max_cost, refuse_batch, state, waiting, yes
from submit.cli.consent import Consenting

if TYPE_CHECKING:
    from submit.managing import Resumed


@click.command(epilog="Example: prep-and-submit resume k7f3")
@click.argument("job", metavar="[JOB|DIR]", required=False)
@click.option(
    "--all", "every", is_flag=True, help="Continue every job that was sent and not downloaded; send nothing new."
)
@click.option(
    "--resubmit",
    is_flag=True,
    help="Send an uncertain job again if it can't be found on the platform; you may pay twice.",
)
@click.option(
    "--request-id",
    metavar="ID",
    help="Look for the job by this request id, from your dashboard or webhook; send nothing.",
)
@yes
@max_cost
@waiting
@state
@logging_options
@as_json
def resume(job: str | None, **values: Any) -> int:
    """Continue a job from where it stopped and download its video.

    JOB is an id or the beginning of one, DIR the --out folder of a run [default: the latest job;
    a sandbox job only if there is no other].
    Needs FAL_KEY unless the video was downloaded already.

    A job that was sent is not paid for again. One that was never sent is shown with its price and sent once you agree;
    without a terminal, --yes or --max-cost is required.

    A job is uncertain when its request may or may not have arrived. Such a request is repeated only with --resubmit.
    """
    from prep.cli.progress import show_progress
    from prep.errors import ExitCode
    from prep.model.redact import shown
    from prep.render.document import document
    from submit.job.lookup import look_up
    from submit.managing import resume as resume_job
    from submit.render import result_data

    if values["resubmit"] and values["request_id"]:
        raise click.UsageError("Use --request-id if the request arrived, --resubmit if it did not; not both.")
    if values["every"]:
        if job or values["resubmit"] or values["request_id"]:
            raise click.UsageError("--all takes no JOB, --resubmit or --request-id: those are about one job.")
        return _resume_all(values)
    refuse_batch(job)
    record = look_up(job, values["state"]).job
    heading = f"Job {record.id} was never sent; its files are in {shown(record.folder)}\n"
    with resumable(), show_progress() as progress:
        result = resume_job(
            job or record.id,
            max_cost=values["max_cost"],
            confirm=Consenting(values, progress, heading, err=True),
            resubmit=values["resubmit"],
            request_id=values["request_id"],
            state=values["state"],
            poll_s=values["poll_s"],
            timeout_s=values["timeout_s"],
            progress=progress,
        )
    if values["as_json"]:
        click.echo(document("resume", True, (), {"result": result_data(result)}))
    else:
        if record.sandbox:
            say(STAND_IN, err=True)
        click.echo(result.path)
    return ExitCode.OK


def _resume_all(values: dict[str, Any]) -> int:
    from prep.cli.progress import show_progress
    from prep.errors import ExitCode
    from prep.flag_names import in_flags
    from prep.render.document import document
    from submit.journal.states import UNSENT
    from submit.managing import jobs
    from submit.managing import resume as resume_jobs
    from submit.render import resumed_data

    with resumable(), show_progress() as progress:
        resumed = resume_jobs(
            all=True,
            state=values["state"],
            poll_s=values["poll_s"],
            timeout_s=values["timeout_s"],
            progress=progress,
        )
    failures = [item.error for item in resumed if item.error]
    if values["as_json"]:
        findings = [finding for error in failures for finding in error.findings]
        click.echo(document("resume", not failures, findings, {"jobs": [resumed_data(item) for item in resumed]}))
        return failures[0].exit_code if failures else ExitCode.OK
    for item in resumed:
        say(_line(item) if item.result else in_flags(_line(item)), err=item.result is None)
    unsent = [record.id for record in jobs(UNSENT, state=values["state"])]
    if unsent:
        click.echo(f"never sent: {', '.join(unsent)}; 'prep-and-submit resume JOB' sends one", err=True)
    elif not resumed:
        click.echo("no job is waiting for its video", err=True)
    return failures[0].exit_code if failures else ExitCode.OK


def _line(item: "Resumed") -> str:
    """The job with the path of its video, or what stands in its way; the message names the job in most cases."""
    if item.result:
        return f"job {item.job}: {item.result.path}"
    message = str(item.error)
    return message if item.job in message else f"job {item.job}: {message}"
