"""The arguments that the submitting subcommands share."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from submit.sandbox.faults import FaultPlan

F = TypeVar("F", bound=Callable[..., Any])


class Dollars(click.ParamType[Decimal]):
    """An amount in US dollars."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            amount = Decimal(str(value).removeprefix("$"))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            self.fail(f"{value!r} is not an amount in US dollars", param, ctx)
        return amount


class FaultList(click.ParamType["FaultPlan"]):
    """What is to go wrong in the stand-in."""

    name = "faults"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "FaultPlan":
        from prep.errors import UsageError
        from submit.sandbox.faults import parse_faults

        try:
            return parse_faults(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


faults = click.option(
    "--faults",
    type=FaultList(),
    metavar="LIST",
    help="What goes wrong in the stand-in: 429:3,5xx-status:20%,queue:10s (docs/sandbox.md).",
)


def generation(command: F) -> F:
    """What to generate, what it may cost, and where."""
    for option in (
        faults,
        click.option(
            "--sandbox", is_flag=True, help="Send it to a stand-in on this machine: no key, no network, no cost."
        ),
        click.option(
            "--max-cost", type=Dollars(), metavar="USD", help="Refuse before spending when the price may be higher."
        ),
        click.option("--end-user-id", help="Passed on to the platform."),
        click.option("--seed", type=int, help="The same seed and request give a similar video."),
        click.option("--audio/--no-audio", "generate_audio", default=None, help="Generate sound (default) or not."),
        click.option("--aspect-ratio", metavar="RATIO", help="auto (default), 16:9, 9:16, ..."),
        click.option("--duration", metavar="SECONDS", help="auto (default) or whole seconds."),
        click.option("--resolution", metavar="NAME", help="480p, 720p (default), ..."),
    ):
        command = option(command)
    return command


@contextmanager
def platform_environment(sandbox: bool, faults: "FaultPlan | None" = None) -> Iterator[None]:
    """With *sandbox*, a stand-in runs and everything this process sends goes there; the environment is put back.

    What went wrong of *faults* and what would have been billed is told at the end, on stderr.
    """
    if not sandbox:
        if faults is not None:
            raise click.UsageError("--faults needs --sandbox: only the stand-in fails when it is told to.")
        yield
        return
    from submit.sandbox import running
    from submit.sandbox.told import begun_text, ended_text

    with running(faults=faults or "") as box:
        if faults:
            click.echo(begun_text(faults), err=True)
        before = {name: os.environ.get(name) for name in box.env}
        os.environ.update(box.env)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            if faults:
                click.echo(ended_text(box), err=True)
