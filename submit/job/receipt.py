"""Receipt: the journal's record of a job, as a document beside its files."""

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from prep.errors import UsageError
from prep.log import get_logger
from prep.media.io.files import leftovers, replacing, writing
from prep.media.io.text_file import read_bytes
from submit.journal import JobRecord

RECEIPT, EARLIER = "receipt.json", "receipt-*.json"
MOST_BYTES = 64_000_000
# What a receipt of a stranger may raise where its values are not what they should be.
ODD = (LookupError, TypeError, ValueError, ArithmeticError, RecursionError, AttributeError)

logger = get_logger(__name__)


def write_receipt(job: JobRecord) -> None:
    """Write the receipt of *job* to receipt.json, or to receipt-JOB.json where another job has that name.

    Only its owner may read it. Failing only logs a warning: the journal is what counts.
    """
    try:
        with replacing(_path_of(job), 0o600) as file:
            file.write(job.redacted().model_dump_json(indent=2, exclude_none=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        logger.warning("can't write the receipt of job %s: %s", job.id, error)


def make_room(job: JobRecord) -> None:
    """Rename the receipt of an earlier job in the folder: receipt.json is that of the latest.

    The caller holds the folder, so what a killed process left half-written is removed.
    """
    with writing(job.folder):
        for path in leftovers(job.folder):
            if path.is_file():
                path.unlink()
        earlier = read_receipt(job.folder)
        if earlier is not None and earlier.id != job.id:
            os.replace(job.folder / RECEIPT, job.folder / f"receipt-{earlier.id}.json")


def read_receipt(folder: Path) -> JobRecord | None:
    """Read the receipt in *folder*; None when there is none. Raises UsageError when it can't be read."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder; choose another folder")
    path = folder / RECEIPT
    return _read(path) if os.path.lexists(path) else None


def read_receipts(folder: Path) -> Iterator[JobRecord]:
    """Read the receipt in *folder*, and those of earlier jobs there as far as they can be read.

    Raises UsageError when the first can't be read.
    """
    if (latest := read_receipt(folder)) is not None:
        yield latest
    for path in sorted(folder.glob(EARLIER)):
        try:
            yield _read(path)
        except UsageError as error:
            logger.warning("%s", error)


def _read(path: Path) -> JobRecord:
    try:
        record = JobRecord.model_validate_json(read_bytes(path, MOST_BYTES))
        # the journal must be able to keep it and to give it back
        JobRecord.model_validate_json(record.model_dump_json())
        _ = record.redacted(), record.files, record.created_at, record.owed_microusd
        if not record.id:
            raise ValueError("no id")
        return record
    except (UsageError, ValidationError, *ODD) as error:
        raise UsageError(
            f"{path}: can't be read, and it may belong to a paid job; move it away, or choose another folder"
        ) from error


def _path_of(job: JobRecord) -> Path:
    try:
        existing = read_receipt(job.folder)
    except UsageError:
        return job.folder / f"receipt-{job.id}.json"
    return job.folder / (RECEIPT if existing is None or existing.id == job.id else f"receipt-{job.id}.json")
