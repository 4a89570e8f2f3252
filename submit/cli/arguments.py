"""The arguments that the submitting subcommands share."""

import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prep.cli.arguments import parameters
from prep.flag_names import in_flags

if TYPE_CHECKING:
    from prep.cli.progress import Shown
    from prep.model.progress import Progress
    from submit.api import Confirm
    from submit.request.cost import Cost
    from submit.sandbox.faults.plan import FaultPlan

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


class Seconds(click.ParamType[float]):
    """A length of time."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(str(value).removesuffix("s"))
        except ValueError:
            seconds = math.nan
        if not 0 < seconds < math.inf:
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


class Megabytes(click.ParamType[int]):
    """A number of bytes, with MB or GB (decimal)."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*(MB|GB)", str(value).strip(), re.IGNORECASE | re.ASCII)
        if not found:
            self.fail(f"{value!r} is not a size such as 500MB or 2GB", param, ctx)
        return round(float(found[1]) * (1e9 if found[2].upper() == "GB" else 1e6))


class FaultList(click.ParamType["FaultPlan"]):
    """What is to go wrong in the stand-in."""

    name = "faults"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "FaultPlan":
        from prep.errors import UsageError
        from submit.sandbox.faults.plan import parse_faults

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
    ):
        command = option(command)
    return parameters(command)


state = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of the journal; otherwise the platform's place for state (docs/submitting.md).",
)


def sending(command: F) -> F:
    """How a job is sent, and what is done then."""
    for option in (
        click.option("--yes", is_flag=True, help="Ask nothing on a terminal."),
        click.option("--again", is_flag=True, help="Generate, and pay, anew what is in the journal already."),
        click.option("--webhook", metavar="URL", help="The platform posts the result there as well."),
        click.option(
            "--expires",
            type=click.Choice(["1h", "1d", "7d", "30d", "1y", "never"]),
            default="7d",
            show_default=True,
            help="How long the platform keeps the uploaded files.",
        ),
        click.option("--no-wait", is_flag=True, help="Return when it is submitted; 'result' fetches the video."),
        state,
    ):
        command = option(command)
    return waiting(command)


def waiting(command: F) -> F:
    """How long a result is waited for."""
    for option in (
        click.option(
            "--poll", "poll_s", type=Seconds(), default=1.0, metavar="SECONDS", help="Pause between looks (1)."
        ),
        click.option("--timeout", "timeout_s", type=Seconds(), metavar="SECONDS", help="Then stop waiting."),
    ):
        command = option(command)
    return command


def announced(show: Callable[["Progress"], None]) -> Callable[["Progress"], None]:
    """*show*, and the id of the job on stderr as soon as there is one, where nobody sees progress."""

    def tell(event: "Progress") -> None:
        if event.stage == "job" and not sys.stderr.isatty():
            click.echo(in_flags(event.message), err=True)
        show(event)

    return tell


def confirmation(given: dict[str, Any], shown: "Shown") -> "Confirm | None":
    """The question that is asked before something is paid for; None where nobody can answer, or has already."""
    if given["yes"] or given["sandbox"] or given["max_cost"] is not None:
        return None
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(cost: "Cost | None") -> bool:
        with shown.paused():
            try:
                return click.confirm(f"the price is {cost or 'not published'}; submit it?", default=False, err=True)
            except click.Abort:  # a Ctrl-C, or the end of the input
                raise KeyboardInterrupt from None

    return ask


def refuse_urls(urls: Iterable[str]) -> None:
    """Raise UsageError for each: a stand-in that lets nothing out of the machine reads none."""
    from prep.errors import UsageError

    if told := [f"{url}: --sandbox reads no URL; download the file and name that" for url in urls]:
        raise UsageError("\n".join(told))


@contextmanager
def platform_environment(sandbox: bool, faults: "FaultPlan | None" = None) -> Iterator[Path | None]:
    """With *sandbox*, a stand-in runs and everything this process sends goes there; the environment is put back.

    Yields where the journal of such jobs belongs, which end with the stand-in; None: in the real one. What went wrong
    of *faults* and what would have been billed is told at the end, on stderr.
    """
    if not sandbox:
        if faults is not None:
            raise click.UsageError("--faults needs --sandbox: only the stand-in fails when it is told to.")
        yield None
        return
    from submit.sandbox import running
    from submit.sandbox.messages import begun_text, ended_text

    with running(faults=faults or "") as box:
        if faults:
            click.echo(begun_text(faults), err=True)
        before = {name: os.environ.get(name) for name in box.env}
        os.environ.update(box.env)
        try:
            yield box.directory / "state"
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            if faults:
                click.echo(ended_text(box), err=True)
