"""Arguments shared by the subcommands of submission."""

import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import Choice, FilePath, Read, combined, parameters
from prep.cli.logs import shows_bars
from prep.cli.next_command import typed_without
from prep.cli.terminal import say
from prep.flag_names import in_flags

if TYPE_CHECKING:
    from prep.model.progress import Progress
    from prep.model.reference import Reference
    from submit.sandbox.faults.plan import FaultPlan

# What to leave out of a command that ran in the sandbox, and whether it has a value: the real one asks before it pays.
SANDBOX = {"--sandbox": False, "--faults": True, "--yes": False}
# The same for a command that only showed the price.
DRY_RUN = {"--dry-run": False, "--yes": False}
ENDED = "interrupted; the sandbox and its job ended with this command, and nothing was billed; run it again"
NOT_AWAITED = (
    "stopped waiting; the sandbox and its job ended with this command, and nothing was billed; run it again with a "
    "longer --timeout, or in a sandbox that goes on (prep-and-submit sandbox)"
)
DOUBTFUL = (
    "it is not known whether the request arrived, so it was not sent again; the sandbox and its job ended with this "
    "command, and nothing was billed. On the real platform, 'prep-and-submit resume' would look for it"
)
REAL_PRICE = "The sandbox costs nothing; the cap is compared with the price on the real platform"
FOR_REAL = "Next, for real"
STAND_IN = "sandbox, $0.00: a stand-in made this video"


def _read_dollars(text: str) -> Decimal:
    from prep.pricing.dollars import read_dollars

    return read_dollars(text)


def _read_seconds(text: str) -> float:
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f"{text!r} is not a number of seconds")
    return seconds


def _read_size(text: str) -> int:
    """The bytes of a size in MB or GB (decimal)."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*(MB|GB)", text.strip(), re.IGNORECASE | re.ASCII)
    if not match:
        raise ValueError(f"{text!r} is not a size such as 500MB or 2GB")
    return round(float(match[1]) * (1e9 if match[2].upper() == "GB" else 1e6))


def _read_webhook(text: str) -> str:
    from submit.request.preflight import check_webhook

    check_webhook(text)
    return text


def _read_faults(text: str) -> "FaultPlan":
    from submit.sandbox.faults.plan import parse_faults

    return parse_faults(text)


DOLLARS = Read("usd", _read_dollars)
SECONDS = Read("seconds", _read_seconds)
SIZE = Read("size", _read_size)


class Place(FilePath):
    """A folder, or the address of a database without a password, which others could see in the list of processes."""

    def __init__(self) -> None:
        super().__init__(file_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from prep.errors import UsageError
        from submit.journal.place import VARIABLE, has_password, is_address, without_password

        if not is_address(value):
            return super().convert(value, param, ctx)
        try:
            without_password(value)
        except UsageError as error:
            self.fail(str(error).removeprefix("state: "), param, ctx)
        if has_password(value):
            self.fail(
                "a password on a command line can be read by others; put the address into "
                f"{VARIABLE}, or the password into PGPASSWORD or ~/.pgpass",
                param,
                ctx,
            )
        return value


faults = click.option(
    "--faults",
    type=Read("faults", _read_faults),
    metavar="LIST",
    help="Make the sandbox fail on purpose, to see what happens then: a list such as 429:3,queue:10s "
    "(docs/sandbox.md).",
)
sandbox = click.option("--sandbox", is_flag=True, help="Use a local stand-in: no key, no network, no cost.")
max_cost = click.option(
    "--max-cost",
    type=DOLLARS,
    metavar="USD",
    help="Agree, without being asked, to a price up to this; refuse the job if it may cost more.",
)
# What to generate, its price limit, and where.
generation = combined(parameters, max_cost, sandbox, faults)
out_folder = click.option(
    "--out",
    default=Path("out"),
    show_default=True,
    type=FilePath(),
    help="Write the files, the video and receipt.json (the record of the job) to this folder.",
)
state = click.option(
    "--state",
    type=Place(),
    metavar="DIR|URL",
    help="Use the record of your jobs (the journal) in this folder, or in a database that several hosts share, "
    "postgresql://USER@HOST/NAME. [default: $PREP_AND_SUBMIT_STATE, or on Linux ~/.local/state/prep-and-submit]",
)
yes = click.option("--yes", is_flag=True, help="Agree without being asked.")
dry_run = click.option(
    "--dry-run", is_flag=True, help="Stop after the price: make, send and pay nothing. Needs no key."
)
webhook = click.option(
    "--webhook",
    type=Read("webhook", _read_webhook),
    metavar="URL",
    help="Have the platform post the result to this URL when it is ready.",
)
upload_to = click.option(
    "--upload-to",
    metavar="URL",
    help="Upload to a bucket of your own, s3://BUCKET/PREFIX (or gs, az), and give the platform signed links.",
)
expires = click.option(
    "--expires",
    type=Choice(["1h", "1d", "7d", "30d", "1y", "never"]),
    default="7d",
    show_default=True,
    help="Keep uploads on the platform this long; with --upload-to, let the links work this long (at most 7d).",
)
# How to wait for a result.
waiting = combined(
    click.option(
        "--timeout",
        "timeout_s",
        type=SECONDS,
        metavar="SECONDS",
        help="Stop waiting for a job after this many seconds; it goes on. [default: no limit]",
    ),
    click.option(
        "--poll",
        "poll_s",
        type=SECONDS,
        default=1.0,
        metavar="SECONDS",
        help="Wait this many seconds between two status checks. [default: 1]",
    ),
)
# How to submit a job, and whether to wait for it.
sending = combined(
    waiting,
    state,
    click.option("--no-wait", is_flag=True, help="Return once the job is submitted; 'result' fetches the video."),
    expires,
    upload_to,
    webhook,
    click.option("--again", is_flag=True, help="Generate and pay again even if the job exists."),
    yes,
)


@contextmanager
def announced_job(show: Callable[["Progress"], None]) -> Iterator[Callable[["Progress"], None]]:
    """Wrap *show* to print the job's id on stderr as soon as it is known, where no progress is shown.

    From then on a Ctrl-C at any moment says how to return to the job.
    """
    job = ""

    def report(event: "Progress") -> None:
        nonlocal job
        if event.stage == "job":
            job = event.label
            if not sys.stderr.isatty() and shows_bars():
                say(in_flags(event.message), err=True)
        show(event)

    try:
        yield report
    except KeyboardInterrupt:
        if not job:
            raise
        from prep.errors import Cancelled

        raise Cancelled(f"interrupted; 'prep-and-submit status {job}' shows what became of job {job}") from None


def in_sandbox(given: dict[str, Any]) -> bool:
    """Whether the job costs nothing: by --sandbox, or since the exports of `prep-and-submit sandbox` are set."""
    from submit.platform import SANDBOX_ACCOUNT, environment_account

    return bool(given.get("sandbox")) or environment_account() == SANDBOX_ACCOUNT


def refuse_faults_alone(given: dict[str, Any]) -> None:
    """Raise UsageError for --faults without --sandbox."""
    if given["faults"] is not None and not given["sandbox"]:
        raise click.UsageError("--faults needs --sandbox.")


def ids_on_screen() -> bool:
    """Whether the ids of job and request stay on the screen that the result is printed on."""
    return sys.stderr.isatty() and sys.stdout.isatty() and shows_bars()


def for_real(out: Path | str) -> list[str]:
    """The lines with the command as it was typed, for the real platform; the folder *out* of a rehearsal stays that."""
    return typed_without({**SANDBOX, "--out": True}, FOR_REAL, ["--out", f"{str(out).rstrip('/')}-real"])


def refuse_batch(job: str | None) -> None:
    """Raise UsageError where *job* is the folder of a batch rather than of a job."""
    from prep.errors import UsageError
    from prep.model.redact import shown
    from submit.batches.results.folder import NOTE
    from submit.job.receipt import RECEIPT

    if job and (Path(job) / NOTE).is_file() and not (Path(job) / RECEIPT).exists():
        raise UsageError(f"{shown(job)} is a batch folder; use 'prep-and-submit batch status {shown(job)}'")


def refuse_urls_in_sandbox(given: dict[str, Any], references: "Sequence[str | Reference]") -> None:
    """With --sandbox, raise UsageError for each of *references* that is a URL."""
    from prep.inputs.references import read_references
    from submit.sandbox.urls import refuse_urls

    if given["sandbox"] and references:
        refuse_urls(one.display_path for one in read_references(references).references if one.is_url)


def refuse_placeholder(prompt: str) -> None:
    """Raise UsageError for the word that stands for the prompt in the command to type next."""
    from prep.cli.next_command import PLACEHOLDER
    from prep.errors import UsageError

    if prompt == PLACEHOLDER:
        raise UsageError(f"--prompt {PLACEHOLDER}: write what to generate in the place of {PLACEHOLDER}")


@contextmanager
def platform_environment(given: dict[str, Any]) -> Iterator[Path | str | None]:
    """With --sandbox, run a stand-in and send everything of this process there; restore the environment at the end.

    Yields the place of the journal. That of the stand-in begins empty, since its jobs end with it; what became of them
    is kept beside the journal of paid jobs. What struck of --faults and what would have been billed is printed on
    stderr at the end.
    """
    faults: FaultPlan | None = given["faults"]
    refuse_faults_alone(given)
    if not given["sandbox"]:
        yield given["state"]
        return
    from prep.errors import Cancelled
    from submit.errors import StillRunning, SubmitUncertain, TooExpensive
    from submit.job.lookup import has_jobs, keep_sandbox_jobs
    from submit.job.messages import NOTHING_SENT
    from submit.sandbox import running

    with running(faults=faults or "") as box:
        if faults:
            click.echo(f"sandbox: faults {faults}", err=True)
        before = {name: os.environ.get(name) for name in box.env}
        os.environ.update(box.env)
        try:
            yield box.directory / "state"
        except (KeyboardInterrupt, Cancelled):
            raise Cancelled(ENDED if has_jobs(box.directory / "state") else NOTHING_SENT) from None
        except (StillRunning, SubmitUncertain) as error:
            error.args = (NOT_AWAITED if isinstance(error, StillRunning) else DOUBTFUL,)
            raise
        except TooExpensive as error:
            error.args = (f"{error}\n{REAL_PRICE}",)
            raise
        finally:
            keep_sandbox_jobs(box.directory / "state", given["state"])
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            if faults:
                click.echo(box.summary(), err=True)
