"""`prep-and-submit status`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.logs import logging_options
from prep.cli.terminal import print_answer
from submit.cli.arguments import refuse_batch, state


@click.command(epilog="Example: prep-and-submit status k7f3")
@click.argument("job", metavar="[JOB|DIR]", required=False)
@state
@logging_options
@as_json
def status(job: str | None, **given: Any) -> int:
    """Show a job's state and history. If FAL_KEY is set, it also asks the platform.

    JOB is an id or the beginning of one, DIR the --out folder of a run [default: the latest job;
    a sandbox job only if there is no other].
    """
    from prep.pricing.bill import check_bill
    from submit.journal.stand_in import sandbox_ended
    from submit.managing import status as job_status
    from submit.render import job_data, status_text

    refuse_batch(job)
    report = job_status(job, state=given["state"])
    text = status_text(report, ended=sandbox_ended(report.job))
    return print_answer(text, {"job": job_data(report)}, check_bill(report.job.bill, report.job.cost))
