"""Locks of the journal's file: no thread gives up those of another."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from submit.journal import Journal
from submit.journal.sqlite import SQLite

# SQLite's range for readers (SHARED_FIRST and SHARED_SIZE in its os.h): whoever gets all of it may remove the log.
TAKE = """
import fcntl, sys
with open(sys.argv[1], "rb+") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
    except OSError:
        sys.exit(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a lock of Windows belongs to the open file")
def test_a_second_connection_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    path = Journal(tmp_path).folder / "journal.sqlite3"
    first, second = SQLite(tmp_path), SQLite(tmp_path)

    def others_can_take_it() -> bool:
        return subprocess.run([sys.executable, "-c", TAKE, str(path)], check=False).returncode == 0

    with first.connect() as connection:
        connection.execute("SELECT COUNT(*) FROM jobs").fetchone()
        assert not others_can_take_it()
        with second.connect():
            pass
        assert not others_can_take_it()


def test_a_journal_that_another_process_is_just_creating_is_waited_for(tmp_path: Path) -> None:
    """It has no table yet, and no write-ahead log: read as it is, it would hold no job."""
    path = tmp_path / "journal.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        ending = threading.Timer(0.3, other.execute, ("ROLLBACK",))
        ending.start()
        journal = Journal(tmp_path, writable=False)
        ending.join()
    assert not journal.read_only
    assert journal.jobs() == ()
