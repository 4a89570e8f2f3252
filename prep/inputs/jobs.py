"""Job files, YAML or JSON, and files of many jobs, JSON Lines."""

import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import BeforeValidator, ValidationError

from prep.errors import PrepError, UsageError
from prep.inputs.file_name import exists
from prep.inputs.folder import natural
from prep.inputs.parse import parse_reference
from prep.media.io.text_file import decode, folder_of, open_text, read_json, read_text
from prep.model.generation import Generation
from prep.model.plan import Options
from prep.model.redact import shown
from prep.model.value import Value
from prep.pricing.dollars import read_dollars
from prep.validation import Key, complaints, dotted

# A job with a thousand references has a tenth of it.
MOST_BYTES = 1_000_000
# Names the JSON Schema of a job file, for editors; says nothing about the job.
SCHEMA_KEY = "$schema"


class Job(Value):
    """*references* are written as on the command line; paths are relative to the file that the job stands in.

    None: not said, so that a flag or the default decides.
    """

    endpoint: str | None = None
    references: tuple[str, ...] = ()
    prompt: str | None = None
    options: Options = Options()
    generation: Generation = Generation()
    max_cost: Annotated[Decimal, BeforeValidator(read_dollars)] | None = None


def read_job(path: Path) -> Job:
    """Return the job in *path*, its references relative to that file. Raises UsageError naming each wrong key."""
    if holds_many(path):
        raise UsageError(f"{shown(path)}: a file of many jobs, which only check takes; give the job a file of its own")
    from prep.inputs.yaml_document import read_document  # a check without a job does without the library

    document = read_document(read_text(path, MOST_BYTES), shown(path))
    return job_of(document.fields, lambda key: document.place(shown(path), key), folder_of(path))


def holds_many(path: Path) -> bool:
    """True if *path* is a file of many jobs, by its name."""
    return path.suffix.lower() in (".jsonl", ".ndjson")


def read_jobs(path: Path) -> Iterator[tuple[str, Job | PrepError]]:
    """Yield each line's job, or what is wrong with it, with its place ("jobs.jsonl:3"); empty lines are left out.

    Raises UsageError when the file can't be read.
    """
    folder = folder_of(path)
    with open_text(path) as file:
        for number, line in enumerate(lines_of(file), start=1):
            if line.strip():
                place = f"{shown(path)}:{number}"
                yield place, _job_or_error(line, place, folder)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of *file*; of one that is too long a little more than the bound."""
    while line := file.readline(MOST_BYTES + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(MOST_BYTES)
        yield line


def _job_or_error(line: bytes, place: str, folder: Path) -> Job | PrepError:
    try:
        if len(line) > MOST_BYTES:
            raise UsageError(f"{place}: longer than the {MOST_BYTES:,} bytes that a job may have")
        fields = read_json(decode(line, place).strip(), place)
        if isinstance(fields, dict):
            fields.pop("id", None)  # a batch tells its rows apart by it
        return job_of(fields, lambda key: place, folder)
    except PrepError as error:
        return error


def job_of(fields: Any, place: Callable[[Key], str], folder: Path | str, shape: type[Job] = Job) -> Job:
    """Return the job in *fields*, its references relative to *folder*, text for one in object storage.

    *place* gives the file of a key, and its line where that is known. *shape* has the keys that may be there. Raises
    UsageError naming each wrong key.
    """
    if not isinstance(fields, dict):
        raise UsageError(f"{place(())}: a job is a mapping with references, prompt and options")
    if not is_text(fields):
        raise UsageError(f"{place(())}: holds half of a character (\\ud800 to \\udfff); write whole ones")
    try:
        job = Job.model_validate(without_schema(fields))
    except ValidationError as error:
        wrong = [f"{place(key)}: {dotted(key)}: {why}{_hint(key)}" for key, why in complaints(error, shape)]
        raise UsageError("\n".join(sorted(wrong, key=natural))) from error
    keys: list[Key] = [("references", number) for number in range(len(job.references))]
    references = tuple(
        _beside(folder, text, f"{place(key)}: {dotted(key)}") for key, text in zip(keys, job.references, strict=True)
    )
    return job.model_copy(update={"references": references})


def without_schema(fields: dict[str, Any]) -> dict[str, Any]:
    """*fields* without the key that names their JSON Schema."""
    return {key: value for key, value in fields.items() if key != SCHEMA_KEY}


def is_text(fields: dict[str, Any]) -> bool:
    """Whether all text in *fields* can be written as UTF-8: half a pair of surrogates can't."""
    try:
        json.dumps(fields, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    except (TypeError, ValueError):  # keys that are no text: the model names them
        return True
    return True


def _hint(key: Key) -> str:
    return "; quote what holds a comma, such as 'walk.mov#t=1,3'" if key[:1] == ("references",) else ""


def _beside(folder: Path | str, text: str, place: str) -> str:
    """Return *text*, a reference, with its path relative to where the command runs, or its whole address."""
    try:
        reference = parse_reference(text, lambda name: isinstance(folder, Path) and exists(str(folder / name)))
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from None
    location = reference.location
    if reference.is_url or os.path.isabs(location):
        return text
    at = len(f"{reference.name}=") if reference.name else 0
    whole = str(folder / location) if isinstance(folder, Path) else f"{folder}/{location}"
    return text[:at] + whole + text[at + len(location) :]
