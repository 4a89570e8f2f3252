"""Readers of JOBS: JSON Lines, CSV, a YAML or JSON list, a folder of job files, or standard input."""

import csv
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from prep.errors import PrepError, UsageError
from prep.inputs.file_name import exists
from prep.inputs.folder import kind_by_name, natural
from prep.inputs.jobs import MOST_BYTES, Job, holds_many, job_of, lines_of, without_schema
from prep.inputs.parse import parse_reference
from prep.media.io.text_file import decode, folder_of, open_text, read_json, read_text
from prep.model.plan import Options
from prep.model.redact import shown
from prep.net.bucket import Bucket
from prep.net.object_url import ObjectUrl, is_object_url, read_object_url
from prep.validation import Key, short
from submit.batches.results.folder import own_files, refuse_results
from submit.batches.row import BadRow, Row, called, made_id, make_row, take_id

STDIN = "-"
# Lists are read whole; 10,000 jobs take a few MB. JSON Lines has no bound.
MOST_LIST_BYTES, MOST_LIST_VALUES = 200_000_000, 5_000_000
LISTS, JOB_FILES = (".yaml", ".yml", ".json"), (".yaml", ".yml", ".json")
ENDINGS = ".jsonl, .ndjson, .csv, .tsv, .yaml, .yml or .json"
MOST_COLUMNS = 1_000
DELIMITERS = ",;\t"
OF_JOB = ("id", "prompt", "endpoint", "max_cost")
COLUMNS = frozenset((*OF_JOB, "references", *Options.model_fields))  # the others are parameters, which a spec names
REFERENCE = re.compile(r"ref(?:erence)?[ _-]?\d+", re.IGNORECASE)

# Puts defaults or flags into the job of a row; raises PrepError where they do not fit.
Complete = Callable[[Job], Job]


class _RowShape(Job):
    """The keys of a row: those of a job, and its id, which is taken out before."""

    id: str | None = None


class _Entry(NamedTuple):
    """The fields of one row, or the error that stands in their place; *at* gives the place of a key in it.

    *cells*: they were the cells of a table.
    """

    place: str
    fields: Any
    at: Callable[[Key], str]
    id: str | None = None
    cells: bool = False


def read_rows(place: str | os.PathLike[str], complete: Complete = lambda job: job) -> Iterator[Row | BadRow]:
    """Yield the rows of *place* in order, and in the place of each that is wrong what is wrong.

    *place* is a file or folder, an object in object storage, or "-" for standard input. References are relative to the
    file, and absolute in the rows. Raises PrepError when nothing can be read.
    """
    if is_object_url(text := os.fspath(place)):
        url = read_object_url(text)
        yield from _rows(_object_entries(url), str(url.parent), complete)
        return
    path = Path(place)
    is_stdin = str(path) == STDIN
    folder = Path() if is_stdin else path if path.is_dir() else folder_of(path)
    yield from _rows(_stdin_entries() if is_stdin else _entries(path), folder.absolute(), complete)


def rows_of(jobs: Iterable[Job | Mapping[str, Any]], complete: Complete = lambda job: job) -> Iterator[Row | BadRow]:
    """As `read_rows`, for jobs that a program has: mappings as in a file, or Job without an id."""
    entries = (
        _Entry("", job.model_dump(exclude_unset=True) if isinstance(job, Job) else job, lambda key: "") for job in jobs
    )
    yield from _rows(entries, Path().absolute(), complete)


def _rows(entries: Iterable[_Entry], folder: Path | str, complete: Complete) -> Iterator[Row | BadRow]:
    numbers: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        row_id: str | None = None
        try:
            if isinstance(entry.fields, PrepError):
                raise entry.fields
            fields = without_schema(dict(entry.fields)) if isinstance(entry.fields, Mapping) else entry.fields
            row_id = (take_id(fields) if isinstance(fields, dict) else None) or entry.id
            if entry.cells:
                _refuse_joined(fields["references"], folder)
            job = complete(job_of(fields, entry.at, folder, _RowShape))
            row = make_row(number, entry.place, row_id or made_id(fields), job, made_id=row_id is None)
            if (first := numbers.setdefault(row.id.lower(), number)) != number:
                raise _repeated(row, first)
            yield row
        except PrepError as error:
            yield BadRow(number, row_id or "", entry.place, error)


def _repeated(row: Row, first: int) -> UsageError:
    if row.made_id:
        return UsageError(f"the same as {called(first, '')}, and neither has an id; leave it out, or give both an id")
    return UsageError(f"id: {row.id!r} is that of {called(first, '')} as well; ids must differ")


def _refuse_joined(references: Sequence[str], folder: Path | str) -> None:
    """Raise UsageError for several references with commas, semicolons or spaces between them."""

    def is_there(name: str) -> bool:
        return isinstance(folder, Path) and exists(str(folder / name))

    for text in references:
        parts = [part.strip().partition("#")[0] for part in re.split(r"[,;\s]+", text)]
        likely = sum("://" in part or kind_by_name(part) is not None or is_there(part) for part in parts)
        if likely > 1 and not _is_one(text, is_there):
            raise UsageError(f"{shown(text)}: no such file; separate references with '|'")


def _is_one(text: str, is_there: Callable[[str], bool]) -> bool:
    """Whether *text* can be one reference: a file that exists, or a URL, which has no spaces."""
    try:
        reference = parse_reference(text, is_there)
    except UsageError:
        return False
    return " " not in text if reference.is_url else is_there(reference.location)


def _entries(path: Path) -> Iterator[_Entry]:
    if path.is_dir():
        return _folder_entries(path)
    if path.is_file() and path.name in own_files(path.parent):
        refuse_results(path.parent)
    if holds_many(path):
        return _from_file(path, _json_lines)
    if path.suffix.lower() in LISTS:
        return _list_entries(read_text(path, MOST_LIST_BYTES), shown(path), is_json=path.suffix.lower() == ".json")
    if path.suffix.lower() in (".csv", ".tsv"):
        return _from_file(path, _csv)
    raise UsageError(f"{shown(path)}: a list of jobs is a folder of job files, or a file that ends in {ENDINGS}")


def _object_entries(url: ObjectUrl) -> Iterator[_Entry]:
    name, suffix = shown(str(url)), Path(url.name).suffix.lower()
    if suffix not in ENDINGS.replace(" or", ",").split(", "):
        raise UsageError(f"{name}: a list of jobs ends in {ENDINGS}")
    data = Bucket(url).fetch(url.key, MOST_LIST_BYTES)
    if suffix in LISTS:
        return _list_entries(decode(data, name), name, is_json=suffix == ".json")
    return (_csv if suffix in (".csv", ".tsv") else _json_lines)(io.BytesIO(data), name)


def _from_file(path: Path, read: Callable[[BinaryIO, str], Iterator[_Entry]]) -> Iterator[_Entry]:
    with open_text(path) as file:
        yield from read(file, shown(path))


def _stdin_entries() -> Iterator[_Entry]:
    """What comes first decides the form: `{` is JSON Lines, `[` or `-` a list, anything else CSV."""
    data = sys.stdin.buffer.read(MOST_LIST_BYTES + 1)
    if len(data) > MOST_LIST_BYTES:
        raise UsageError(f"standard input: more than {MOST_LIST_BYTES:,} bytes; put it into a file")
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first in (b"[", b"-"):
        return _list_entries(decode(data, STDIN), STDIN, is_json=first == b"[")
    return (_json_lines if first == b"{" else _csv)(io.BytesIO(data), STDIN)


def _json_lines(file: BinaryIO, path: str) -> Iterator[_Entry]:
    for number, line in enumerate(lines_of(file), start=1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        fields: Any
        try:
            if len(line) > MOST_BYTES:
                raise UsageError(f"longer than the {MOST_BYTES:,} bytes that a job may have")
            fields = read_json(decode(line, place).strip(), place)
        except PrepError as error:
            fields = error
        yield _Entry(place, fields, partial(_always, place))


def _csv(file: BinaryIO, path: str) -> Iterator[_Entry]:
    data = file.read(MOST_LIST_BYTES + 1)
    if len(data) > MOST_LIST_BYTES:
        raise UsageError(f"{path}: more than {MOST_LIST_BYTES:,} bytes; split it, or write JSON Lines")
    text = decode(data, path)
    header = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=header.count), strict=True)
    names: list[str] | None = None
    try:
        for cells in reader:
            if not any(map(str.strip, cells)):
                continue
            if names is None:
                names = _header(cells, f"{path}:{reader.line_num}")
                continue
            place = f"{path}:{reader.line_num}"
            fields: Any
            try:
                fields = _fields(names, cells)
            except UsageError as error:
                fields = error
            yield _Entry(place, fields, partial(_always, place), cells=isinstance(fields, dict))
    except csv.Error as error:
        place, most = f"{path}:{reader.line_num}", csv.field_size_limit()
        if "field limit" in str(error):
            raise UsageError(f"{place}: a cell of more than {most:,} characters; write it shorter") from None
        raise UsageError(f"{place}: not CSV: {error}") from None


def _header(cells: list[str], place: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    if len(names) > MOST_COLUMNS:
        raise UsageError(f"{place}: {len(names):,} columns, where a table of jobs has at most {MOST_COLUMNS:,}")
    if twice := sorted(name for name, count in Counter(names).items() if name and count > 1):
        raise UsageError(f"{place}: two columns are called {short(twice[0])}")
    meant = [name.lower() if name.lower() in COLUMNS else name for name in names]
    problems = [
        f"column {short(name)} is unknown; did you mean {other!r}?"
        for name, other in zip(names, meant, strict=True)
        if name != other
    ]
    missing = ["'prompt'"] if "prompt" not in meant else []
    if not any(map(_holds_references, meant)):
        missing.append("'references' (or 'ref1', ...)")
    if missing:
        problems.append(f"the first line names the columns, and there is no {' and no '.join(missing)} among them")
    if problems:
        raise UsageError("\n".join(f"{place}: {problem}" for problem in problems))
    return names


def _fields(names: list[str], cells: list[str]) -> dict[str, Any]:
    """The fields of a job from one line: what is no field of a job or of its options is a request parameter."""
    if len(cells) > len(names):
        raise UsageError(f"{len(cells)} cells, where the first line names {len(names)} columns; quote what has a comma")
    job: dict[str, Any] = {"references": []}
    options: dict[str, str] = {}
    generation: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=False):
        value = cell if name == "prompt" else cell.strip()
        if not name or not (value or name == "prompt"):
            continue
        if _holds_references(name):
            job["references"] += [part.strip() for part in value.split("|") if part.strip()]
        elif name in OF_JOB:
            job[name] = value
        else:
            (options if name in Options.model_fields else generation)[name] = value
    return job | ({"options": options} if options else {}) | ({"generation": generation} if generation else {})


def _holds_references(name: str) -> bool:
    return name == "references" or REFERENCE.fullmatch(name) is not None


def _list_entries(text: str, path: str, *, is_json: bool) -> Iterator[_Entry]:
    from prep.inputs.yaml_document import Document, read_document  # rows in other forms do without the library

    document = Document(read_json(text, path), None) if is_json else read_document(text, path, MOST_LIST_VALUES)
    if not isinstance(document.fields, list):
        raise UsageError(f"{path}: not a list; each job is an item of one, with id, references and prompt")
    for index, fields in enumerate(document.fields):

        def at(key: Key, index: int = index) -> str:
            return document.place(path, (index, *key))

        yield _Entry(at(()), fields, at)


def _folder_entries(folder: Path) -> Iterator[_Entry]:
    """Each job file is a row; without an id it is called like the file."""
    from prep.inputs.yaml_document import read_document

    try:
        ours = own_files(folder)
        paths = sorted((path for path in folder.iterdir() if _is_job(path, ours)), key=lambda path: natural(path.name))
    except OSError as error:
        raise UsageError(f"{shown(folder)}: {error.strerror}") from error
    if not paths:
        refuse_results(folder)
        raise UsageError(f"{shown(folder)}: no job file in this folder; they end in {', '.join(JOB_FILES)}")
    for path in paths:
        name = shown(path)
        try:
            document = read_document(read_text(path, MOST_BYTES), name)
        except PrepError as error:
            yield _Entry(name, error, partial(_always, name), path.stem)
        else:
            yield _Entry(name, document.fields, partial(document.place, name), path.stem)


def _is_job(path: Path, ours: frozenset[str]) -> bool:
    return path.suffix.lower() in JOB_FILES and not path.name.startswith(".") and path.name not in ours


def _always(place: str, key: Key) -> str:  # noqa: ARG001  a line has no lines of its own
    return place
