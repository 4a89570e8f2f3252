"""`prep-and-submit cancel`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.logs import logging_options
from prep.cli.terminal import print_answer
from submit.cli.arguments import state


@click.command(epilog="Example: prep-and-submit cancel k7f3")
@click.argument("job", metavar="JOB|DIR", required=False)
@state
@logging_options
@as_json
def cancel(job: str | None, **given: Any) -> int:
    """Cancel a job. A generation that has started may still finish and be billed.

    Needs FAL_KEY unless the job was never sent.

    JOB is an id or the beginning of one, DIR the --out folder of a run.
    """
    from submit.job.manage import Status
    from submit.managing import cancel as cancel_job
    from submit.render import job_data

    if job is None:  # the latest would be a guess, and a cancelled job is lost
        raise click.UsageError("name the job to cancel: its id or folder; 'prep-and-submit jobs' lists them")
    record = cancel_job(job, state=given["state"])
    message = {
        "cancelled": "cancelled",
        "completed": f"finished before it was cancelled; 'prep-and-submit result {record.id}' fetches its video",
    }.get(
        record.state,
        f"{record.state}; the platform was asked to stop it; 'prep-and-submit status {record.id}' shows whether it did",
    )
    return print_answer(f"job {record.id}: {message}", {"job": job_data(Status(record))})
