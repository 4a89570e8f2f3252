"""`prep-and-submit result`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.logs import logging_options
from prep.cli.signals import resumable
from prep.cli.terminal import say
from submit.cli.arguments import STAND_IN, refuse_batch, state, waiting


@click.command(epilog="Example: prep-and-submit result k7f3")
@click.argument("job", metavar="[JOB|DIR]", required=False)
@waiting
@state
@logging_options
@as_json
def result(job: str | None, **given: Any) -> int:
    """Wait for a submitted job, download its video and print its path. Submits nothing.

    JOB is an id or the beginning of one, DIR the --out folder of a run [default: the latest job;
    a sandbox job only if there is no other].
    Needs FAL_KEY unless the video was downloaded already.
    """
    from prep.cli.progress import show_progress
    from prep.errors import ExitCode, UsageError
    from prep.pricing.bill import check_bill
    from prep.render.document import document
    from prep.render.text import findings_text
    from submit.job.lookup import look_up
    from submit.journal.states import UNSENT
    from submit.managing import resume
    from submit.render import result_data

    refuse_batch(job)
    record = look_up(job, given["state"]).job
    if record.state in UNSENT:
        raise UsageError(f"job {record.id} was not submitted yet; 'prep-and-submit resume {record.id}' continues it")
    with resumable(), show_progress() as progress:
        video = resume(
            job or record.id,
            confirm=lambda offer: False,  # another process may have found that it was not sent
            state=given["state"],
            poll_s=given["poll_s"],
            timeout_s=given["timeout_s"],
            progress=progress,
        )
    record = look_up(job or record.id, given["state"]).job
    findings = check_bill(record.bill, record.cost)
    if given["as_json"]:
        click.echo(document("result", True, findings, {"job": record.id, "result": result_data(video)}))
    else:
        if findings:
            say(findings_text(findings), err=True)
        if record.sandbox:
            say(STAND_IN, err=True)
        click.echo(video.path)
    return ExitCode.OK
