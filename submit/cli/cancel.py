"""`prep-and-submit cancel`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from submit.cli.arguments import state


@click.command(epilog="Example: prep-and-submit cancel k7f3")
@click.argument("job", metavar="JOB|DIR")
@state
@as_json
def cancel(job: str, **given: Any) -> int:
    """Stop a job. What is being generated already may be finished, and billed, all the same. Needs FAL_KEY."""
    from prep.errors import ExitCode
    from prep.render.document import document
    from submit.fal import key_from_environment
    from submit.job.manage import Status, find, setting_for
    from submit.job.manage import cancel as cancel_job
    from submit.journal import Journal
    from submit.render import job_data

    key_from_environment()  # says what to set
    journal = Journal(given["state"])
    setting = setting_for(journal)
    assert setting is not None
    stopped = cancel_job(find(job, journal), setting)
    told = {
        "cancelled": "cancelled; nothing more will come",
        "completed": "done before it was cancelled; 'prep-and-submit result' fetches its video",
    }.get(stopped.state, f"{stopped.state}; the platform was asked to stop it; 'prep-and-submit status' looks again")
    if given["as_json"]:
        click.echo(document("cancel", True, (), {"job": job_data(Status(stopped, None, busy=False))}))
    else:
        click.echo(f"job {stopped.id}: {told}")
    return ExitCode.OK
