"""Reading a job file, YAML or JSON, and files of many jobs, JSON Lines."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from prep.errors import PrepError, UsageError
from prep.inputs.parse import parse_reference
from prep.model.job import Job
from prep.validation import Key, complaints, dotted


def read_job(path: Path) -> Job:
    """The job in *path*, its references relative to that file. Raises UsageError naming each wrong key."""
    import yaml

    if holds_many(path):
        raise UsageError(f"{path}: a file of many jobs, which can be checked only; give the job a file of its own")
    try:
        fields = yaml.safe_load(path.read_text("utf-8"))  # JSON is YAML
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: neither YAML nor JSON: {' '.join(str(error).split())}") from error
    return _job(fields, str(path), path.parent)


def holds_many(path: Path) -> bool:
    """Whether *path* is a file of many jobs, by its name."""
    return path.suffix.lower() in (".jsonl", ".ndjson")


def read_jobs(path: Path) -> Iterator[tuple[str, Job | PrepError]]:
    """Each line's job with its place ("jobs.jsonl:3"), or what is wrong with it; empty lines are left out.

    Raises UsageError when the file can't be read.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    place = f"{path}:{number}"
                    yield place, _job_or_error(line, place, path.parent)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _job_or_error(line: bytes, place: str, folder: Path) -> Job | PrepError:
    try:
        return _job(json.loads(line), place, folder)
    except (ValueError, RecursionError) as error:
        return UsageError(f"{place}: not a line of JSON: {error}")
    except PrepError as error:
        return error


def _job(fields: Any, place: str, folder: Path) -> Job:
    if not isinstance(fields, dict):
        raise UsageError(f"{place}: a job is a mapping with references, prompt and options")
    try:
        job = Job.model_validate(fields)
    except ValidationError as error:
        wrong = [f"{place}: {dotted(key)}: {why}{_hint(key)}" for key, why in complaints(error, Job)]
        raise UsageError("\n".join(wrong)) from error
    return job.model_copy(update={"references": tuple(_beside(folder, text) for text in job.references)})


def _hint(key: Key) -> str:
    return "; quote what holds a comma, such as 'walk.mov#t=1,3'" if key[:1] == ("references",) else ""


def _beside(folder: Path, text: str) -> str:
    """The same reference, its path made relative to where the command runs."""
    reference = parse_reference(text, lambda name: os.path.exists(folder / name))
    location = reference.location
    if reference.is_url or os.path.isabs(location):
        return text
    at = len(f"{reference.name}=") if reference.name else 0
    return text[:at] + str(folder / location) + text[at + len(location) :]
