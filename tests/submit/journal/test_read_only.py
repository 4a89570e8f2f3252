"""A journal that can't be written can be read: on a read-only disk, or in another user's folder."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prep.errors import UsageError
from submit.job.lookup import find
from submit.job.manage import status
from submit.journal import JobRecord, Journal
from submit.journal.place import JOURNAL
from tests.submit.journal.records import record

NOBODY = 65_534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="read-only-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def _without_rights(folder: Path) -> Iterator[None]:
    """Nothing in *folder* can be written inside the block, not even by root."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)


@pytest.fixture
def job(folder: Path) -> JobRecord:
    return Journal(folder).begin(record())[0]


@pytest.mark.parametrize("claims", [True, False])
def test_jobs_and_status(folder: Path, job: JobRecord, claims: bool) -> None:
    if not claims:
        shutil.rmtree(folder / "claims", ignore_errors=True)
    with _without_rights(folder):
        journal = Journal(folder, writable=False)
        assert journal.jobs() == (job,)
        assert find(job.id[:7], journal) == job
        assert status(job, journal, None).job == job
        assert journal.uploads.all() == ()


def test_what_was_not_checkpointed_is_read_as_well(folder: Path, job: JobRecord) -> None:
    """A process that was killed leaves its last commits in the file beside the journal."""
    connection = sqlite3.connect(folder / JOURNAL, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("UPDATE jobs SET state = state")
    later = Journal(folder).begin(record(key="another"))[0]
    assert (folder / f"{JOURNAL}-wal").stat().st_size
    with _without_rights(folder):
        assert [known.id for known in Journal(folder, writable=False).jobs()] == [later.id, job.id]
    connection.close()


def test_nothing_can_be_written_to_it(folder: Path, job: JobRecord) -> None:
    with _without_rights(folder):
        for act in (lambda: Journal(folder), lambda: Journal(folder, writable=False).move(job, "uploaded")):
            with pytest.raises(UsageError, match="can't"):
                act()


def test_one_that_is_not_there(folder: Path) -> None:
    with _without_rights(folder):
        with pytest.raises(UsageError, match="can't"):
            Journal(folder / "none", writable=False)
        with pytest.raises(UsageError, match="can't"):
            Journal(folder, writable=False)
