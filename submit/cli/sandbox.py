"""`prep-and-submit sandbox`."""

import threading
from pathlib import Path
from typing import Any

import click

from prep.cli.arguments import as_json


@click.command(epilog="Example: prep-and-submit sandbox --dir box, then paste the printed exports in another terminal")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    help="Keep uploads and videos here; a temporary folder otherwise.",
)
@as_json
def sandbox(folder: Path | None, **given: Any) -> int:
    """Run a stand-in for the platform on this machine until Ctrl-C.

    Any program that uses fal_client talks to it once the printed variables are set; nothing leaves the machine.
    """
    from shlex import quote

    from prep.errors import ExitCode
    from prep.render.document import document
    from submit.sandbox import running

    with running(folder) as box:
        try:
            if given["as_json"]:
                click.echo(document("sandbox", True, (), {"env": box.env}))
            else:
                click.echo("\n".join(f"export {name}={quote(value)}" for name, value in box.env.items()))
            click.echo("running; Ctrl-C stops it", err=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
    return ExitCode.OK
