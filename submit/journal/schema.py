"""The journal's tables, and how older ones become the present ones."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from prep.errors import UsageError

# One entry for each version; a journal is brought up by those that it has not seen. Never change one that was released.
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
)
BUSY_S = 60.0  # writers wait for each other this long


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the journal in *path*, made or brought up to date if need be.

    What is committed is on disk when the commit returns. Raises UsageError when the file can't be used as a journal.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # WAL alone may lose the last commits when the power fails
            if connection.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
                _migrate(connection, path)
            yield connection
    except sqlite3.Error as error:
        raise UsageError(
            f"{path}: the journal can't be used: {error}; nothing is submitted without it. "
            "Free the disk, mend the file's permissions, or name another folder with `state`"
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction, alone among all processes from its beginning; rolled back when the block raises."""
    with opened(path) as connection:
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
