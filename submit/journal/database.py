"""Database port: what the journal needs of SQLite or PostgreSQL.

The statements of `store`, `uploads` and `budget` are written once, in the SQL that both understand, with `?` for
parameters. The tables are the same; each adapter creates them in its own types.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from prep.errors import UsageError


class Rows(Protocol):
    """The answer to a statement; *rowcount* is the number of rows that it changed."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """A connection for one block; no other thread uses it meanwhile."""

    def execute(self, statement: str, parameters: Sequence[Any] = ..., /) -> Rows: ...


class Database(Protocol):
    """The database of a journal. Safe to use from several threads and processes."""

    @property
    def read_only(self) -> bool:
        """Whether only its content is wanted, since it can't be written."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Connect for the length of the block. Raises UsageError when it can't be used, JournalUnavailable when its
        server can't be reached, or is lost on the way.
        """

    def transaction(self) -> AbstractContextManager[Connection]:
        """Open a write transaction, exclusive among all processes; it is rolled back when the block raises.

        It is on disk when the block has ended.
        """

    def now(self, connection: Connection) -> datetime:
        """The time, by the one clock that all processes share."""

    def claim(self, name: str, busy: str) -> AbstractContextManager[None]:
        """Hold *name*, letters and digits, against all other threads and processes. The claim ends with its process,
        however that ends. Raises Busy, with the message *busy*, when a living process holds it.
        """


def open_database(place: Path | str, *, writable: bool) -> Database:
    """Open the database in a folder or at an address, and create or migrate it if necessary.

    Unless *writable*, one that can't be written is opened for reading.
    """
    if isinstance(place, Path):
        from submit.journal.sqlite import open_sqlite

        return open_sqlite(place, writable=writable)
    if find_spec("psycopg") is None:
        raise UsageError("a journal in PostgreSQL needs psycopg; pip install 'prep-and-submit[postgres]'")
    from submit.journal.postgres import open_postgres

    return open_postgres(place, writable=writable)
