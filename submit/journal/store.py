"""Journal store: reading and writing jobs. Safe to use from several threads and processes."""

import re
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from prep.errors import Busy, UsageError
from prep.log import get_logger
from prep.model.redact import shown
from submit.errors import DamagedRecord, NoSuchJob, TakenRequest
from submit.journal import telemetry
from submit.journal.budget import Budget, count_again, keep_owed, refuse_over_budget, spent_usd
from submit.journal.database import Connection, Database, open_database
from submit.journal.place import State, folder_of, name_of, place_of
from submit.journal.record import JobRecord, Moment
from submit.journal.states import NEXT, OVER, OWED, UNSENT, JobState
from submit.journal.uploads import Uploads
from submit.platform import SANDBOX_ACCOUNT

# Without 0, 1, i, l and o: ids are read aloud and typed.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
ID_LENGTH = 8
NOT_IN_IDS = re.compile(r"[^0-9a-z]")

logger = get_logger(__name__)


class Journal:
    """The journal in *state*: a folder, which is created if necessary, or a PostgreSQL address; None: the default.

    Without *writable* a journal that can't be written is opened for reading. *name* says which it is, without a
    password; *folder* is where things beside the journal are kept on this computer.
    """

    def __init__(self, state: State | None = None, *, writable: bool = True) -> None:
        self.state = place_of(state)
        self.folder = folder_of(state)
        self.name = name_of(self.state)
        self._database: Database = open_database(self.state, writable=writable)
        self.uploads = Uploads(self._database)

    @property
    def read_only(self) -> bool:
        return self._database.read_only

    def begin(self, draft: JobRecord, *, again: bool = False) -> tuple[JobRecord, bool]:
        """Enter *draft* as a new job and return it with True, or return the job that is already there with False.

        That is one of the same account and key, unless it was cancelled before it was submitted: what `sent_job` finds,
        else the latest. *again* skips the search. Of several processes that call this at once, one enters the job and
        the others find it.
        """
        with self._database.transaction() as connection:
            if not again and (existing := _latest(connection, draft)) is not None:
                return existing, False
            begun = Moment(state=draft.state, at=self._database.now(connection))
            job = draft.model_copy(update={"id": _free_id(connection), "history": (begun,)})
            _insert(connection, job)
        telemetry.entered(job)
        return job, True

    def adopt(self, job: JobRecord) -> JobRecord:
        """Return *job*, which comes from a receipt, as the journal has it; enter it where the journal does not know it,
        its record is damaged, or it is a copy from before the job was sent.
        """
        with self._database.transaction() as connection:
            row = connection.execute("SELECT id, record, request_id FROM jobs WHERE id = ?", (job.id,)).fetchone()
            if row is not None:
                try:
                    known = _read(row)
                except DamagedRecord:
                    if job.ticket is None:  # the receipt is older than the record was
                        job = job.model_copy(update={"hint": row[2] or job.hint})
                else:
                    if not _was_sent_since(known, job):
                        return known
                connection.execute("DELETE FROM jobs WHERE id = ?", (job.id,))
            count_again(connection, job.id)
            _insert(connection, job)
            return job

    def move(
        self,
        job: JobRecord,
        to: JobState,
        note: str = "",
        *,
        budget: Budget | None = None,
        untaken: bool = False,
        **facts: Any,
    ) -> JobRecord:
        """Move *job* to the state *to* and update *facts*; on disk when this returns.

        With a *budget* the job becomes one of its batch, and what it may cost is reserved in the same transaction.
        Raises OverBudget when that is not left, Busy when the journal no longer has the job as given, because another
        process moved it, and, if it must be *untaken*, TakenRequest when its request belongs to another job.
        """
        if to not in NEXT[job.state]:
            raise ValueError(f"a job that is {job.state} can't become {to}")
        batch = {"batch": budget.batch} if budget else {}
        with self._database.transaction() as connection:
            row = connection.execute("SELECT id, record FROM jobs WHERE id = ?", (job.id,)).fetchone()
            if row is None or len(_read(row).history) != len(job.history):
                raise Busy(f"job {job.id} was changed by another process; see 'prep-and-submit status {job.id}'")
            moment = Moment(state=to, at=self._database.now(connection), note=note)
            moved = job.model_copy(update={**facts, **batch, "state": to, "history": (*job.history, moment)})
            if budget is not None:
                refuse_over_budget(moved, budget, connection)
            if untaken:
                _refuse_taken(moved, connection)
            connection.execute(
                "UPDATE jobs SET state = ?, request_id = ?, plan_key = ?, batch = ?, owed_microusd = ?, folder = ?, "
                "record = ? WHERE id = ?",
                (
                    moved.state,
                    _request_id(moved),
                    moved.plan_key,
                    moved.batch,
                    moved.owed_microusd,
                    str(moved.folder),
                    moved.model_dump_json(),
                    moved.id,
                ),
            )
        telemetry.moved(job, moved)
        return moved

    def begin_batch(self, batch: str) -> None:
        """Make this the journal of *batch*, a new id."""
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO batches (id) VALUES (?)", (batch,))

    def knows_batch(self, batch: str) -> bool:
        """Whether this is the journal of *batch*, and so knows what that has paid."""
        with self._database.connect() as connection:
            return connection.execute("SELECT 1 FROM batches WHERE id = ?", (batch,)).fetchone() is not None

    def spent_usd(self, batch: str) -> Decimal:
        """What the jobs of *batch* were billed, with the most that those without a bill may be."""
        with self._database.connect() as connection:
            return spent_usd(connection, batch)

    def sent_of_batch(self, batch: str, *, owed: bool = False) -> tuple[Path, ...]:
        """The folders of the jobs of *batch* that were sent, or may have been, however they ended; with *owed* only
        of those whose video is to come.
        """
        which = _IS_OWED if owed else f"NOT {_IS_UNSENT}"
        with self._database.connect() as connection:
            rows = connection.execute(
                f"SELECT folder FROM jobs WHERE batch = ? AND {which} ORDER BY rowid", (batch,)
            ).fetchall()
        return tuple(Path(row[0]) for row in rows if row[0])

    def latest_finished(self, like: JobRecord, most: int) -> tuple[JobRecord, ...]:
        """The latest jobs that were answered, of the endpoint of *like*, and in a sandbox or not as that."""
        with self._database.connect() as connection:
            rows = connection.execute(
                "SELECT id, record FROM jobs WHERE state IN ('completed', 'downloaded') AND (account = ?) = ? "
                "AND endpoint = ? ORDER BY rowid DESC LIMIT ?",
                (SANDBOX_ACCOUNT, like.sandbox, like.endpoint, most),
            ).fetchall()
        return tuple(_readable(rows))

    def get(self, job_id: str) -> JobRecord:
        """Return the job whose id begins with *job_id*.

        Raises NoSuchJob when there is none, UsageError when there is more than one, and DamagedRecord when its record
        can't be read.
        """
        prefix = job_id.strip().lower()
        if not prefix.isprintable():  # a database takes no half characters
            raise _no_such_job(job_id)
        with self._database.connect() as connection:
            rows = connection.execute(
                "SELECT id, record FROM jobs WHERE substr(id, 1, ?) = ? ORDER BY id <> ? LIMIT 2",
                (len(prefix), prefix, prefix),
            ).fetchall()
        if not rows or not prefix:
            raise _no_such_job(job_id)
        if len(rows) > 1 and rows[0][0] != prefix:  # another id may begin with a whole one: that of a receipt
            raise UsageError(f"{shown(job_id)}: several jobs begin with that; type more of the id")
        return _read(rows[0])

    def jobs(self, states: Collection[JobState] = ()) -> tuple[JobRecord, ...]:
        """List all jobs, or those in one of *states*, the last one entered first; damaged records are logged and left
        out.
        """
        where = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        with self._database.connect() as connection:
            rows = connection.execute(
                f"SELECT id, record FROM jobs {where} ORDER BY rowid DESC", tuple(states)
            ).fetchall()
        return tuple(_readable(rows))

    def sent_job(self, account: str, *, key: str = "", plan_key: str = "") -> JobRecord | None:
        """Return the job of that key or that plan whose request was sent, or may have been: see `_FIRST`."""
        column, value = ("plan_key", plan_key) if plan_key else ("key", key)
        with self._database.connect() as connection:
            row = connection.execute(
                f"SELECT id, record FROM jobs WHERE account = ? AND {column} = ? "
                f"AND NOT {_IS_UNSENT} AND {_TAKEN_OR_NOT_OVER} ORDER BY {_FIRST} LIMIT 1",
                (account, value),
            ).fetchone()
        return None if row is None else _read(row)

    def has(self, job_id: str) -> bool:
        """Whether the journal knows the job with exactly that id."""
        return self._id_where("id", job_id) is not None

    def job_of_request(self, request_id: str) -> str | None:
        """Return the id of the job with that request id, if there is one."""
        return self._id_where("request_id", request_id)

    def _id_where(self, column: Literal["id", "request_id"], value: str) -> str | None:
        if not value.isprintable():  # a database takes no half characters
            return None
        with self._database.connect() as connection:
            row = connection.execute(f"SELECT id FROM jobs WHERE {column} = ?", (value,)).fetchone()
        return None if row is None else str(row[0])

    def forget(self, job_id: str) -> None:
        """Remove a job; the budget of its batch goes on to count what it owes."""
        with self._database.transaction() as connection:
            keep_owed(connection, job_id)
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    @contextmanager
    def claim(self, job_id: str) -> Iterator[None]:
        """Hold the job while changing or sending it. The claim ends with its process, however that ends.

        Raises Busy when a living process holds it.
        """
        name = NOT_IN_IDS.sub("-", job_id)  # a damaged row may be called anything
        with self._database.claim(name, f"job {job_id}: another process is working on it"):
            yield


_IS_UNSENT, _IS_OVER, _IS_OWED = (f"state IN ({', '.join(map(repr, states))})" for states in (UNSENT, OVER, OWED))
_TAKEN_OR_NOT_OVER = f"(request_id IS NOT NULL OR NOT {_IS_OVER})"
# Of equal jobs one that was sent comes first, since another would be paid for; then one that goes on or is done; then
# the one entered last. Its time says nothing: clocks jump.
_FIRST = f"{_IS_UNSENT}, {_IS_OVER}, rowid DESC"


def _latest(connection: Connection, draft: JobRecord) -> JobRecord | None:
    row = connection.execute(
        f"SELECT id, record FROM jobs WHERE account = ? AND key = ? AND {_TAKEN_OR_NOT_OVER} ORDER BY {_FIRST} LIMIT 1",
        (draft.account, draft.key),
    ).fetchone()
    return _of_same_sources(connection, draft) if row is None else _read(row)


def _of_same_sources(connection: Connection, draft: JobRecord) -> JobRecord | None:
    """The sent job of the same plan for the same sources: encoders make other bytes on other computers.

    A plan samples its sources; the manifest has the hash of all that was read.
    """
    rows = connection.execute(
        "SELECT id, record FROM jobs WHERE account = ? AND plan_key = ? AND plan_key <> '' "
        f"AND NOT {_IS_UNSENT} AND {_TAKEN_OR_NOT_OVER} ORDER BY {_FIRST}",
        (draft.account, draft.plan_key),
    ).fetchall()
    return next((job for job in _readable(rows) if job.sources == draft.sources), None)


def _was_sent_since(known: JobRecord, job: JobRecord) -> bool:
    """Whether *job* is *known*, and was sent since."""
    goes_on = job.history[: len(known.history)] == known.history
    return known.state in UNSENT and job.state not in (*UNSENT, "cancelled") and goes_on


def _refuse_taken(job: JobRecord, connection: Connection) -> None:
    request_id = _request_id(job)
    row = connection.execute("SELECT id FROM jobs WHERE request_id = ? AND id <> ?", (request_id, job.id)).fetchone()
    if row is not None:
        raise TakenRequest(f"{request_id} is the request of job {row[0]}; look for that of job {job.id}")


def _no_such_job(job_id: str) -> NoSuchJob:
    return NoSuchJob(f"{shown(job_id)}: no such job; 'prep-and-submit jobs' lists them")


def _free_id(connection: Connection) -> str:
    while True:
        job_id = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
        if connection.execute("SELECT 1 FROM jobs WHERE id = ?", (job_id,)).fetchone() is None:
            return job_id


def _insert(connection: Connection, job: JobRecord) -> None:
    connection.execute(
        "INSERT INTO jobs (id, account, key, plan_key, batch, owed_microusd, state, request_id, created_at, endpoint, "
        "folder, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job.id,
            job.account,
            job.key,
            job.plan_key,
            job.batch,
            job.owed_microusd,
            job.state,
            _request_id(job),
            job.created_at.isoformat(),
            job.endpoint,
            str(job.folder),
            job.model_dump_json(),
        ),
    )


def _request_id(job: JobRecord) -> str | None:
    return job.ticket.request_id if job.ticket else None


def _read(row: tuple[str, ...]) -> JobRecord:
    """Read a row that begins with id and record. Raises DamagedRecord."""
    try:
        job = JobRecord.model_validate_json(row[1])
        if job.id == row[0] and job.history and all(file.name or file.url for file in job.files):
            return job
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # written over, or by something else
        raise DamagedRecord(row[0]) from error
    raise DamagedRecord(row[0])


def _readable(rows: Iterable[tuple[str, ...]]) -> Iterator[JobRecord]:
    for row in rows:
        try:
            yield _read(row)
        except DamagedRecord as error:
            logger.warning("%s", error)
