"""SQLite: the journal as a file in a folder, its tables, and the migrations of older ones."""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from prep.errors import UsageError
from prep.execution.lock import locked
from submit.journal.database import Connection
from submit.journal.place import JOURNAL

CLAIMS = "claims"
LONGEST_NAME = 64
ANOTHER_FOLDER = "name another folder with `state`"

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
    (
        "ALTER TABLE jobs ADD COLUMN batch TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE jobs ADD COLUMN owed_microusd INTEGER NOT NULL DEFAULT 0",  # `JobRecord.owed_microusd`
        "CREATE INDEX jobs_of_batch ON jobs (batch)",
    ),
    (
        "ALTER TABLE jobs ADD COLUMN endpoint TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE jobs ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
        """
        UPDATE jobs SET endpoint = COALESCE(json_extract(record, '$.endpoint'), ''),
            folder = COALESCE(json_extract(record, '$.folder'), '') WHERE json_valid(record)
        """,
    ),
    (
        """
        CREATE TABLE forgotten (  -- what jobs that were forgotten owed, which their batch counts all the same
            id TEXT PRIMARY KEY,
            batch TEXT NOT NULL,
            owed_microusd INTEGER NOT NULL
        ) STRICT
        """,
    ),
    (
        "CREATE TABLE batches (id TEXT PRIMARY KEY) STRICT",  # those that this journal has the payments of
        "INSERT INTO batches (id) SELECT DISTINCT batch FROM jobs WHERE batch != ''",
    ),
)
_creating = threading.Lock()
BUSY_S = 60.0  # how long writers wait for each other
PAUSE_S = 0.02


def open_sqlite(folder: Path, *, writable: bool) -> "SQLite":
    """Open the journal in *folder*, which is created if necessary; a broken one is an error before anything is done."""
    database = SQLite(folder)
    try:
        _make_folders(folder)
        with database.transaction():
            pass
    except UsageError:
        if writable or not database.path.is_file():
            raise
        database = SQLite(folder, read_only=True)
        with database.connect():
            pass
    return database


def _make_folders(folder: Path) -> None:
    try:
        # it holds prompts, and URLs that anybody may fetch
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / CLAIMS).mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"{folder}: can't be used for the journal: {error.strerror}; {ANOTHER_FOLDER}") from error


class SQLite:
    """The journal in *folder*; keeps nothing open. *read_only*: it can't be written, as on a read-only disk."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.path = folder / JOURNAL
        self.read_only = read_only
        self._claims = folder / CLAIMS

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """Connect to the journal; create or migrate it if necessary, unless it is only to be read.

        A commit is on disk when it returns. Raises UsageError when the file can't be used as a journal.
        """
        try:
            with closing(self._read_only() if self.read_only else self._writable()) as connection:
                yield connection
        except sqlite3.Error as error:
            raise UsageError(
                f"{self.path}: can't use the journal: {error}. "
                f"Free disk space, fix the file's permissions, or {ANOTHER_FOLDER}"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction, exclusive among all processes; it is rolled back when the block raises."""
        with self.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                _roll_back(connection)
                raise
            connection.execute("COMMIT")

    def now(self, _: Connection) -> datetime:
        return datetime.now(UTC)

    @contextmanager
    def claim(self, name: str, busy: str) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self._claims / name[:LONGEST_NAME], busy))
            except OSError as error:
                raise UsageError(f"{self._claims}: can't be written to: {error.strerror}; {ANOTHER_FOLDER}") from error
            yield

    def _writable(self) -> sqlite3.Connection:
        _keep_private(self.path)
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        try:
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous = FULL")  # WAL alone may lose the last commits when the power fails
            _refuse_odd(connection, self.path)
            if _version(connection) != len(MIGRATIONS):
                _migrate(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _read_only(self) -> sqlite3.Connection:
        """With the changes that were not checkpointed, if SQLite can read those; else as the file itself is."""
        try:
            return self._opened("mode=ro")
        except sqlite3.OperationalError:  # without its shared memory, which can't be created here
            return self._opened("mode=ro&immutable=1")

    def _opened(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?{mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
        try:
            _refuse_odd(connection, self.path)
            if _version(connection) > len(MIGRATIONS):
                raise _newer(self.path)
        except BaseException:
            connection.close()
            raise
        return connection


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk has ended it already, and that is the error to be told
        connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_odd(connection: sqlite3.Connection, path: Path) -> None:
    """Raise UsageError for a database that may do more than keep rows: a view can have rows without end."""
    odd = "SELECT 1 FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%' LIMIT 1"
    if connection.execute(odd).fetchone():
        raise UsageError(f"{path}: not a journal of prep-and-submit; {ANOTHER_FOLDER}")


def _newer(path: Path) -> UsageError:
    return UsageError(f"{path} was written by a newer version of prep-and-submit; update this one")


def _keep_private(path: Path) -> None:
    """Let only its owner read the journal; SQLite gives the files beside it the same mode.

    A journal that is there is not opened: closing a file gives up every lock that this process has on it, those of
    SQLite in other threads too, and another process would then take away the log that they write to (sqlite.org/
    howtocorrupt.html, 2.2).
    """
    with suppress(OSError):  # what SQLite then says is clearer
        with _creating:
            if not path.exists():
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. For this SQLite does not always wait for another process that creates the file."""
    given_up = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # the rest says why
            if not is_busy or time.monotonic() > given_up:
                raise
            time.sleep(PAUSE_S)
        else:
            return


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another process may have been first
        if version > len(MIGRATIONS):
            raise _newer(path)
        for steps in MIGRATIONS[version:]:
            for step in steps:
                connection.execute(step)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
