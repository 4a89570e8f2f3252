"""The options -v, -q and --log-format: records of the program's loggers on stderr."""

import logging
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import click

from prep.cli.arguments import Choice, combined
from prep.errors import ExitCode
from prep.model.redact import printable

# The loggers of this program; those of its libraries stay as they are.
PACKAGES = ("prep", "submit")
LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
VERBOSE, QUIET, FORMAT = "prep.verbose", "prep.quiet", "prep.log-format"


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, param: click.Parameter, value: Any) -> None:  # noqa: ARG001
        context.meta[name] = value
        if {VERBOSE, QUIET, FORMAT} <= context.meta.keys() and not context.resilient_parsing:
            _configure(context)

    return keep


# For a command that does work.
logging_options = combined(
    click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_keep(VERBOSE),
        help="Log each step to stderr instead of showing progress bars; -vv logs more, such as the "
        "programs that it runs.",
    ),
    click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_keep(QUIET), help="Show no progress."),
    click.option(
        "--log-format",
        type=Choice(["text", "json"]),
        expose_value=False,
        callback=_keep(FORMAT),
        help="Log each step to stderr, as text (like -v) or as one JSON object per line.",
    ),
)


def shows_bars() -> bool:
    """Whether progress may be shown as bars; not beside a log, and not with --quiet."""
    context = click.get_current_context(silent=True)
    return context is None or not (context.meta.get(QUIET) or _logs(context))


def wants_json(arguments: list[str], option: str) -> bool:
    """Whether *arguments* have *option* with the value json, also where they are wrong otherwise."""
    return f"{option}=json" in arguments or (option, "json") in pairwise(arguments)


def error_line(message: str, exit_code: ExitCode, findings: Sequence[str] = ()) -> str:
    """The error that ended the command, as the last line of a JSON log."""
    facts = {"message": message, "job": None, "reference": None, "exit_code": int(exit_code)}
    return _json(datetime.now(UTC), "error", "prep-and-submit", facts | {"findings": list(findings)})


def _logs(context: click.Context) -> bool:
    return bool(context.meta.get(VERBOSE) or context.meta.get(FORMAT))


def _configure(context: click.Context) -> None:
    """Send the records to stderr until the command ends."""
    verbosity: int = context.meta[VERBOSE]
    if context.meta[QUIET] and verbosity:
        raise click.UsageError("--quiet and --verbose contradict each other; leave one of them out.")
    if not _logs(context):
        return
    least = 0 if context.meta[QUIET] else 1
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if context.meta[FORMAT] == "json" else TextFormatter())
    for name in PACKAGES:
        logger = logging.getLogger(name)
        before = logger.level, logger.propagate
        logger.addHandler(handler)
        logger.setLevel(LEVELS[min(max(verbosity, least), len(LEVELS) - 1)])
        logger.propagate = False
        context.call_on_close(lambda logger=logger, before=before: _restore(logger, handler, *before))


def _restore(logger: logging.Logger, handler: logging.Handler, level: int, propagate: bool) -> None:
    logger.removeHandler(handler)
    logger.setLevel(level)
    logger.propagate = propagate


class TextFormatter(logging.Formatter):
    """`12:01:05 info  job k7f3m2qp  walk.mp4: made video1-walk.mp4 in 2.3 s`."""

    def format(self, record: logging.LogRecord) -> str:
        job, reference = getattr(record, "job", None), getattr(record, "reference", None)
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        words = [time, record.levelname.lower(), *([f"job {job}"] if job else [])]
        text = printable(f"{'  '.join(words)}  {f'{reference}: ' if reference else ''}{record.getMessage()}")
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class JsonFormatter(logging.Formatter):
    """One JSON object a line; `job` and `reference` are null where the work is about neither.

    `trace_id` and `span_id` are there while a span is active.
    """

    def format(self, record: logging.LogRecord) -> str:
        facts = {
            "message": record.getMessage(),
            "job": getattr(record, "job", None),
            "reference": getattr(record, "reference", None),
            **{name: getattr(record, name) for name in ("trace_id", "span_id") if hasattr(record, name)},
        }
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        return _json(datetime.fromtimestamp(record.created, UTC), record.levelname.lower(), record.name, facts)


def _json(at: datetime, level: str, logger: str, facts: dict[str, Any]) -> str:
    head = {"time": at.isoformat(timespec="milliseconds"), "level": level, "logger": logger}
    from prep.render.document import json_text

    return json_text(head | facts)
