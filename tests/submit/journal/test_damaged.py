"""A damaged row of the journal costs that row, and nothing else; and the job in it is not paid for again."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from prep.errors import UsageError
from submit import resume
from submit.errors import DamagedRecord
from submit.journal import JobRecord, Journal
from submit.journal.place import JOURNAL
from submit.journal.uploads import Upload
from tests.submit.cloud import Cloud
from tests.submit.journal.records import record
from tests.types import Say

Generate = Callable[..., Any]


def _without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda document: {key: value for key, value in document.items() if key != name}


DAMAGE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "nothing": lambda document: None,
    "another kind": lambda document: [],
    "no request": _without("request"),
    "no manifest": _without("manifest"),
    "no entries": lambda document: document | {"manifest": {}},
    "an entry of another shape": lambda document: document | {"manifest": {"entries": [{"tag": 5}]}},
    "no history": lambda document: document | {"history": []},
    "an unknown state": lambda document: document | {"state": "lost"},
}
TEXTS = {"empty": "", "half": '{"id": "a', "bytes": "\x02\x01"}


def _damage(state: Path | str, job_id: str, record_text: str) -> None:
    _execute(state, "UPDATE jobs SET record = ? WHERE id = ?", record_text, job_id)


def _execute(state: Path | str, statement: str, *parameters: str) -> None:
    """Execute *statement* past the product."""
    if isinstance(state, Path):
        with closing(sqlite3.connect(state / JOURNAL, isolation_level=None)) as connection:
            connection.execute(statement, parameters)
    else:
        with psycopg.connect(state, options="-c search_path=prep_and_submit", autocommit=True) as connection:
            connection.execute(statement.replace("?", "%s").encode(), parameters)


def _texts(job: JobRecord) -> dict[str, str]:
    document = json.loads(job.model_dump_json())
    return TEXTS | {name: json.dumps(damage(document)) for name, damage in DAMAGE.items()}


@pytest.mark.parametrize("kind", [*DAMAGE, *TEXTS])
def test_the_other_jobs_are_there(state: Path | str, kind: str) -> None:
    journal = Journal(state)
    damaged, _ = journal.begin(record())
    whole, _ = journal.begin(record(key="another"))
    _damage(state, damaged.id, _texts(damaged)[kind])
    assert Journal(state).jobs() == (whole,)
    assert journal.get(whole.id) == whole
    assert journal.move(whole, "uploaded").state == "uploaded"
    with pytest.raises(DamagedRecord, match=rf"job {damaged.id}.*damaged.*forget {damaged.id} --yes"):
        journal.get(damaged.id)
    with pytest.raises(DamagedRecord, match=damaged.id):
        journal.begin(record())
    assert journal.begin(record(), again=True)[1]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_how_long_others_took_and_what_is_owed_can_be_asked(state: Path | str, text: str) -> None:
    """Every job asks for it once it was sent."""
    journal = Journal(state)
    damaged, _ = journal.begin(record())
    whole, _ = journal.begin(record(key="another"))
    _damage(state, damaged.id, text)
    _execute(state, "UPDATE jobs SET state = 'downloaded', batch = 'b' WHERE id = ?", damaged.id)
    assert journal.latest_finished(whole, 5) == ()
    assert journal.sent_of_batch("b") == (damaged.folder,), "what it may cost is reserved"


def test_a_receipt_repairs_its_row(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    job = generate(wait=False, state=tmp_path / "state").job
    _damage(tmp_path / "state", job, "{}")
    with pytest.raises(DamagedRecord):
        resume(job, platform=cloud, state=tmp_path / "state")
    assert Path(resume(tmp_path / "out", platform=cloud, state=tmp_path / "state").path).is_file()
    assert Journal(tmp_path / "state").get(job).state == "downloaded"
    assert len(cloud.posts) == 1


def test_the_same_run_does_not_pay_again(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    job = generate(wait=False, state=tmp_path / "state").job
    _damage(tmp_path / "state", job, "{}")
    with pytest.raises(UsageError, match=job):
        generate(out=tmp_path / "elsewhere", state=tmp_path / "state")
    assert len(cloud.posts) == 1


def test_the_request_of_a_damaged_job_is_not_given_to_another(state: Path | str) -> None:
    journal = Journal(state)
    job = journal.adopt(
        record(id="22222222", state="submitted", history=({"state": "submitted", "at": "2026-11-22T12:00:00Z"},))
    )
    _execute(state, "UPDATE jobs SET request_id = 'abc', record = '' WHERE id = ?", job.id)
    assert journal.job_of_request("abc") == job.id


@pytest.mark.parametrize("by", ["its id", "the beginning of its id"])
def test_it_can_be_forgotten(state: Path | str, say: Say, by: str) -> None:
    journal = Journal(state)
    damaged, _ = journal.begin(record())
    whole, _ = journal.begin(record(key="another"))
    _damage(state, damaged.id, "")
    name = damaged.id if by == "its id" else damaged.id[:7]
    code, _, err = say("forget", name, "--state", str(state))
    assert (code, "--yes" in err) == (2, True)
    assert say("forget", name, "--yes", "--state", str(state))[0] == 0
    assert journal.jobs() == (whole,)
    assert journal.begin(record())[1]


@pytest.mark.parametrize("command", ["jobs", "status"])
def test_commands_show_the_others(tmp_path: Path, say: Say, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    journal = Journal(tmp_path)
    whole, _ = journal.begin(record())
    damaged, _ = journal.begin(record(key="another"))
    _damage(tmp_path, damaged.id, "")
    code, out, _ = say(command, "--state", str(tmp_path))
    assert (code, whole.id in out, damaged.id in out) == (0, True, False)


def test_a_damaged_journal_of_sandbox_jobs_hides_no_paid_one(
    tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    paid, _ = Journal(tmp_path).begin(record())
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / JOURNAL).write_bytes(b"no database" * 100)
    for command in (["jobs"], ["status"], ["status", paid.id], ["jobs", "--json"], ["cancel", paid.id]):
        caplog.clear()
        code, out, _ = say(*command, "--state", str(tmp_path))
        assert (code, paid.id in out) == (0, True), command
        assert (str(tmp_path / "sandbox") in caplog.text) == (command[0] == "jobs")


def test_an_id_that_leads_elsewhere(tmp_path: Path, say: Say) -> None:
    """It becomes the name of a lock file, and is shown."""
    journal = Journal(tmp_path / "state")
    damaged, _ = journal.begin(record())
    with closing(sqlite3.connect(tmp_path / "state" / JOURNAL, isolation_level=None)) as connection:
        connection.execute("UPDATE jobs SET id = ? WHERE id = ?", ("x/../../../\x1b[2j", damaged.id))
    code, _, err = say("forget", "x", "--yes", "--state", str(tmp_path / "state"))
    assert (code, "\x1b" in err) == (0, False)
    assert journal.jobs() == ()
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("column", ["url", "bytes", "uploaded_at", "expires_at"])
def test_a_damaged_upload_is_none(tmp_path: Path, say: Say, column: str) -> None:
    """The content is uploaded again, and the others are still known."""
    journal = Journal(tmp_path)
    whole = Upload(url="https://v3.fal.media/a", bytes=5, uploaded_at=time.time(), expires_at=None)
    for name in ("damaged", "whole"):
        journal.uploads.keep("me", name, "image/png", whole)
    with closing(sqlite3.connect(tmp_path / JOURNAL, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE loose AS SELECT * FROM uploads")  # the table itself checks its types
        connection.execute("DROP TABLE uploads")
        connection.execute("ALTER TABLE loose RENAME TO uploads")
        connection.execute(f"UPDATE uploads SET {column} = x'ff' WHERE sha256 = 'damaged'")
    assert journal.uploads.find("me", "damaged", "image/png") is None
    assert journal.uploads.find("me", "whole", "image/png") == whole
    assert journal.uploads.all() == (whole,)
    assert say("cache", "--state", str(tmp_path))[0] == 0
