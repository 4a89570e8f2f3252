"""`prep-and-submit resume`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.signals import resumable
from submit.cli.arguments import state, waiting


@click.command(epilog="Example: prep-and-submit resume k7f3")
@click.argument("job", metavar="[JOB|DIR]", required=False)
@click.option(
    "--resubmit",
    is_flag=True,
    help="Send an uncertain job again if it can't be found on the platform; this may pay twice.",
)
@click.option("--request-id", metavar="ID", help="The request id of an uncertain job, from your dashboard or webhook.")
@waiting
@state
@as_json
def resume(job: str | None, **given: Any) -> int:
    """Continue a job from where it stopped and download its video. Never repeats a request that may have arrived.

    JOB is an id or the beginning of one, DIR a folder with a receipt [default: the latest job]. Needs FAL_KEY.
    """
    from prep.cli.progress import progress_shown
    from prep.errors import ExitCode
    from prep.render.document import document
    from submit.api import resume as resume_job
    from submit.render import result_data

    if given["resubmit"] and given["request_id"]:
        raise click.UsageError("Use --request-id if the request arrived, --resubmit if it did not; not both.")
    with resumable(), progress_shown() as progress:
        result = resume_job(
            job,
            resubmit=given["resubmit"],
            request_id=given["request_id"],
            state=given["state"],
            poll_s=given["poll_s"],
            timeout_s=given["timeout_s"],
            progress=progress,
        )
    if given["as_json"]:
        click.echo(document("resume", True, (), {"result": result_data(result)}))
    else:
        click.echo(result.path)
    return ExitCode.OK
