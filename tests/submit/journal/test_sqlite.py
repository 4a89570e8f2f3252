"""The journal in SQLite: its file, and the migration of older ones."""

import sqlite3
from contextlib import closing
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Self

import pytest

from prep.errors import UsageError
from submit.journal import Journal
from submit.journal.sqlite import MIGRATIONS, SQLite
from tests.submit.journal.records import record


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state")


def test_an_error_that_ends_the_transaction_is_told_as_it_is(journal: Journal) -> None:
    """As a full disk does: SQLite rolls back by itself."""
    database = SQLite(journal.folder)
    twice = "INSERT OR ROLLBACK INTO uploads SELECT 'a', 'b', 'c', 'd', 1, 1, 1 FROM (VALUES (1), (2))"
    with pytest.raises(UsageError, match="UNIQUE"), database.transaction() as connection:
        connection.execute(twice)


def test_what_is_committed_is_synced(journal: Journal) -> None:
    """WAL with synchronous=FULL: a commit is on the disk when it returns, not only with the operating system."""
    journal.begin(record())
    with closing(sqlite3.connect(journal.folder / "journal.sqlite3")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_others_can_not_look_in(tmp_path: Path) -> None:
    """It holds prompts and URLs that anybody may fetch."""
    Journal(tmp_path / "deep" / "state")
    assert (tmp_path / "deep" / "state" / "claims").stat().st_mode & 0o077 == 0
    assert (tmp_path / "deep" / "state").stat().st_mode & 0o077 == 0


def test_a_journal_of_a_newer_version_is_left_alone(journal: Journal) -> None:
    with closing(sqlite3.connect(journal.folder / "journal.sqlite3")) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(UsageError, match="newer version"):
        Journal(journal.folder)


def test_a_journal_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_bytes(b"not a database, but quite long enough to look like a file" * 20)
    with pytest.raises(UsageError, match=r"journal\.sqlite3.*`state`"):
        Journal(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="`state`"):
        Journal(tmp_path / "file")


# The journal as version 1 made it, with a job that was paid for in it. Written by hand: no code of today made it.
VERSION_1 = """
CREATE TABLE jobs (id TEXT PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
    request_id TEXT, created_at TEXT NOT NULL, record TEXT NOT NULL) STRICT;
CREATE INDEX jobs_of_key ON jobs (account, key);
CREATE INDEX jobs_of_request ON jobs (request_id);
CREATE TABLE uploads (account TEXT NOT NULL, sha256 TEXT NOT NULL, media_type TEXT NOT NULL, url TEXT NOT NULL,
    bytes INTEGER NOT NULL, uploaded_at REAL NOT NULL, expires_at REAL,
    PRIMARY KEY (account, sha256, media_type)) STRICT;
INSERT INTO jobs VALUES ('k7f3m2qp', 'acc', 'key1', 'submitted', 'req-1', '2026-11-22T12:00:00+00:00',
 '{"id":"k7f3m2qp",
 "key":"key1","account":"acc","endpoint":"owner/app","state":"submitted","folder":"/home/me/out","manifest":{"entries":[]},
 "request":{"prompt":"@Image1 waves","image_urls":["https://v3.fal.media/x.png"],"video_urls":[],"audio_urls":[],
 "resolution":"720p","duration":"5","aspect_ratio":"auto","generate_audio":true,"seed":null,"end_user_id":null},
 "cost":{"min_usd":1.5,"max_usd":1.75},"webhook":null,"ticket":{"request_id":"req-1","response_url":"r","status_url":"s",
 "cancel_url":"c"},"hint":null,"result":null,"billed_units":null,"video":null,"failure":null,"history":[
 {"state":"prepared","at":"2026-11-22T12:00:00Z","note":""},{"state":"submitted","at":"2026-11-22T12:00:01Z","note":""}
 ],"of a later version":1}');
INSERT INTO uploads VALUES ('acc', 'ab', 'image/png', 'https://v3.fal.media/x.png', 5, 1.0, NULL);
PRAGMA user_version = 1;
"""


def test_a_journal_of_version_1_is_read(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as connection:
        connection.executescript(VERSION_1)
    journal = Journal(tmp_path)
    [job] = journal.jobs()
    assert (job.id, job.state, job.request.duration) == ("k7f3m2qp", "submitted", "5")
    assert job.ticket is not None and job.ticket.request_id == "req-1"
    assert journal.job_of_request("req-1") == job.id
    assert journal.latest_finished(journal.move(job, "completed"), 5)[0].id == job.id
    known = journal.uploads.find("acc", "ab", "image/png")
    assert known is not None and known.url == "https://v3.fal.media/x.png"
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Journal(tmp_path)
    job = first.begin(record())[0]
    later = (*MIGRATIONS, ("ALTER TABLE jobs ADD COLUMN more TEXT", "SELECT nonsense"))
    monkeypatch.setattr("submit.journal.sqlite.MIGRATIONS", later)
    with pytest.raises(UsageError):
        Journal(tmp_path)
    monkeypatch.setattr("submit.journal.sqlite.MIGRATIONS", (*MIGRATIONS, later[-1][:1]))
    assert Journal(tmp_path).get(job.id) == job, "the half of it that was done was taken back, and is done now"


def test_a_clock_that_starts_in_1970_makes_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a computer without a battery does, until it reaches a network."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(1970, 1, 1, 0, 0, 5, tzinfo=tz)

    monkeypatch.setattr("submit.journal.sqlite.datetime", Clock)
    journal = Journal(tmp_path)
    job = journal.move(journal.begin(record())[0], "uploaded")
    assert Journal(tmp_path).get(job.id) == job and job.created_at.year == 1970


@pytest.mark.parametrize(
    "odd",
    [
        "CREATE VIEW more AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
        "CREATE TRIGGER later AFTER INSERT ON jobs BEGIN DELETE FROM jobs; END",
        "CREATE VIRTUAL TABLE words USING fts5(word)",
    ],
)
def test_a_database_that_does_more_than_keep_rows_is_no_journal(journal: Journal, odd: str) -> None:
    with closing(sqlite3.connect(journal.folder / "journal.sqlite3")) as connection:
        connection.execute(odd)
    for writable in (True, False):
        with pytest.raises(UsageError, match="not a journal"):
            Journal(journal.folder, writable=writable)
