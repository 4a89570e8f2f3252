"""The receipt: what the journal knows about a job, as a document beside its files."""

import logging
import os
from pathlib import Path

from pydantic import ValidationError

from prep.errors import UsageError
from prep.model.redact import without_secrets
from submit.journal import JobRecord

RECEIPT = "receipt.json"

logger = logging.getLogger(__name__)


def write_receipt(job: JobRecord) -> None:
    """Write the receipt of *job*: receipt.json, or receipt-JOB.json where another job has that name.

    The journal is what counts: a folder that can't be written to is no reason to lose track of a job.
    """
    try:
        path = _path_of(job)
        temporary = path.with_name(f"{path.name}.part")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(_told(job).model_dump_json(indent=2, exclude_none=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        logger.warning("the receipt of job %s can't be written: %s", job.id, error)


def _told(job: JobRecord) -> JobRecord:
    """*job* without the queries of the URLs that were passed on, which can be what opens a file to its bearer."""
    entries = job.manifest["entries"]
    if not any(entry["output"].get("url") for entry in entries):
        return job
    told = [
        entry | {"output": entry["output"] | {"url": without_secrets(entry["output"].get("url") or "") or None}}
        for entry in entries
    ]
    return job.model_copy(update={"request": job.request.told(), "manifest": job.manifest | {"entries": told}})


def make_room(job: JobRecord) -> None:
    """Give the receipt of an earlier job in the folder a name of its own: receipt.json is that of the latest."""
    earlier = read_receipt(job.folder)
    if earlier is not None and earlier.id != job.id:
        os.replace(job.folder / RECEIPT, job.folder / f"receipt-{earlier.id}.json")


def read_receipt(folder: Path) -> JobRecord | None:
    """What the receipt in *folder* says; None when there is none. Raises UsageError when it can't be read."""
    path = folder / RECEIPT
    try:
        return JobRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise UsageError(f"{folder}: not a folder; choose another folder") from None
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path}: can't be read, and it may be the trace of something that was paid for; "
            "move it away, or choose another folder"
        ) from error


def _path_of(job: JobRecord) -> Path:
    try:
        there = read_receipt(job.folder)
    except UsageError:
        return job.folder / f"receipt-{job.id}.json"
    return job.folder / (RECEIPT if there is None or there.id == job.id else f"receipt-{job.id}.json")
