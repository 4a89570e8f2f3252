"""Receipt: the journal's record of a job, as a document beside its files."""

import logging
import os
import tempfile
from pathlib import Path

from pydantic import ValidationError

from prep.errors import UsageError
from submit.journal import JobRecord

RECEIPT = "receipt.json"
TEMPORARY = ".receipt-"

logger = logging.getLogger(__name__)


def write_receipt(job: JobRecord) -> None:
    """Write the receipt of *job* to receipt.json, or to receipt-JOB.json where another job has that name.

    Only its owner may read it. Failing only logs a warning: the journal is what counts.
    """
    temporary = None
    try:
        path = _path_of(job)
        descriptor, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=job.folder)  # mode 0600, and follows no link
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(job.redacted().model_dump_json(indent=2, exclude_none=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        logger.warning("can't write the receipt of job %s: %s", job.id, error)


def make_room(job: JobRecord) -> None:
    """Rename the receipt of an earlier job in the folder: receipt.json is that of the latest.

    The caller holds the folder, so what a killed process left half-written is removed.
    """
    for path in job.folder.glob(f"{TEMPORARY}*"):
        path.unlink(missing_ok=True)
    earlier = read_receipt(job.folder)
    if earlier is not None and earlier.id != job.id:
        os.replace(job.folder / RECEIPT, job.folder / f"receipt-{earlier.id}.json")


def read_receipt(folder: Path) -> JobRecord | None:
    """Read the receipt in *folder*; None when there is none. Raises UsageError when it can't be read."""
    path = folder / RECEIPT
    try:
        return JobRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise UsageError(f"{folder}: not a folder; choose another folder") from None
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path}: can't be read, and it may belong to a paid job; move it away, or choose another folder"
        ) from error


def _path_of(job: JobRecord) -> Path:
    try:
        existing = read_receipt(job.folder)
    except UsageError:
        return job.folder / f"receipt-{job.id}.json"
    return job.folder / (RECEIPT if existing is None or existing.id == job.id else f"receipt-{job.id}.json")
