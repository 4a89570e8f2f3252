"""Reading and writing the journal. Safe from several threads and processes; nothing is kept open between two calls."""

import os
import secrets
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from prep.errors import Busy, UsageError
from prep.execution.lock import locked
from prep.model.redact import shown
from submit.journal.record import JobRecord, Moment
from submit.journal.schema import opened, writing
from submit.journal.states import NEXT, OVER, State
from submit.journal.uploads import Uploads

JOURNAL = "journal.sqlite3"
# Neither 0 and o, nor 1, i and l: an id is read aloud and typed.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
ID_LENGTH = 8


def default_folder() -> Path:
    """Where the journal lies when nobody says otherwise (on Linux ~/.local/state/prep-and-submit)."""
    return user_state_path("prep-and-submit", appauthor=False)


class Journal:
    """The journal in *folder*, which is made if need be; None: the platform's own place for state."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        try:
            # prompts, and URLs that anybody may fetch: nobody else's business
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.folder / "claims").mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise UsageError(f"{self.folder}: can't be used for the journal: {error.strerror}; see `state`") from error
        self._path = self.folder / JOURNAL
        self.uploads = Uploads(self._path)
        with opened(self._path):
            pass  # what is wrong with it is told before anything is done

    def begin(self, draft: JobRecord, *, again: bool = False) -> tuple[JobRecord, bool]:
        """Enter *draft* as a new job with an id of its own, and True; or the job that is already there, and False.

        That is the latest one of the same account and key that has neither failed nor been cancelled; with *again* it
        is not looked for. Of several processes that ask at once one enters the job and the others find it.
        """
        with writing(self._path) as connection:
            if not again and (found := _latest(connection, draft)) is not None:
                return found, False
            job = draft.model_copy(update={"id": _free_id(connection), "history": (_moment(draft.state, ""),)})
            _insert(connection, job)
            return job, True

    def adopt(self, job: JobRecord) -> JobRecord:
        """*job* as the journal has it; a job that it does not know (its receipt comes from elsewhere) is entered."""
        with writing(self._path) as connection:
            row = connection.execute("SELECT record FROM jobs WHERE id = ?", (job.id,)).fetchone()
            if row is not None:
                return _read(row)
            _insert(connection, job)
            return job

    def move(self, job: JobRecord, to: State, note: str = "", **facts: Any) -> JobRecord:
        """Bring *job* to the state *to* with new *facts*; on disk when this returns.

        Raises Busy when the journal no longer has the job as it is given: somebody else moved it.
        """
        if to not in NEXT[job.state]:
            raise ValueError(f"a job that is {job.state} can't become {to}")
        moved = job.model_copy(update={**facts, "state": to, "history": (*job.history, _moment(to, note))})
        with writing(self._path) as connection:
            row = connection.execute("SELECT record FROM jobs WHERE id = ?", (job.id,)).fetchone()
            if row is None or len(_read(row).history) != len(job.history):
                raise Busy(f"job {job.id} was changed by another process; look at 'prep-and-submit status {job.id}'")
            connection.execute(
                "UPDATE jobs SET state = ?, request_id = ?, record = ? WHERE id = ?",
                (moved.state, _request_id(moved), moved.model_dump_json(), moved.id),
            )
        return moved

    def get(self, job_id: str) -> JobRecord:
        """The job whose id begins with *job_id*. Raises UsageError when there is none, or more than one."""
        asked = job_id.strip().lower()
        with opened(self._path) as connection:
            rows = connection.execute(
                "SELECT record FROM jobs WHERE id = ? OR substr(id, 1, ?) = ? LIMIT 4", (asked, len(asked), asked)
            ).fetchall()
        if not rows or not asked:
            raise UsageError(f"{shown(job_id)}: no such job; 'prep-and-submit jobs' lists them")
        if len(rows) > 1:
            raise UsageError(f"{shown(job_id)}: more than one job begins with that; type more of its id")
        return _read(rows[0])

    def jobs(self, states: Collection[State] = ()) -> tuple[JobRecord, ...]:
        """All jobs, or those in one of *states*; the latest first."""
        wanted = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        with opened(self._path) as connection:
            rows = connection.execute(
                f"SELECT record FROM jobs {wanted} ORDER BY created_at DESC, rowid DESC", tuple(states)
            ).fetchall()
        return tuple(_read(row) for row in rows)

    def job_of_request(self, request_id: str) -> JobRecord | None:
        """The job that has that request id; None when none does."""
        with opened(self._path) as connection:
            row = connection.execute("SELECT record FROM jobs WHERE request_id = ?", (request_id,)).fetchone()
        return None if row is None else _read(row)

    def forget(self, job: JobRecord) -> None:
        with writing(self._path) as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job.id,))

    @contextmanager
    def claim(self, job_id: str) -> Iterator[None]:
        """Hold the job: whoever changes it or sends it does so inside. Ends with its process, whatever ends that.

        Raises Busy when a living process holds it.
        """
        with locked(self.folder / "claims" / job_id, f"job {job_id}: another process is at work on it"):
            yield


def _latest(connection: sqlite3.Connection, draft: JobRecord) -> JobRecord | None:
    row = connection.execute(
        f"SELECT record FROM jobs WHERE account = ? AND key = ? AND state NOT IN ({', '.join('?' * len(OVER))}) "
        "ORDER BY created_at DESC, rowid DESC LIMIT 1",
        (draft.account, draft.key, *OVER),
    ).fetchone()
    return None if row is None else _read(row)


def _free_id(connection: sqlite3.Connection) -> str:
    while True:
        job_id = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
        if connection.execute("SELECT 1 FROM jobs WHERE id = ?", (job_id,)).fetchone() is None:
            return job_id


def _insert(connection: sqlite3.Connection, job: JobRecord) -> None:
    connection.execute(
        "INSERT INTO jobs (id, account, key, state, request_id, created_at, record) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            job.id,
            job.account,
            job.key,
            job.state,
            _request_id(job),
            job.created_at.isoformat(),
            job.model_dump_json(),
        ),
    )


def _request_id(job: JobRecord) -> str | None:
    return job.ticket.request_id if job.ticket else None


def _read(row: tuple[str]) -> JobRecord:
    return JobRecord.model_validate_json(row[0])


def _moment(state: State, note: str) -> Moment:
    return Moment(state=state, at=datetime.now(UTC), note=note)
