"""Receipt: the journal's record of a job, as a document beside its files."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from prep.errors import UsageError
from prep.log import get_logger
from prep.media.io.files import leftovers, replacing, writing
from prep.media.io.text_file import read_bytes
from submit.journal import JobRecord

if sys.platform != "win32":
    import fcntl

RECEIPT, EARLIER = "receipt.json", "receipt-*.json"
MOST_BYTES = 64_000_000
PATIENCE_S, TICK_S = 2.0, 0.005
# What a receipt of a stranger may raise where its values are not what they should be.
ODD = (LookupError, TypeError, ValueError, ArithmeticError, RecursionError, AttributeError)

logger = get_logger(__name__)


def write_receipt(job: JobRecord) -> None:
    """Write the receipt of *job* to receipt.json, or to receipt-JOB.json where another job has that name, or had it.

    Only its owner may read it. Failing only logs a warning: the journal is what counts.
    """
    try:
        with _alone(job.folder), replacing(_path_of(job), 0o600) as file:
            file.write(job.redacted().model_dump_json(indent=2, exclude_none=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        logger.warning("can't write the receipt of job %s: %s", job.id, error)


def make_room(job: JobRecord) -> None:
    """Rename the receipt of an earlier job in the folder: receipt.json is that of the latest.

    The caller holds the folder, so what a killed process left half-written is removed.
    """
    with writing(job.folder), _alone(job.folder):
        for path in leftovers(job.folder):
            if path.is_file():
                path.unlink()
        earlier = read_receipt(job.folder)
        if earlier is not None and earlier.id != job.id:
            os.replace(job.folder / RECEIPT, _own_path(earlier))
        if earlier is None or earlier.id != job.id:
            with suppress(FileNotFoundError):
                os.replace(_own_path(job), job.folder / RECEIPT)


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
        return _own_path(job)
    if existing is None:  # not while another job has made room and is about to write its own
        return _own_path(job) if _own_path(job).exists() else job.folder / RECEIPT
    return job.folder / RECEIPT if existing.id == job.id else _own_path(job)


def _own_path(job: JobRecord) -> Path:
    return job.folder / f"receipt-{job.id}.json"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others from naming receipts in *folder* meanwhile, where the system can, and for as long as they may take.

    A job that is only waited for is written without the claim of its folder.
    """
    with ExitStack() as stack:
        if sys.platform != "win32":
            with suppress(OSError):  # some file systems have no locks
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
                stack.callback(os.close, descriptor)
                _lock(descriptor)
        yield


def _lock(descriptor: int) -> None:
    """Lock it, or go on without after PATIENCE_S: a stranger who can read the folder could hold it for good."""
    deadline = time.monotonic() + PATIENCE_S
    while sys.platform != "win32" and time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(TICK_S)
        else:
            return
