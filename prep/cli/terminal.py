"""Text on stdout: wrapped between words on a terminal, one line for each in a pipe."""

import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from prep.errors import ExitCode
from prep.model.redact import printable

if TYPE_CHECKING:
    from pydantic import BaseModel

    from prep.model.finding import Finding

UNKNOWN_WIDTH = 80
HANGING = 2  # how much further the rest of an item is indented; that of a paragraph is not
MARKS = ("✗ ", "! ", "· ")
# Where a line is broken first: before its fix, and before the reason of its step.
JOINTS = re.compile(r"  (?=→ |because )")
# From here on a text is a command, whose lines `command_text` has broken already.
COMMAND = re.compile(r"(?=^Next(?:, for real)?: )", re.MULTILINE)
# A label and the spaces behind it, as in "price        $1.49".
LABEL = re.compile(r"[a-z]+ {2,}(?=\S)")
LABELLED_WIDTH = 60  # from here on the rest of a labelled line stands below its beginning
# A command in a sentence is one word: in two lines it could not be copied.
IN_SENTENCE = re.compile(r"'prep-and-submit [^'\n]+'|pip install '[^'\n]+'")
WITHIN = "\0"  # in the place of a space of such a command
# A number and its unit stay together.
BREAKS = re.compile(r" (?!(?:px|s|fps|bytes|[kMG]B|[kM]?bit/s|kHz|LUFS)\b)")


def say(text: str, *, err: bool = False) -> None:
    """Print *text* on stdout, or with *err* on stderr, without control characters; on a terminal within its width."""
    click.echo(fitted(printable(text), err=err), err=err)


def print_answer(
    text: str, data: "BaseModel | dict[str, Any]", findings: "Sequence[Finding]" = (), *, ok: bool = True
) -> int:
    """Print what the command found: *text*, or with --json the document of *data* and *findings*.

    Returns the exit code: that of findings unless *ok*.
    """
    from prep.render.document import document

    context = click.get_current_context()
    if context.params["as_json"]:
        click.echo(document(str(context.info_name), ok, findings, data))
    else:
        say(text)
    return ExitCode.OK if ok else ExitCode.FINDINGS


def fitted(text: str, *, err: bool = False) -> str:
    """*text* with its lines broken between words where stdout, or with *err* stderr, is a terminal."""
    width = width_of(sys.stderr if err else sys.stdout)
    if not width:
        return text
    prose, command = COMMAND.split(text, 1) if COMMAND.search(text) else (text, "")
    return "\n".join(piece for line in prose.split("\n") for piece in _wrapped(line, width)) + command


def command_text(words: Sequence[str], title: str = "Next") -> str:
    """*words* as one types them, below *title*; where the terminal is too narrow, in lines that a shell joins."""
    quoted = [shlex.quote(word) for word in words]
    whole, width = " ".join(quoted), width_of(sys.stdout)
    if not width or len(title) + 2 + len(whole) < width:
        return f"{title}: {whole}"
    lines = [f"{title}: {quoted[0]}"]
    for piece in _with_values(quoted[1:]):
        if len(lines[-1]) + len(piece) + 3 < width:
            lines[-1] += f" {piece}"
        else:
            lines.append(f"{' ' * 2 * HANGING}{piece}")
    return " \\\n".join(lines)


def _with_values(words: Sequence[str]) -> list[str]:
    """*words*, but an option and the word behind it, which may be its value, as one."""
    pieces: list[str] = []
    for word in words:
        alone = bool(pieces) and pieces[-1].startswith("-") and " " not in pieces[-1]
        if alone and not word.startswith("-"):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces


def width_of(stream: TextIO) -> int:
    """The columns of the terminal; 0 where *stream* is none."""
    if not stream.isatty():
        return 0
    try:
        own = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        own = 0
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) else own or UNKNOWN_WIDTH


def _wrapped(line: str, width: int) -> Iterator[str]:
    from rich.cells import cell_len

    if cell_len(line) <= width:
        yield line
        return
    if label := LABEL.match(line):
        yield from _labelled(label[0], line[label.end() :], width)
        return
    indent = len(line) - len(line.lstrip(" "))
    hanging = indent + HANGING * (indent > 0 or line.startswith(MARKS))
    first, *others = JOINTS.split(line.lstrip(" "))
    yield from _filled(" " * indent + first, width, hanging)
    for part in others:
        yield from _filled(" " * hanging + part, width, hanging + HANGING)


def _labelled(label: str, value: str, width: int) -> Iterator[str]:
    """*label* with *value* beside it, or below where there is no room for that."""
    from rich.cells import cell_len

    room = len(label) if width >= LABELLED_WIDTH else HANGING
    first, *rest = _filled(" " * len(label) + value, width, room)
    if cell_len(first) <= width:
        yield from (label + first[len(label) :], *rest)
    else:
        yield from (label.rstrip(), *_filled(" " * HANGING + value, width, HANGING))


def _filled(line: str, width: int, hanging: int) -> Iterator[str]:
    """*line* in pieces of at most *width* columns, where its words allow it; all but the first are indented."""
    from rich.cells import cell_len

    start = len(line) - len(line.lstrip(" "))
    piece = line[:start]
    joined = IN_SENTENCE.sub(lambda command: command[0].replace(" ", WITHIN), line[start:])
    for number, word in enumerate(part.replace(WITHIN, " ") for part in BREAKS.split(joined)):
        longer = f"{piece} {word}" if number else piece + word
        if number and cell_len(longer) > width:
            yield piece
            piece = " " * hanging + word
        else:
            piece = longer
    yield piece
