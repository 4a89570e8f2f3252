"""PostgreSQL: the journal as a database that several computers share. Needs the extra ``postgres``.

Why claims are session locks and not leases: docs/decisions/0014-claims-end-with-a-session.md.
"""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import psycopg

from prep.errors import Busy, PrepError, UsageError
from prep.model.redact import shown
from submit.errors import JournalUnavailable
from submit.journal.database import Connection
from submit.journal.place import without_password
from submit.journal.postgres_session import SCHEMA, Claims, Session, key_of, reconnect

# One entry for each version; a journal is migrated by those it has not seen. Never change a released one.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE jobs (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            key TEXT NOT NULL,
            plan_key TEXT NOT NULL,
            batch TEXT NOT NULL,
            owed_microusd BIGINT NOT NULL,  -- `JobRecord.owed_microusd`
            state TEXT NOT NULL,
            request_id TEXT,
            created_at TEXT COLLATE "C" NOT NULL,
            endpoint TEXT NOT NULL,
            folder TEXT NOT NULL,
            record TEXT NOT NULL,  -- JSON: everything, with the columns above once more
            rowid BIGINT GENERATED ALWAYS AS IDENTITY  -- the order of entry, as in SQLite
        )
        """,
        "CREATE INDEX jobs_of_key ON jobs (account, key)",
        "CREATE INDEX jobs_of_plan ON jobs (account, plan_key)",
        "CREATE INDEX jobs_of_request ON jobs (request_id)",
        "CREATE INDEX jobs_of_batch ON jobs (batch)",
        """
        CREATE TABLE uploads (
            account TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            media_type TEXT NOT NULL,
            url TEXT NOT NULL,
            bytes BIGINT NOT NULL,
            uploaded_at DOUBLE PRECISION NOT NULL,
            expires_at DOUBLE PRECISION,  -- NULL: never
            PRIMARY KEY (account, sha256, media_type)
        )
        """,
    ),
    ("CREATE TABLE forgotten (id TEXT PRIMARY KEY, batch TEXT NOT NULL, owed_microusd BIGINT NOT NULL)",),
    (
        "CREATE TABLE batches (id TEXT PRIMARY KEY)",
        "INSERT INTO batches (id) SELECT DISTINCT batch FROM jobs WHERE batch != ''",
    ),
)
WRITERS = key_of("writers")
CONNECTIONS = 4  # of one process at a time, beside the one that holds its claims

_databases: "weakref.WeakValueDictionary[str, PostgreSQL]" = weakref.WeakValueDictionary()
_opening = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_databases.clear)  # connections belong to the parent


def open_postgres(address: str, *, writable: bool) -> "PostgreSQL":
    """Connect to the journal at *address*; create or migrate it if necessary. A process has one for each address."""
    with _opening:
        database = _databases.get(address) or PostgreSQL(address)
        _databases[address] = database
    database.prepare(writable=writable)
    return database


class PostgreSQL:
    """The journal at *address*, with a few connections, which are kept for the next use and closed with it."""

    def __init__(self, address: str) -> None:
        self.name = without_password(address)
        self.read_only = False
        self._address = address
        self._was_there = False
        self._places = threading.BoundedSemaphore(CONNECTIONS)
        self._idle: list[Session] = []
        self._claims = Claims(address)
        weakref.finalize(self, _close, os.getpid(), self._idle, self._claims)

    def prepare(self, *, writable: bool) -> None:
        """Create or migrate the journal. Raises UsageError unless it can be used, and written if *writable*."""
        with self.connect() as session:
            version = self._version(session)
            self.read_only = session.execute("SHOW transaction_read_only").fetchone() == ("on",)
        self._was_there = True
        if version > len(MIGRATIONS):
            raise self._newer()
        if version < len(MIGRATIONS):
            self._migrate()
        elif self.read_only and writable:
            raise UsageError(f"{self.name}: can't use the journal: the server is read-only; name its primary server")

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._errors(), self._places:
            session = self._living()
            try:
                yield session
            finally:
                if session.is_idle:
                    self._idle.append(session)
                else:
                    session.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.connect() as session:
            session.execute("BEGIN ISOLATION LEVEL READ COMMITTED")  # each statement sees what others have committed
            try:
                session.execute("SELECT pg_advisory_xact_lock(?)", (WRITERS,))
                yield session
            except BaseException:
                with suppress(psycopg.Error):  # the connection is lost, and that is the error to report
                    session.execute("ROLLBACK")
                raise
            session.execute("COMMIT")

    def now(self, connection: Connection) -> datetime:
        at: datetime = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        return at.astimezone(UTC)

    @contextmanager
    def claim(self, name: str, busy: str) -> Iterator[None]:
        with self._errors():
            if not self._claims.take(name):
                raise Busy(busy)
        try:
            yield
        finally:
            self._claims.release(name)

    def _living(self) -> Session:
        with suppress(IndexError):
            while True:
                session = self._idle.pop()
                if session.is_alive():
                    return session
        return reconnect(self._address) if self._was_there else Session(self._address)

    def _migrate(self) -> None:
        with self.transaction() as session:
            if session.execute("SHOW server_encoding").fetchone() != ("UTF8",):
                raise UsageError(f"{self.name}: can't use the journal: the database has to be encoded in UTF-8")
            if session.execute("SELECT to_regnamespace(?)", (SCHEMA,)).fetchone() == (None,):
                session.execute(f"CREATE SCHEMA {SCHEMA}")
            version = self._version(session)  # another process may have been first
            if version > len(MIGRATIONS):
                raise self._newer()
            for steps in MIGRATIONS[version:]:
                for step in steps:
                    session.execute(step)
            session.execute("CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL)")
            session.execute("DELETE FROM version")
            session.execute("INSERT INTO version (number) VALUES (?)", (len(MIGRATIONS),))

    def _version(self, session: Connection) -> int:
        if session.execute("SELECT to_regclass(?)", (f"{SCHEMA}.version",)).fetchone() == (None,):
            return 0
        found = session.execute("SELECT number FROM version").fetchall()
        if len(found) != 1 or not isinstance(found[0][0], int):
            raise UsageError(
                f"{self.name}: can't use the journal: its table `version` should hold one number; restore a backup"
            )
        return int(found[0][0])

    def _newer(self) -> UsageError:
        return UsageError(f"{self.name} was written by a newer version of prep-and-submit; update this one")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise _failure(self.name, error) from error
        except UnicodeDecodeError:
            raise UsageError(f"{self.name}: can't use the journal: what it holds is not UTF-8") from None


def _failure(name: str, error: psycopg.Error) -> PrepError:
    lines = (error.diag.message_primary or str(error)).splitlines() or [type(error).__name__]
    reason = next((line for line in lines if "failed: " in line), lines[0]).rpartition("failed: ")[2].strip()
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return JournalUnavailable(
            f"{name}: the journal can't be reached: {shown(reason)}; run the same again when it can, "
            "which pays for nothing twice"
        )
    return UsageError(f"{name}: can't use the journal: {shown(reason)}")


def _close(process: int, idle: list[Session], claims: Claims) -> None:
    if os.getpid() == process:  # a forked child would end the sessions of its parent
        claims.close()
        while idle:
            idle.pop().close()
