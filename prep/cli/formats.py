"""The formats of a check, and where each goes: read from --format, written while the reports come in."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

if TYPE_CHECKING:
    from prep.model.finding import Severity
    from prep.model.report import Report
    from prep.render.compact import Tally

FORMATS = ("text", "json", "jsonl", "junit", "sarif", "github")
Write = Callable[[str], None]


class Output(NamedTuple):
    """*path* None: stdout."""

    format: str
    path: Path | None


class Shape(NamedTuple):
    """What the reports are about, which the formats show differently, and what counts."""

    what: Literal["set", "file", "job"]
    fail_on: "Severity"
    exit_zero: bool


def read_outputs(given: Sequence[str], as_json: bool) -> tuple[Output, ...]:
    """The outputs that were asked for; text on stdout unless something else goes there."""
    outputs = [Output("json", None)] if as_json else []
    outputs += [_read(text) for text in given]
    going: dict[str, Output] = {}
    for output in outputs:
        place = os.path.realpath(output.path) if output.path else "stdout"
        first = going.setdefault(place, output)
        if first is not output:
            both = f"{first.format} and {output.format}"
            raise click.UsageError(f"{both} can't both go to {output.path or place}: --format {output.format}=FILE")
    return tuple(outputs) if "stdout" in going else (Output("text", None), *outputs)


def _read(text: str) -> Output:
    from prep.inputs.folder import MEDIA

    name, equals, file = text.partition("=")
    if name not in FORMATS or (equals and not file):
        raise click.UsageError(f"--format {text!r}: expected {', '.join(FORMATS)}, or one of them with =FILE")
    path = Path(file) if file else None
    if path is not None and (path.suffix.lower() in MEDIA or _is_media(path)):
        raise click.UsageError(f"--format {text}: a report is not written over an image, a video or a sound")
    return Output(name, path)


def _is_media(path: Path) -> bool:
    from prep.media.container.sniff import sniff

    try:
        return path.is_file() and sniff(path) is not None
    except OSError:
        return False  # what is wrong with it is told when it is written


def show(outputs: Sequence[Output], reports: Iterable["Report"], shape: Shape) -> "Tally":
    """Write every report to every output, the line formats at once, so that memory does not grow with the list."""
    from prep.render.compact import Tally

    tally = Tally(shape.fail_on)
    kept: list[Report] = []
    with ExitStack() as stack:
        writers = [(output.format, stack.enter_context(_opened(output.path))) for output in outputs]
        lines = [(_line(name, shape), write) for name, write in writers if name in ("text", "jsonl", "github")]
        for report in reports:
            tally.add(report)
            for line, write in lines:
                if text := line(report):
                    write(text)
            if len(lines) < len(writers):
                kept.append(report)
        for name, write in writers:
            if tail := _tail(name, kept, tally, shape):
                write(tail)
    return tally


def _line(name: str, shape: Shape) -> "Callable[[Report], str]":
    from prep.render.compact import compact_text
    from prep.render.github import github_lines
    from prep.render.jsonl import report_line
    from prep.render.text import report_text

    if name == "github":
        return github_lines
    if name == "jsonl":
        return lambda report: report_line(report, shape.fail_on)
    return report_text if shape.what == "set" else compact_text


def _tail(name: str, kept: Sequence["Report"], tally: "Tally", shape: Shape) -> str:
    """What is written when all reports are there."""
    from prep import __version__
    from prep.render.document import check_document
    from prep.render.junit import junit_document
    from prep.render.sarif import sarif_document

    match name:
        case "text" if shape.what != "set":
            return tally.text(shape.what)
        case "json":
            return check_document(kept, shape.fail_on, tally.exit_code(shape.exit_zero) == 0, many=shape.what != "set")
        case "junit":
            return junit_document(kept, shape.fail_on, each=shape.what == "file")
        case "sarif":
            return sarif_document(kept, __version__)
        case _:
            return ""


@contextmanager
def _opened(path: Path | None) -> Iterator[Write]:
    """Lines to stdout, or to a file that appears whole or not at all.

    A device, a pipe or a link is written to: a file in its place would take /dev/null away from everybody else.
    """
    if path is None:
        yield click.echo
        return
    from prep.errors import UsageError

    whole = not os.path.lexists(path) or (path.is_file() and not path.is_symlink())
    target = path.with_name(f".{path.name}.part") if whole else path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{path}: can't be written: {error.strerror}; name another file for --format") from error
    try:
        with file:
            yield lambda text: click.echo(text, file)
        if whole:
            target.replace(path)
    finally:
        if whole:
            target.unlink(missing_ok=True)
