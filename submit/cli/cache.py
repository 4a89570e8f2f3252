"""`prep-and-submit cache`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from submit.cli.arguments import Megabytes, state


@click.command(epilog="Example: prep-and-submit cache prune --max-size 500MB")
@click.argument("action", type=click.Choice(["ls", "prune", "clear"]), default="ls", required=False)
@click.option("--max-size", type=Megabytes(), metavar="SIZE", help="With prune: keep at most so much; 500MB, 2GB.")
@state
@as_json
def cache(action: str, **given: Any) -> int:
    """What is kept so that the same is not made or uploaded twice: `ls` it, `prune` what is old, `clear` all of it.

    Prepared files and the URLs of uploads. Nothing is lost with them but time; jobs and videos stay.
    """
    from prep.errors import ExitCode
    from prep.execution.cache import Cache
    from prep.render.document import document
    from submit.journal import Journal
    from submit.render import cache_text

    if given["max_size"] is not None and action != "prune":
        raise click.UsageError("--max-size says what prune keeps.")
    prepared, journal = Cache(), Journal(given["state"])
    if action == "prune":
        prepared.prune(given["max_size"])
        journal.uploads.prune()
    if action == "clear":
        prepared.prune(0)
        journal.uploads.prune(everything=True)
    held, uploads = prepared.contents(), journal.uploads.all()
    if given["as_json"]:
        told = {"folder": str(prepared.folder), "files": held.files, "bytes": held.bytes}
        kept = [upload.model_dump(mode="json") for upload in uploads]
        click.echo(document("cache", True, (), {"prepared": told, "uploads": kept}))
    else:
        click.echo(cache_text(str(prepared.folder), held, uploads))
    return ExitCode.OK
