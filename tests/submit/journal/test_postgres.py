"""The journal in PostgreSQL: what its file does not have, such as a network, a password and other hosts."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Busy, UsageError
from submit import resume, run
from submit.job.manage import status
from submit.journal import Journal
from submit.journal.postgres import CONNECTIONS, MIGRATIONS
from tests.postgres_server import PASSWORD, USER, PostgresServer
from tests.submit.cloud import Cloud
from tests.submit.journal.records import record
from tests.types import Say

pytestmark = pytest.mark.needs("postgres")
Generate = Callable[..., Any]
SECRET = PASSWORD.replace("%2F", "/")


# -- several hosts


def test_claims_are_taken_again_after_a_loss(postgres_server: PostgresServer, postgres: str) -> None:
    journal = Journal(postgres)
    with journal.claim("abcd2222"):
        postgres_server.cut()
        postgres_server.mend()
        with journal.claim("abcd3333"):
            held = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            assert postgres_server.execute(held, "test") == [(2,)]
        with pytest.raises(Busy), journal.claim("abcd2222"):
            pass


def test_a_process_has_few_connections(postgres_server: PostgresServer, postgres: str) -> None:
    counts: list[int] = []

    def work(number: int) -> None:
        with ExitStack() as stack:
            journal = Journal(postgres)
            stack.enter_context(journal.claim(f"job{number}"))
            job, _ = journal.begin(record(key=str(number)))
            journal.move(job, "uploaded")
            ours = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'prep-and-submit'"
            counts.append(postgres_server.execute(ours)[0][0])

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(40)))
    assert len(Journal(postgres).jobs()) == 40
    assert max(counts) <= CONNECTIONS + 1


def test_times_are_those_of_the_server(postgres_server: PostgresServer, postgres: str) -> None:
    """A host whose clock is a year behind enters its job now."""
    code = """
import datetime, sys, time
class Behind(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) - datetime.timedelta(days=365)
datetime.datetime = Behind
time.time = lambda: 0.0
from submit.journal import Journal
from tests.submit.journal.records import record
journal = Journal(sys.argv[1])
job, _ = journal.begin(record())
journal.move(job, "uploaded")
print(journal.uploads.now_s())
"""
    done = subprocess.run([sys.executable, "-c", code, postgres], capture_output=True, text=True, check=True)
    [(begun, now)] = postgres_server.execute("SELECT now() - interval '1 minute', now()")
    [job] = Journal(postgres).jobs()
    assert all(begun < moment.at <= now for moment in job.history)
    assert begun.timestamp() < float(done.stdout) <= now.timestamp()


# -- the database itself


def test_a_server_that_can_only_be_read(postgres_server: PostgresServer, postgres: str, say: Say) -> None:
    job, _ = Journal(postgres).begin(record())
    only_read = f"{postgres}&options=-c%20default_transaction_read_only%3Don"
    journal = Journal(only_read, writable=False)
    assert (journal.read_only, journal.jobs(), status(job, journal, None).job) == (True, (job,), job)
    assert say("jobs", "--state", only_read)[0] == 0
    with pytest.raises(UsageError, match="read-only"):
        Journal(only_read)
    with pytest.raises(UsageError, match="read-only"):
        journal.move(job, "uploaded")


def test_a_journal_of_a_newer_version_is_left_alone(postgres_server: PostgresServer, postgres: str) -> None:
    Journal(postgres)
    postgres_server.execute(f"UPDATE prep_and_submit.version SET number = {len(MIGRATIONS) + 1}", "test")
    with pytest.raises(UsageError, match="newer version"):
        Journal(postgres)


def test_a_migration_that_fails_changes_nothing(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Journal(postgres).begin(record())[0]
    later = (*MIGRATIONS, ("ALTER TABLE jobs ADD COLUMN more TEXT", "SELECT nonsense"))
    monkeypatch.setattr("submit.journal.postgres.MIGRATIONS", later)
    with pytest.raises(UsageError, match="nonsense"):
        Journal(postgres)
    monkeypatch.setattr("submit.journal.postgres.MIGRATIONS", (*MIGRATIONS, later[-1][:1]))
    assert Journal(postgres).get(job.id) == job, "the half of it that was done was taken back, and is done now"


def test_another_encoding_is_refused(postgres_server: PostgresServer) -> None:
    postgres_server.execute("DROP DATABASE IF EXISTS old")
    postgres_server.execute("CREATE DATABASE old ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(UsageError, match="UTF-8"):
        Journal(postgres_server.by_socket("old"))


def test_a_user_who_may_create_nothing_uses_a_schema_that_is_there(postgres_server: PostgresServer) -> None:
    for statement in (
        "DROP ROLE IF EXISTS guest",
        "CREATE ROLE guest LOGIN",
        "REVOKE CREATE ON DATABASE test FROM PUBLIC",
    ):
        postgres_server.execute(statement)
    address = postgres_server.by_socket("test").replace(USER, "guest")
    with pytest.raises(UsageError, match="permission denied"):
        Journal(address)
    postgres_server.execute("CREATE SCHEMA prep_and_submit AUTHORIZATION guest", "test")
    job, new = Journal(address).begin(record())
    assert (new, Journal(address).jobs()) == (True, (job,))


def test_the_server_notices_within_a_minute_that_a_host_is_gone(postgres_server: PostgresServer) -> None:
    journal = Journal(postgres_server.by_port("test"))
    names = ("idle", "interval", "count")
    ask = "SELECT setting FROM pg_settings WHERE name = ?"
    with journal._database.connect() as connection:
        rows = [connection.execute(ask, (f"tcp_keepalives_{name}",)).fetchone() for name in names]
    idle, interval, count = (int(row[0]) for row in rows)
    assert idle + interval * count == 60


def test_what_others_have_set_as_default_changes_nothing(postgres_server: PostgresServer) -> None:
    options = "-c%20synchronous_commit%3Doff%20-c%20default_transaction_isolation%3Dserializable"
    journal = Journal(f"{postgres_server.by_socket('test')}&options={options}%20-c%20TimeZone%3DAsia/Tokyo")
    with journal._database.transaction() as connection:
        values = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("synchronous_commit",)]
        assert [*values, connection.execute("SHOW transaction_isolation").fetchone()[0]] == ["on", "read committed"]
    assert journal.begin(record())[0].created_at.utcoffset().total_seconds() == 0  # type: ignore[union-attr]


def test_without_the_extra(tmp_path: Path) -> None:
    code = """
import sys
import threading
sys.modules["psycopg"] = None
from submit.command import main
sys.argv = ["prep-and-submit", "jobs", "--state", "postgresql://host/jobs"]
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr.strip()) == (
        2,
        "prep-and-submit: a journal in PostgreSQL needs psycopg; pip install 'prep-and-submit[postgres]'",
    )


def test_the_text_of_a_prompt_is_kept_as_it_is(cloud: Cloud, generate: Generate, postgres: str) -> None:
    job = generate("@Image1 wäves 👋 %s ? \\u0000 \\'; DROP TABLE jobs; --", state=postgres).job
    kept = Journal(postgres).get(job)
    assert kept.request.prompt.endswith("wäves 👋 %s ? \\u0000 \\'; DROP TABLE jobs; --")
    assert resume(job, platform=cloud, state=postgres).path


def test_the_environment_names_the_journal(
    cloud: Cloud, generate: Generate, postgres_server: PostgresServer, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREP_AND_SUBMIT_STATE", postgres_server.by_port("test"))
    job = generate().job
    code, out, _ = say("jobs")
    assert (code, job in out) == (0, True)
    assert not list(Path(os.environ["XDG_STATE_HOME"]).rglob("journal*"))
    assert run([next(Path("out").glob("*.png"))], "@Image1 waves", out="again", platform=cloud).found
