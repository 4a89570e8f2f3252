"""The arguments that the submitting subcommands share."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import click

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


def generation(command: F) -> F:
    """What to generate, what it may cost, and where."""
    for option in (
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
def platform_environment(sandbox: bool) -> Iterator[None]:
    """With *sandbox*, a stand-in runs and everything this process sends goes there; the environment is put back."""
    if not sandbox:
        yield
        return
    from submit.sandbox import running

    with running() as box:
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
