"""`prep-and-submit resume`."""

from pathlib import Path
from typing import Any

import click

from prep.cli.arguments import as_json


@click.command(epilog="Example: prep-and-submit resume take1")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@as_json
def resume(folder: Path, **given: Any) -> int:
    """Wait for the job whose receipt is in DIR, and download its video there. Nothing is submitted again.

    Needs FAL_KEY, the one that the job was submitted with.
    """
    from prep.cli.progress import progress_shown
    from prep.errors import ExitCode
    from prep.render.document import document
    from submit.flow import resume as resume_job
    from submit.render import result_data

    with progress_shown() as progress:
        result = resume_job(folder, progress=progress)
    if given["as_json"]:
        click.echo(document("resume", True, (), {"result": result_data(result)}))
    else:
        click.echo(result.path)
    return ExitCode.OK
