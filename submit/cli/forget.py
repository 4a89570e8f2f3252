"""`prep-and-submit forget`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.terminal import print_answer
from submit.cli.arguments import state


@click.command(epilog="Example: prep-and-submit forget k7f3")
@click.argument("job", metavar="JOB|DIR")
@click.option(
    "--yes", is_flag=True, help="Forget it even if it may have been paid for and its video was not downloaded."
)
@state
@as_json
def forget(job: str, **given: Any) -> int:
    """Remove a job from the record of your jobs on this computer (the journal); its files stay.

    JOB is an id or the beginning of one, DIR the --out folder of a run. Running the same job in another folder
    afterwards pays for it again. A later command about DIR, such as 'status DIR' or 'run --out DIR', puts the job back
    into the record, from DIR/receipt.json.
    """
    from submit.errors import DamagedRecord
    from submit.job.lookup import look_up
    from submit.job.manage import forget as forget_job
    from submit.journal import Journal

    try:
        journal = look_up(job, given["state"], writable=True).journal
    except DamagedRecord:
        journal = Journal(given["state"])
    job_id = forget_job(job, journal, sure=given["yes"])
    return print_answer(f"job {job_id}: forgotten", {"forgotten": job_id})
