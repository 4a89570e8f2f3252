"""Request notes: request ids that are kept outside the journal while that can't be written."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prep.errors import UsageError
from prep.media.io.files import is_own
from prep.media.io.text_file import read_bytes
from submit.journal import JobRecord, Journal
from submit.platform import REQUEST_ID

NOTE_BYTES = 1_000


def save_request_id(job: JobRecord, request_id: str, journal: Journal) -> Path | None:
    """Write *request_id* to the first place that takes it, and return that; None when there is none.

    The notes of earlier requests of *job* go: a note is newer than what the journal has.
    """
    drop_request_id(job, journal)
    for path in _places(job, journal):
        with suppress(OSError):
            # exclusive, and not through a link: the folder for temporary files belongs to everybody
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with open(descriptor, "w", encoding="ascii") as file:
                    file.write(request_id)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError:
                path.unlink(missing_ok=True)
                raise
            return path
    return None


def load_request_id(job: JobRecord, journal: Journal) -> str | None:
    """Return the request id that was saved for *job*; the platform has to confirm it."""
    for path in _places(job, journal):
        with suppress(UsageError, OSError, ValueError):
            if path.parent == _temporary_folder() and not is_own(path):
                continue
            text = read_bytes(path, NOTE_BYTES).decode("ascii").strip()
            if REQUEST_ID.fullmatch(text):
                return text
    return None


def drop_request_id(job: JobRecord, journal: Journal) -> None:
    """Remove the notes of *job*: the journal has its request id by now."""
    for path in _places(job, journal):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _places(job: JobRecord, journal: Journal) -> Iterator[Path]:
    for folder in (job.folder, journal.folder, _temporary_folder()):
        yield folder / f"request-of-{job.id}.txt"


def _temporary_folder() -> Path:
    return Path(tempfile.gettempdir())
