"""The `prep-and-submit` command: its subcommands, and the text and exit code of every error."""

import errno
import io
import os
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, TextIO

import click

from prep import __version__
from prep.cli.help import HelpContext
from prep.cli.logs import error_line, wants_json
from prep.cli.project import ProjectDefaults
from prep.cli.signals import Termination
from prep.cli.terminal import fitted
from prep.errors import NO_ROOM, ExitCode, PrepError
from prep.model.redact import printable, shown

NAME = "prep-and-submit"
# A subcommand's module is imported only when it is used, so that help does not wait for decoders and clients.
COMMANDS = {
    "run": ("submit.cli.run", "Prepare, price, upload, submit, wait and download: all in one."),
    "check": ("prep.cli.check.command", "Check references against the limits; change nothing."),
    "plan": ("prep.cli.plan", "Show what prep would do to each reference, and why."),
    "price": ("prep.cli.price", "Show what a generation would cost; send nothing."),
    "prep": ("prep.cli.prep", "Make files that meet the limits, and their manifest."),
    "submit": ("submit.cli.submit", "Upload and submit the files that prep made."),
    "review": ("submit.cli.review", "See the plan in a browser, change it, and submit it."),
    "mcp": ("submit.cli.mcp", "Serve all this as tools for agents (MCP)."),
    "batch": ("submit.cli.batch", "Run many jobs under one budget; run it again to continue."),
    "status": ("submit.cli.status", "Show a job's state and history."),
    "result": ("submit.cli.result", "Wait for a submitted job and download its video."),
    "resume": ("submit.cli.resume", "Continue a job from where it stopped."),
    "cancel": ("submit.cli.cancel", "Cancel a job."),
    "jobs": ("submit.cli.jobs", "List the jobs recorded on this computer."),
    "forget": ("submit.cli.forget", "Remove a job from that record."),
    "cache": ("submit.cli.cache", "Show or clear cached files and uploads."),
    "limits": ("prep.cli.limits", "Show an endpoint's limits and request parameters."),
    "explain": ("prep.cli.explain", "Explain a rule and what prep does about it."),
    "sandbox": ("submit.cli.sandbox", "Run a local stand-in for the platform."),
    "completion": ("submit.cli.completion", "Print a shell completion script."),
}


class LazyGroup(click.Group):
    """Lists COMMANDS in their order; imports one when it is called."""

    context_class = HelpContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        command.epilog = _example(command.epilog)
        command.context_class = HelpContext
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from prep.spelling import hint

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if args[0] in COMMANDS or not (guess := hint(args[0], COMMANDS)):
                raise
            raise click.UsageError(f"{error.message.rstrip('.')}{guess}.", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _example(epilog: str | None) -> str | None:
    """*epilog* with the command of an example in a line of its own, which is not broken: it can be copied."""
    return epilog.replace("Example: ", "\b\nExample:\n  ", 1) if epilog else epilog


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 findings, 2 wrong usage or unreadable input, 3 ffmpeg or a decoder failed, or "
    "a bug, 4 the platform or a server failed or refused, 5 refused before spending, 130 interrupted, 143 terminated.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, asked: _show_version(ctx) if asked else None,
    help="Show the version, and what the processes that open media have access to.",
)
def group() -> None:
    """Prepare references (images, videos, sounds) for an AI video model on fal.ai, and submit the job, once.

    The platform is fal.ai, the endpoint is the model there, and the provider is the company that runs it.
    Submitting needs FAL_KEY: your fal.ai key.

    \b
    Example:
      prep-and-submit run hero.heic walk=walk.mov --prompt '@Image1 walks like @walk' --sandbox
    """


def _show_version(ctx: click.Context) -> None:
    from prep.media.isolation.pool import protection

    click.echo(f"{NAME}, version {__version__}\n{protection()}")
    ctx.exit()


def all_commands() -> list[click.Command]:
    context = click.Context(group)
    return [command for name in COMMANDS if (command := group.get_command(context, name))]


def main() -> int:
    """Run the command line of this process and return its exit code."""
    _open_standard_streams()
    termination = Termination()
    termination.install()
    code = _run(termination)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()  # a failed write is still buffered and would fail again at exit
        except OSError:
            _give_up(stream)
    return code


def _open_standard_streams() -> None:
    """Connect what the caller closed (`>&-`) to the null device: otherwise the next file opened would be stdout."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # the lowest free number is *number*
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _run(termination: Termination) -> int:
    arguments = sys.argv[1:]
    # Pillow's warnings about a file's tags are not for users; what matters becomes a finding or an error
    warnings.filterwarnings("ignore", module=r"PIL\.")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without × is no reason to fail
    try:
        project = ProjectDefaults(all_commands)
        defaults = dict.fromkeys(COMMANDS, project)
        return int(group.main(arguments, NAME, standalone_mode=False, default_map=defaults) or 0)
    except click.ClickException as error:
        error = _with_likely_options(error)
        with suppress(OSError):
            if wants_json(arguments, "--log-format"):
                click.echo(error_line(error.format_message(), ExitCode.USAGE), err=True)
            else:
                text = io.StringIO()
                error.show(text)
                _print(text.getvalue().rstrip("\n"), sys.stderr)
        _print_document(arguments, error.format_message(), (), ExitCode.USAGE)
        return ExitCode.USAGE
    except (BrokenPipeError, SystemExit):
        # the reader of our output has gone (click turns that into SystemExit); nobody is left to report to
        _give_up(sys.stdout)
        return ExitCode.OK
    except (KeyboardInterrupt, click.Abort):
        return _report(arguments, termination.word, (), termination.exit_code)
    except PrepError as error:
        message, code = _said(error, termination)
        return _report(arguments, message, error.findings, code, getattr(error, "data", {}))
    except Exception as error:
        if termination.received:  # a library made another error of it
            return _report(arguments, termination.word, (), termination.exit_code)
        return _bug(arguments, error)


def _with_likely_options(error: click.ClickException) -> click.ClickException:
    """*error* about an option with the one that was probably meant, where click names all that are remotely like it."""
    if not isinstance(error, click.NoSuchOption):
        return error
    from prep.spelling import alike

    likely = alike(error.option_name, error.possibilities or ())
    return click.NoSuchOption(error.option_name, error.message, likely, error.ctx)


def _said(error: PrepError, termination: Termination) -> tuple[str, ExitCode]:
    """The message and the exit code of *error*: where the work was ended, by whichever signal it was."""
    if error.exit_code != ExitCode.INTERRUPTED:
        return str(error), error.exit_code
    return str(error).replace("interrupted", termination.word, 1), termination.exit_code


def _bug(arguments: list[str], error: Exception) -> int:
    """Report an unexpected exception; what the system lacks is not a bug."""
    if lack := _lack(error):
        return _report(arguments, lack, (), ExitCode.USAGE)
    if os.environ.get("PREP_AND_SUBMIT_DEBUG"):
        raise error
    message = f"a bug in prep-and-submit: {type(error).__name__}: {error} (PREP_AND_SUBMIT_DEBUG=1 shows where)"
    return _report(arguments, message, (), ExitCode.BUG)


def _lack(error: Exception) -> str:
    """The message about what the system lacks, such as room on the disk, where that is behind *error*; else empty."""
    from tempfile import gettempdir

    if not isinstance(error, OSError):
        return ""
    if error.errno in (*NO_ROOM, errno.EBADF):  # EBADF: an output that was opened for reading
        return f"{error.filename or 'the output'} can't be written: {error.strerror}"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return f"{error.strerror}: this process may not open as many as it needs; raise the limit (ulimit -n)"
    if error.errno == errno.ENAMETOOLONG:
        return f"{shown(str(error.filename))}: {error.strerror}"
    if isinstance(error, FileNotFoundError) and not _works(gettempdir):
        return "there is no folder for temporary files; set TMPDIR to one that can be written"
    if isinstance(error, FileNotFoundError) and not _works(os.getcwd):
        return "the current folder has been removed; change to another one"
    return ""


def _works(call: Callable[[], object]) -> bool:
    try:
        call()
    except OSError:
        return False
    return True


def _report(
    arguments: list[str], message: str, findings: tuple[Any, ...], code: ExitCode, data: dict[str, Any] | None = None
) -> int:
    from prep.flag_names import in_flags
    from prep.render.text import finding_line, findings_text

    message = in_flags(message)
    if wants_json(arguments, "--log-format"):
        text = error_line(message, code, [finding_line(finding) for finding in findings])
    elif findings:
        text = f"{findings_text(findings)}\nprep-and-submit: {message}"
    else:
        text = "\n".join(f"prep-and-submit: {line}" for line in message.split("\n"))
    _print(text, sys.stderr)
    _print_document(arguments, message, findings, code, data)
    return code


def _print_document(
    arguments: list[str], message: str, findings: tuple[Any, ...], code: ExitCode, data: dict[str, Any] | None = None
) -> None:
    if "--json" not in arguments and not wants_json(arguments, "--format"):
        return
    from prep.render.document import document

    command = next((word for word in arguments if word in COMMANDS), "")
    _print(
        document(command, False, findings, {"error": {"message": message, "exit_code": int(code)}, **(data or {})}),
        sys.stdout,
    )


def _print(text: str, stream: TextIO) -> None:
    try:
        click.echo(fitted(printable(text), err=True) if stream is sys.stderr else text, file=stream)
    except OSError:
        _give_up(stream)


def _give_up(stream: TextIO) -> None:
    """Discard the rest of *stream*: nothing more can be written, and its buffer must not fail at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
