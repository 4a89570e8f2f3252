"""`prep-and-submit mcp`."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import FilePath, private_network
from prep.cli.call import network_of
from prep.cli.logs import logging_options
from prep.cli.signals import wait_for_signal
from submit.cli.arguments import DOLLARS, faults, in_sandbox, platform_environment, sandbox, state

if TYPE_CHECKING:
    from submit.mcp.desk import Desk


@click.command(epilog="Example: prep-and-submit mcp --root ~/media --sandbox")
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="DIR",
    type=FilePath(exists=True, file_okay=False),
    help="Read and write only below this folder; repeatable. [default: the roots that the client names]",
)
@click.option(
    "--allow-spend",
    type=DOLLARS,
    metavar="USD",
    help="Let jobs cost this much in total, until the server ends, without asking. [default: ask before each job]",
)
@click.option("--http", is_flag=True, help="Serve on this machine over HTTP, with a token that is valid for this run.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Use this port for --http. [default: any free one]"
)
@sandbox
@faults
@state
@private_network
@logging_options
def mcp(**given: Any) -> int:
    """Serve check, plan, prep, price, submit and more as tools for agents (Model Context Protocol).

    The client starts this command and talks to it over standard input and output. Files are read and written only below
    the --root folders, or else those that the client names. Submitting costs money: the agent must name a price limit,
    and you are asked in the client before each job, unless you give --allow-spend. Needs FAL_KEY to submit, unless
    --sandbox is given.
    """
    from submit.loopback import require_extra

    require_extra("mcp", "tools for agents need", "mcp", "starlette", "uvicorn")
    if given["port"] and not given["http"]:
        raise click.UsageError("--port needs --http.")
    with platform_environment(given) as journal:
        desk = _desk(given, journal)
        if given["http"]:
            _serve_http(desk, given["port"])
        else:
            from submit.mcp.stdio import serve_stdio

            if sys.stdin.isatty():
                click.echo(
                    "This command is for an agent, which starts it and talks to it here. Ctrl-C ends it.", err=True
                )
            serve_stdio(desk)
    return 0


def _desk(given: dict[str, Any], journal: Path | str | None) -> "Desk":
    from decimal import Decimal

    from submit.mcp.allowance import Allowance
    from submit.mcp.desk import Desk

    return Desk(
        roots=tuple(root.resolve() for root in given["roots"]),
        state=journal,
        sandbox=in_sandbox(given),
        allowance=Allowance(given["allow_spend"] or Decimal(0)),
        network=network_of(given),
    )


def _serve_http(desk: "Desk", port: int) -> None:
    """Serve until Ctrl-C."""
    from prep.errors import UsageError
    from submit.mcp.http import serving_http

    try:
        with serving_http(desk, port) as address:
            click.echo(f"Address: {address.url}\nHeader:  Authorization: Bearer {address.token}", err=True)
            click.echo("The token is valid until this command ends. Ctrl-C ends it.", err=True)
            with suppress(KeyboardInterrupt):
                wait_for_signal()
    except OSError as error:
        raise UsageError(f"port {port}: {error.strerror}; choose another, or 0 for any free one") from error
