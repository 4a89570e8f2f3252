"""PostgreSQL sessions: one connection each, and the claims that a process holds by one."""

import hashlib
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from prep.errors import UsageError

SCHEMA = "prep_and_submit"
RECONNECT_PAUSES_S = (0.5, 1.0, 2.0, 4.0)
# A dead network or server is noticed within a minute. An address may say otherwise.
DEFAULTS = {
    "application_name": "prep-and-submit",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# The server, too, notices within a minute that this computer is gone, and ends its claims. A process that is stopped in
# a transaction, which takes milliseconds, does not hold up the others for longer than they wait. A commit is on disk
# when it returns, whatever the database's default is. Names that an older server does not know are left out.
SETTINGS = f"""
    SELECT set_config(name, wanted, false) FROM (VALUES
        ('search_path', '{SCHEMA}'), ('lock_timeout', '60000'), ('idle_session_timeout', '0'),
        ('idle_in_transaction_session_timeout', '30000'),
        ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'),
        ('synchronous_commit', 'on')
    ) AS settings (name, wanted) JOIN pg_settings USING (name)
    WHERE name != 'synchronous_commit' OR setting IN ('off', 'local')
"""


# A frozen server keeps its connections and never answers. A statement may wait a minute for a lock.
GREETING_S, ANSWER_S = 10.0, 75.0


class _Connection(psycopg.Connection[Any]):
    """A connection whose server has *answer_s* for each answer."""

    answer_s = GREETING_S

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, self.answer_s if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.info.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise psycopg.OperationalError(f"the server did not answer within {self.answer_s:g} s") from None


class Session:
    """A connection to *address*. Raises psycopg.Error."""

    def __init__(self, address: str) -> None:
        try:
            parameters: dict[str, Any] = {**DEFAULTS, **conninfo_to_dict(address), "client_encoding": "utf8"}
        except psycopg.ProgrammingError:  # whose message may contain a part of the password
            raise UsageError("state: PostgreSQL's client can't read this address; check its options") from None
        self._connection = _Connection.connect(make_conninfo("", **parameters), autocommit=True, prepare_threshold=None)
        try:
            self.execute(SETTINGS)
        except BaseException:
            self.close()
            raise
        self._connection.answer_s = ANSWER_S

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        return self._connection.execute(statement.replace("?", "%s").encode(), parameters or None)

    @property
    def is_idle(self) -> bool:
        return self._connection.info.transaction_status == TransactionStatus.IDLE

    def is_alive(self) -> bool:
        """Ask the server; a session that it does not answer is closed."""
        self._connection.answer_s = GREETING_S
        try:
            self.execute("SELECT 1")
        except psycopg.Error:
            self.close()
            return False
        self._connection.answer_s = ANSWER_S
        return True

    def close(self) -> None:
        self._connection.close()


def reconnect(address: str) -> Session:
    """Connect to a server that was there before, and wait for it while it restarts."""
    for pause_s in RECONNECT_PAUSES_S:
        with suppress(psycopg.OperationalError):
            return Session(address)
        time.sleep(pause_s)
    return Session(address)


class Claims:
    """The claims of this process: locks of one session, which the server ends with it, whatever ends that."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session: Session | None = None
        self._names: set[str] = set()
        self._lock = threading.Lock()

    def take(self, name: str) -> bool:
        """Claim *name*; False when it is claimed. Raises psycopg.Error."""
        with self._lock:
            if name in self._names or not _try_lock(self._living(), name):
                return False
            self._names.add(name)
            return True

    def release(self, name: str) -> None:
        with self._lock:
            self._names.discard(name)
            with suppress(psycopg.Error):  # the session is lost, and its locks with it
                if self._session is not None:
                    self._session.execute("SELECT pg_advisory_unlock(?)", (key_of(name),))

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _living(self) -> Session:
        """The session; a new one when the old one was lost, with its claims unless others have them by now."""
        if self._session is None or not self._session.is_alive():
            self._session = reconnect(self._address)
            for name in self._names:
                _try_lock(self._session, name)
        return self._session


def _try_lock(session: Session, name: str) -> bool:
    return session.execute("SELECT pg_try_advisory_lock(?)", (key_of(name),)).fetchone() == (True,)


def key_of(name: str) -> int:
    """The 64-bit number of an advisory lock; other programs in the same database have others."""
    return int.from_bytes(hashlib.sha256(f"prep-and-submit {name}".encode()).digest()[:8], "big", signed=True)
