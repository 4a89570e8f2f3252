"""Reading a job file, YAML or JSON."""

import os
from pathlib import Path

import yaml
from pydantic import ValidationError

from prep.errors import UsageError
from prep.invalid import Key, complaints, dotted
from prep.model.job import Job
from prep.references import parse_reference


def read_job(path: Path) -> Job:
    """The job in *path*, its references relative to that file. Raises UsageError naming each wrong key."""
    try:
        fields = yaml.safe_load(path.read_text("utf-8"))  # JSON is YAML
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: neither YAML nor JSON: {' '.join(str(error).split())}") from error
    if not isinstance(fields, dict):
        raise UsageError(f"{path}: a job is a mapping with references, prompt and options")
    try:
        job = Job.model_validate(fields)
    except ValidationError as error:
        wrong = [f"{path}: {dotted(key)}: {why}{_hint(key)}" for key, why in complaints(error, Job)]
        raise UsageError("\n".join(wrong)) from error
    return job.model_copy(update={"references": tuple(_beside(path.parent, text) for text in job.references)})


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
