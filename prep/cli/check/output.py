"""Output of a check: formats and destinations, read from --format, and written while the reports come in."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from prep.cli.terminal import say

if TYPE_CHECKING:
    from prep.model.finding import Severity
    from prep.model.report import Report
    from prep.render.tally import Tally

FORMATS = ("text", "json", "jsonl", "junit", "sarif", "github")
Write = Callable[[str], None]


class Output(NamedTuple):
    """*path* None: stdout."""

    format: str
    path: Path | None


class Shape(NamedTuple):
    """The subject of the reports, which the formats show differently, and what fails.

    *statistics*: text is only a count for each rule. *closing* are the lines below the text about a set.
    """

    subject: Literal["set", "file", "job"]
    fail_on: "Severity"
    exit_zero: bool
    statistics: bool
    closing: "Callable[[Report], Sequence[str]]"


def read_outputs(formats: Sequence[str], as_json: bool) -> tuple[Output, ...]:
    """The outputs of --format and --json; text on stdout unless something else goes there."""
    outputs = [Output("json", None)] if as_json else []
    outputs += [_read(text) for text in formats]
    places: dict[str, Output] = {}
    for output in outputs:
        place = os.path.realpath(output.path) if output.path else "stdout"
        first = places.setdefault(place, output)
        if first is not output:
            both = f"{first.format} and {output.format}"
            where = output.path or place
            raise click.UsageError(
                f"{both} can't both go to {where}; write one to a file: --format {output.format}=FILE"
            )
    return tuple(outputs) if "stdout" in places else (Output("text", None), *outputs)


def _read(text: str) -> Output:
    from prep.inputs.folder import MEDIA
    from prep.spelling import hint

    name, equals, file = text.partition("=")
    if name not in FORMATS or (equals and not file):
        guess = "" if name in FORMATS else hint(name, FORMATS)
        raise click.UsageError(
            f"--format: unknown format {text!r}{guess}; known are {', '.join(FORMATS)}, each also with =FILE"
        )
    path = Path(file) if file else None
    if path is not None and (path.suffix.lower() in MEDIA or _is_media(path)):
        raise click.UsageError(f"--format {text}: would overwrite an image, a video or a sound; choose another name")
    return Output(name, path)


def _is_media(path: Path) -> bool:
    from prep.media.container.sniff import sniff

    try:
        return path.is_file() and sniff(path) is not None
    except OSError:
        return False  # writing to it will fail and say why


def show(outputs: Sequence[Output], reports: Iterable["Report"], shape: Shape) -> "Tally":
    """Write every report to every output, line formats at once, so that memory does not grow with the list."""
    from prep.render.tally import Tally

    tally = Tally(shape.fail_on)
    kept: list[Report] = []
    with ExitStack() as stack:
        writers = [(output.format, stack.enter_context(_opened(output))) for output in outputs]
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
        if any(name == "github" for name, _ in writers):
            _write_summary(tally, shape)
    return tally


def _line(name: str, shape: Shape) -> "Callable[[Report], str]":
    from prep.render.document import json_text, judged
    from prep.render.github import github_lines
    from prep.render.text import compact_text, report_text

    if name == "github":
        return github_lines
    if name == "jsonl":
        return lambda report: json_text(judged(report, shape.fail_on))
    if shape.statistics:
        return lambda report: ""
    if shape.subject == "set":
        return lambda report: "\n".join([report_text(report), *shape.closing(report)])
    return compact_text


def _tail(name: str, kept: Sequence["Report"], tally: "Tally", shape: Shape) -> str:
    """The text that ends an output once all reports are there."""
    many = shape.subject != "set"
    match name:
        case "text":
            counts = [*filter(None, [tally.statistics()]), ""] if shape.statistics else []
            total = [_total(tally, shape)] if many or shape.statistics else []
            return "\n".join([*counts, *total])
        case "json":
            from prep.render.document import check_document

            return check_document(kept, shape.fail_on, tally.exit_code(shape.exit_zero) == 0, many=many)
        case "junit":
            from prep.render.junit import junit_document

            return junit_document(kept, shape.fail_on, each=shape.subject == "file")
        case "sarif":
            from prep.render.sarif import sarif_document

            return sarif_document(kept)
        case _:
            return ""


def _total(tally: "Tally", shape: Shape) -> str:
    return tally.verdict if shape.subject == "set" else tally.total(shape.subject)


def _write_summary(tally: "Tally", shape: Shape) -> None:
    """Add to the page of a step in GitHub Actions; the runner names its file."""
    from prep.errors import UsageError

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(tally.summary(_total(tally, shape)))
    except OSError as error:
        raise UsageError(f"{path}: can't be written: {error.strerror}; GITHUB_STEP_SUMMARY names this file") from error


@contextmanager
def _opened(output: Output) -> Iterator[Write]:
    """A function that writes lines to stdout, or to a file that appears whole or not at all.

    A device, a pipe or a link is written to: a file in its place would take /dev/null away from everybody else.
    """
    path = output.path
    if path is None:
        yield say if output.format == "text" else click.echo
        return
    from prep.errors import UsageError
    from prep.media.io.files import replacing

    whole = not os.path.lexists(path) or (path.is_file() and not path.is_symlink())
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(replacing(path) if whole else path.open("wb"))
        except OSError as error:
            raise UsageError(f"{path}: can't be written: {error.strerror}; name another file for --format") from error
        yield lambda text: click.echo(text.encode("utf-8", "backslashreplace"), file)
