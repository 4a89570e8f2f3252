"""`prep-and-submit cache`."""

from typing import Any

import click

from prep.cli.arguments import Choice, as_json
from prep.cli.terminal import print_answer
from submit.cli.arguments import SIZE, state


@click.command(epilog="Example: prep-and-submit cache prune --max-size 500MB")
@click.argument("action", type=Choice(["ls", "prune", "clear"]), default="ls", required=False)
@click.option("--max-size", type=SIZE, metavar="SIZE", help="With prune: keep at most this much, such as 500MB or 2GB.")
@state
@as_json
def cache(action: str, **given: Any) -> int:
    """Show cached files and known uploads (`ls`, the default), `prune` the old ones, or `clear` all of them.

    Cached files spare you encoding and uploading the same content again. Jobs and videos are never removed.
    """
    from prep.execution.cache import Cache
    from submit.journal import Journal
    from submit.render import cache_text

    if given["max_size"] is not None and action != "prune":
        raise click.UsageError("--max-size needs prune.")
    prepared, journal = Cache(), Journal(given["state"], writable=False)
    if action == "prune":
        prepared.prune(given["max_size"])
        journal.uploads.prune()
    if action == "clear":
        prepared.prune(0)
        journal.uploads.prune(everything=True)
    contents, uploads = prepared.contents(), journal.uploads.all()
    files = {"folder": str(prepared.folder), **contents.model_dump()}
    data = {"prepared": files, "uploads": [upload.model_dump(mode="json") for upload in uploads]}
    return print_answer(cache_text(str(prepared.folder), contents, uploads), data)
