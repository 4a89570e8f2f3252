"""Rows: one job of a batch each, with an id that names its folder."""

import hashlib
import json
import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from prep.errors import PrepError, UsageError
from prep.inputs.file_name import as_on_disk, exists
from prep.inputs.folder import list_folder
from prep.inputs.jobs import Job
from prep.inputs.parse import parse_reference
from prep.inputs.references import is_folder
from prep.model.reference import Reference
from prep.validation import short
from submit.batches.results.folder import OWN, PARTS

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
# Windows opens devices under these names, whatever their extension.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
MADE_ID_LENGTH = 12


class Row(NamedTuple):
    """*number* counts from 1; *place* is where the row stands ("jobs.csv:8"). *text* is the job as JSON: a batch of ten
    thousand rows keeps no more of each in memory. *key* is the same for the same job about the same files.

    *made_id*: the row had none. *folders* are the references that are folders.
    """

    number: int
    id: str
    place: str
    text: str
    key: str
    made_id: bool = False
    folders: tuple[str, ...] = ()

    @property
    def job(self) -> Job:
        return Job.model_validate_json(self.text)


class BadRow(NamedTuple):
    """A row that can't be sent, and why. *id* is empty where it has none."""

    number: int
    id: str
    place: str
    error: PrepError

    def __str__(self) -> str:
        prefix = f"{called(self.number, self.place)}: "
        # the readers of documents name the place as well
        lines = (line.removeprefix(f"{self.place}: ").removeprefix(": ") for line in str(self.error).split("\n"))
        return "\n".join(prefix + line for line in lines)


def called(number: int, place: str) -> str:
    return f"row {number} ({place})" if place else f"row {number}"


def make_row(number: int, place: str, row_id: str, job: Job, *, made_id: bool = False) -> Row:
    """The row of *job*. Raises UsageError for an id that can't be used, and a job without references or prompt."""
    if not job.references:
        raise UsageError("no references; name at least one file")
    if job.prompt is None:
        raise UsageError("no prompt")
    text = job.model_dump_json(exclude_unset=True)
    local = [_local(reference) for reference in job.references]
    folders = tuple(reference.location for reference in local if reference and is_folder(reference))
    return Row(number, _checked(row_id), place, text, _key(text, local), made_id, folders)


def take_id(fields: dict[str, Any]) -> str | None:
    """Take the id out of the *fields* of a job; None where there is none. Raises UsageError when it is no text."""
    row_id = fields.pop("id", None)
    if isinstance(row_id, int) and not isinstance(row_id, bool):
        return str(row_id)
    if row_id is not None and not isinstance(row_id, str):
        raise UsageError(f"id: should be text, not {short(row_id)}")
    return row_id or None


def _checked(row_id: str) -> str:
    if not ID.fullmatch(row_id) or DEVICES.fullmatch(row_id) or row_id.endswith("."):
        raise UsageError(
            f"id: {short(row_id)} can't name a folder; use up to 80 letters, digits, '.', '_' and '-', "
            "beginning with a letter or a digit"
        )
    if row_id.lower() in OWN | {PARTS}:
        raise UsageError(f"id: {row_id!r} is a name that the batch itself uses; choose another")
    return row_id


def made_id(fields: object) -> str:
    """An id for a row that has none: the same for the same *fields*."""
    text = json.dumps(fields, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:MADE_ID_LENGTH]


def _key(text: str, local: Sequence[Reference | None]) -> str:
    """A hash of the job and of the size and time of each file that is used, which opens no media."""
    stamps = [_stamps(reference) for reference in local]
    return hashlib.sha256(json.dumps([text, stamps]).encode()).hexdigest()


def _local(text: str) -> Reference | None:
    """The file or folder that *text* names; None for a URL, and for what is wrong: looking at the row says that."""
    try:
        reference = as_on_disk(parse_reference(text, exists))
    except (PrepError, OSError, ValueError):
        return None
    return None if reference.is_url else reference


def _stamps(reference: Reference | None) -> object:
    """The stamp of a file, or the names and stamps of the media that a folder stands for: what it skips has no part."""
    if reference is None:
        return None
    try:
        if is_folder(reference):
            return [(path, _stamp(path)) for path in list_folder(reference.location).media]
    except PrepError:
        return None
    return _stamp(reference.location)


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns
