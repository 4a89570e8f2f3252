"""`prep-and-submit sandbox`."""

from pathlib import Path
from typing import Any

import click

from prep.cli.arguments import FilePath, as_json
from prep.cli.signals import wait_for_signal
from submit.cli.arguments import faults


@click.command(
    epilog="Example: prep-and-submit sandbox --dir box\n\nThen paste the printed exports in another terminal."
)
@click.option(
    "--dir",
    "folder",
    type=FilePath(),
    help="Keep uploads and videos in this folder. [default: a temporary folder, removed at the end]",
)
@faults
@as_json
def sandbox(folder: Path | None, **given: Any) -> int:
    """Run a local stand-in for the platform until Ctrl-C.

    Any program that uses fal_client talks to it while the printed variables are set; nothing leaves this computer.
    DIR/ledger.jsonl records how each job ended and what it would have cost.
    """
    from shlex import quote

    from prep.errors import ExitCode
    from prep.render.document import document
    from submit.sandbox import running

    plan = given["faults"]
    with running(folder, faults=plan or "") as box:
        try:
            if given["as_json"]:
                data = {"env": box.env, "ledger": str(box.ledger_file), "faults": str(plan or "")}
                click.echo(document("sandbox", True, (), data))
            else:
                click.echo("\n".join(f"export {name}={quote(value)}" for name, value in box.env.items()))
            if plan:
                click.echo(f"sandbox: faults {plan}", err=True)
            click.echo("running; Ctrl-C stops it", err=True)
            wait_for_signal()
        except KeyboardInterrupt:
            click.echo(f"stopped\n{box.summary()}", err=True)
    return ExitCode.OK
