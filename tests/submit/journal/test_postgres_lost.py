"""A journal in PostgreSQL whose server is lost, frozen or damaged, at any moment."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from submit.errors import JournalUnavailable
from submit.job.manage import status
from submit.journal import Journal
from submit.journal.postgres import open_postgres
from tests.postgres_server import PASSWORD, PostgresServer
from tests.submit.cloud import Cloud
from tests.types import Say

pytestmark = pytest.mark.needs("postgres")
Generate = Callable[..., Any]
SECRET = PASSWORD.replace("%2F", "/")


def test_lost_before_anything_is_sent(
    cloud: Cloud, generate: Generate, postgres_server: PostgresServer, postgres: str
) -> None:
    cloud.on_upload = lambda path: postgres_server.cut()
    with pytest.raises(JournalUnavailable, match=r"/test: the journal can't be reached: .*run the same again"):
        generate(state=postgres)
    assert cloud.posts == []
    postgres_server.mend()
    cloud.on_upload = lambda path: None
    assert Path(generate(state=postgres).result.path).is_file()
    assert len(cloud.posts) == 1


def test_lost_while_the_request_is_sent(
    cloud: Cloud, generate: Generate, postgres_server: PostgresServer, postgres: str, tmp_path: Path
) -> None:
    """The request id is in a note beside the files, and the same run finds its job by it."""
    cloud.on_submit = postgres_server.cut
    with pytest.raises(
        JournalUnavailable, match=r"was submitted as request abc-123, which can't be recorded"
    ) as caught:
        generate(state=postgres)
    assert "has its request id" in str(caught.value)
    assert [path.read_text() for path in tmp_path.rglob("request-of-*")] == ["abc-123"]
    postgres_server.mend()
    assert Path(generate(state=postgres).result.path).is_file()
    assert len(cloud.posts) == 1
    assert not list(tmp_path.rglob("request-of-*"))


def test_frozen_while_the_request_is_sent(
    cloud: Cloud,
    generate: Generate,
    postgres_server: PostgresServer,
    postgres: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As when its disk hangs: connections stay, and nothing is answered."""
    monkeypatch.setattr("submit.journal.postgres_session.GREETING_S", 0.5)
    monkeypatch.setattr("submit.journal.postgres_session.ANSWER_S", 5.0)
    monkeypatch.setattr("submit.journal.postgres_session.RECONNECT_PAUSES_S", ())
    address = f"{postgres}&connect_timeout=2"
    with ExitStack() as stack:
        cloud.on_submit = lambda: stack.enter_context(postgres_server.frozen())
        with pytest.raises(JournalUnavailable, match="was submitted as request abc-123, which can't be recorded"):
            generate(state=address)
    assert [path.read_text() for path in tmp_path.rglob("request-of-*")] == ["abc-123"]
    assert Path(generate(state=address).result.path).is_file()
    assert len(cloud.posts) == 1


@pytest.mark.parametrize("statement", ["SELECT pg_sleep(60)", "SELECT 1"])
def test_a_statement_without_an_answer_ends(
    postgres_server: PostgresServer, postgres: str, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr("submit.journal.postgres_session.ANSWER_S", 0.5)

    def execute() -> None:
        with ExitStack() as stack, open_postgres(postgres, writable=True).transaction() as session:
            if statement == "SELECT 1":
                stack.enter_context(postgres_server.frozen())
            session.execute(statement)

    with pytest.raises(JournalUnavailable, match=r"did not answer within 0\.5 s"):
        execute()


@pytest.mark.parametrize(
    "change", ["DELETE FROM version", "UPDATE version SET number = NULL", "UPDATE version SET number = 'one'"]
)
def test_a_damaged_version_is_said_in_one_line(
    postgres_server: PostgresServer, postgres: str, say: Say, change: str
) -> None:
    Journal(postgres)
    for statement in (
        "ALTER TABLE version ALTER number DROP NOT NULL",
        "ALTER TABLE version ALTER number TYPE TEXT",
        change,
    ):
        postgres_server.execute(f"SET search_path = prep_and_submit; {statement}", "test")
    code, out, err = say("jobs", "--state", postgres)
    assert (code, out) == (2, "")
    assert "its table `version` should hold one number" in err and err.count("\n") == 1


def test_lost_for_a_moment(cloud: Cloud, generate: Generate, postgres_server: PostgresServer, postgres: str) -> None:
    """Every connection, that of the claims as well, and nothing is noticed."""

    def blink() -> None:
        postgres_server.cut()
        postgres_server.mend()

    cloud.on_submit = cloud.on_state = cloud.on_result = cloud.on_download = blink
    outcome = generate(state=postgres)
    assert (Path(outcome.result.path).is_file(), len(cloud.posts)) == (True, 1)


def test_a_restart_is_waited_for(
    cloud: Cloud, generate: Generate, postgres_server: PostgresServer, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("submit.journal.postgres_session.RECONNECT_PAUSES_S", (0.1,) * 300)
    starts: list[threading.Thread] = []

    def restart() -> None:
        postgres_server.stop()
        starts.append(threading.Thread(target=postgres_server.start))
        starts[-1].start()

    cloud.on_submit = cloud.on_result = restart
    outcome = generate(state=postgres)
    for start in starts:
        start.join()
    assert (Path(outcome.result.path).is_file(), len(cloud.posts), len(starts) > 1) == (True, 1, True)


@pytest.mark.parametrize("seen", ["uncertain", "submitted"])
def test_another_process_took_the_job_meanwhile(
    cloud: Cloud, generate: Generate, postgres_server: PostgresServer, postgres: str, seen: str
) -> None:
    """The claim was lost with the connection. Whatever the other one has entered, the request id is kept."""

    def take() -> None:
        postgres_server.cut()
        postgres_server.mend()
        journal = Journal(postgres_server.by_port("test"))  # to this process it is another one, as to another host
        [job] = journal.jobs()
        job = status(job, journal, None).job
        assert job.state == "uncertain", "nobody holds it"
        if seen == "submitted":
            journal.move(job, "submitted", ticket=cloud.ticket("", cloud.request_id))

    cloud.on_submit = take
    outcome = generate(state=postgres)
    assert (outcome.request_id, len(cloud.posts)) == ("abc-123", 1)
    assert [moment.state for moment in Journal(postgres).get(outcome.job).history][3:5] == ["uncertain", "submitted"]


def test_an_answer_is_fetched_when_the_server_is_back(
    cloud: Cloud, generate: Generate, postgres_server: PostgresServer, postgres: str
) -> None:
    """It is asked for again for as long as the platform keeps it."""

    def mend(event: Any) -> None:
        if "trying again" in (event.message or ""):
            postgres_server.mend()

    cloud.on_result = lambda: postgres_server.cut() if cloud.polls == 1 and not mended else None
    mended: list[bool] = []

    def progress(event: Any) -> None:
        if "can't be fetched yet" in (event.message or ""):
            mended.append(True)
            mend(event)

    assert generate(state=postgres, progress=progress).result is not None
    assert mended


def test_a_command_says_it_in_one_line(postgres_server: PostgresServer, postgres: str, say: Say) -> None:
    postgres_server.cut()
    code, out, err = say("jobs", "--state", postgres)
    assert (code, out) == (4, "")
    assert err.startswith("prep-and-submit: postgresql://worker@/test: the journal can't be reached: ")
    assert err.count("\n") == 1 and "Traceback" not in err
    code, _, err = say("jobs", "--state", "postgresql://127.0.0.1:1/none")
    assert code == 4 and "Connection refused" in err
