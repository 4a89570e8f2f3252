"""Text on stdout: wrapped between words on a terminal, one line for each in a pipe."""

import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence

import click

HANGING = 2  # how much further the rest of an item is indented; that of a paragraph is not
MARKS = ("✗ ", "! ", "· ")
# Where a line is broken first: before its fix, and before the reason of its step.
JOINTS = re.compile(r"  (?=→ |because )")
# A number and its unit stay together.
BREAKS = re.compile(r" (?!(?:px|s|fps|bytes|[kMG]B|[kM]?bit/s|kHz|LUFS)\b)")


def say(text: str) -> None:
    """Print *text*, on a terminal within its width."""
    width = _width()
    click.echo("\n".join(piece for line in text.split("\n") for piece in _wrapped(line, width)) if width else text)


def command_text(words: Sequence[str]) -> str:
    """*words* as one types them; on a terminal that is too narrow for them, in several lines that a shell joins."""
    quoted = [shlex.quote(word) for word in words]
    whole, width = " ".join(quoted), _width()
    if not width or len(whole) < width:
        return whole
    lines = [quoted[0]]
    for word in quoted[1:]:
        if len(lines[-1]) + len(word) + 3 < width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{' ' * 2 * HANGING}{word}")
    return " \\\n".join(lines)


def _width() -> int:
    """The columns of the terminal; 0 where stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _wrapped(line: str, width: int) -> Iterator[str]:
    from rich.cells import cell_len

    if cell_len(line) <= width:
        yield line
        return
    indent = len(line) - len(line.lstrip(" "))
    hanging = indent + HANGING * (indent > 0 or line.startswith(MARKS))
    first, *others = JOINTS.split(line.lstrip(" "))
    yield from _filled(" " * indent + first, width, hanging)
    for part in others:
        yield from _filled(" " * hanging + part, width, hanging + HANGING)


def _filled(line: str, width: int, hanging: int) -> Iterator[str]:
    """*line* in pieces of at most *width* columns, where its words allow it; all but the first are indented."""
    from rich.cells import cell_len

    start = len(line) - len(line.lstrip(" "))
    piece = line[:start]
    for number, word in enumerate(BREAKS.split(line[start:])):
        longer = f"{piece} {word}" if number else piece + word
        if number and cell_len(longer) > width:
            yield piece
            piece = " " * hanging + word
        else:
            piece = longer
    yield piece
