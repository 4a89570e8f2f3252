"""`prep-and-submit jobs`."""

import sys
from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.terminal import width_of
from submit.cli.arguments import state


@click.command(epilog="Example: prep-and-submit jobs uncertain submitted")
@click.argument("states", metavar="[STATE]...", nargs=-1)
@state
@as_json
def jobs(states: tuple[str, ...], **given: Any) -> int:
    """List the jobs recorded on this computer, newest first: id, state, time, price, prompt.

    Does not ask the platform. STATE is prepared (not sent), uploaded (not sent), submitting, uncertain (it may or may
    not have arrived), submitted, completed (finished; its video is not downloaded), downloaded, failed or cancelled.
    """
    from prep.errors import ExitCode, UsageError
    from prep.log import get_logger
    from prep.render.document import document
    from submit.job.manage import Status
    from submit.journal import JobRecord
    from submit.journal.stand_in import sandbox_ended
    from submit.journal.states import STATES
    from submit.managing import jobs as list_jobs
    from submit.render import job_data, jobs_text

    if unknown := [name for name in states if name not in STATES]:
        raise click.UsageError(f"no such state: {', '.join(unknown)}; choose from {', '.join(STATES)}")
    names = tuple(name for name in STATES if name in states)
    paid, sandbox = list_jobs(names, state=given["state"]), tuple[JobRecord, ...]()
    try:
        sandbox = list_jobs(names, state=given["state"], sandbox=True)
    except UsageError as error:  # what was paid is listed all the same
        get_logger(__name__).warning("%s", error)
    if given["as_json"]:
        lists = {"jobs": paid, "sandbox": sandbox}
        data = {key: [job_data(Status(job)) for job in records] for key, records in lists.items()}
        click.echo(document("jobs", True, (), data))
    else:
        width = width_of(sys.stdout)
        ended = [job.id for job in (*paid, *sandbox) if sandbox_ended(job)]
        texts = [jobs_text(records, width, ended) for records in (paid, sandbox)]
        click.echo("\n".join([texts[0], *(["", "In the sandbox:", texts[1]] if sandbox else [])]))
    return ExitCode.OK
