"""`prep-and-submit status`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from submit.cli.arguments import state


@click.command(epilog="Example: prep-and-submit status k7f3")
@click.argument("job", metavar="[JOB|DIR]", required=False)
@state
@as_json
def status(job: str | None, **given: Any) -> int:
    """Tell how a job stands, and its story. Asks the platform when FAL_KEY is set.

    JOB is an id or its beginning, DIR a folder with a receipt; without either it is the latest job.
    """
    from prep.errors import ExitCode
    from prep.render.document import document
    from submit.job.manage import find, look, setting_for
    from submit.journal import Journal
    from submit.render import job_data, status_text

    journal = Journal(given["state"])
    seen = look(find(job, journal), journal, setting_for(journal))
    if given["as_json"]:
        click.echo(document("status", True, (), {"job": job_data(seen)}))
    else:
        click.echo(status_text(seen))
    return ExitCode.OK
