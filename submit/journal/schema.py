"""Journal schema: its tables, and the migrations of older ones."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from prep.errors import UsageError

# One entry for each version; a journal is migrated by those it has not seen. Never change a released one.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE jobs (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            key TEXT NOT NULL,
            state TEXT NOT NULL,
            request_id TEXT,
            created_at TEXT NOT NULL,
            record TEXT NOT NULL  -- JSON: everything, with the columns above once more
        ) STRICT
        """,
        "CREATE INDEX jobs_of_key ON jobs (account, key)",
        "CREATE INDEX jobs_of_request ON jobs (request_id)",
        """
        CREATE TABLE uploads (
            account TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            media_type TEXT NOT NULL,
            url TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            uploaded_at REAL NOT NULL,
            expires_at REAL,  -- NULL: never
            PRIMARY KEY (account, sha256, media_type)
        ) STRICT
        """,
    ),
    (
        "ALTER TABLE jobs ADD COLUMN plan_key TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX jobs_of_plan ON jobs (account, plan_key)",
    ),
)
BUSY_S = 60.0  # how long writers wait for each other


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to the journal at *path*; create or migrate it if necessary.

    A commit is on disk when it returns. Raises UsageError when the file can't be used as a journal.
    """
    try:
        _keep_private(path)
        with closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # WAL alone may lose the last commits when the power fails
            if connection.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
                _migrate(connection, path)
            yield connection
    except sqlite3.Error as error:
        raise UsageError(
            f"{path}: can't use the journal: {error}. "
            "Free disk space, fix the file's permissions, or name another folder with `state`"
        ) from error


def _keep_private(path: Path) -> None:
    """Let only its owner read the journal; SQLite gives the files beside it the same mode."""
    with suppress(OSError):  # what SQLite then says is clearer
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a write transaction, exclusive among all processes; it is rolled back when the block raises."""
    with connect(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]  # another process may have been first
        if version > len(MIGRATIONS):
            raise UsageError(f"{path} was written by a newer version of prep-and-submit; update this one")
        for steps in MIGRATIONS[version:]:
            for step in steps:
                connection.execute(step)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
