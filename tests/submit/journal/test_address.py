"""The address of a journal in PostgreSQL, and the password in it, which is shown nowhere."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import ExitCode, UsageError
from submit import batch
from submit.batches.results.status import batch_status
from submit.errors import JournalUnavailable
from submit.journal import Journal
from submit.journal.place import name_of, place_of
from tests.checkout import ROOT
from tests.postgres_server import PASSWORD, USER, PostgresServer
from tests.submit.cloud import Cloud
from tests.types import Say

pytestmark = pytest.mark.needs("postgres")
Generate = Callable[..., Any]
SECRET = PASSWORD.replace("%2F", "/")


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://{USER}:se@cret@127.0.0.1/test",
        f"postgresql://{USER}:se/cret@127.0.0.1/test",
        f"postgresql://{USER}:se#cret@127.0.0.1/test",
        "postgresql://127.0.0.1:se cret/test",
        f"postgres:{USER}:secret",
        "postgresql://127.0.0.1/test?secret=secret",
        "postgresql://127.0.0.1:secret/test",
    ],
)
def test_a_bad_address_is_not_repeated(address: str, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """libpq would take a part of the password for the host, and name that."""
    monkeypatch.setenv("PREP_AND_SUBMIT_STATE", address)
    code, out, err = say("jobs")
    assert (code, out, "cret" in err) == (2, "", False)
    assert "state: " in err or "--state: " in err


def test_a_password_does_not_belong_on_a_command_line(say: Say) -> None:
    for address in ("postgresql://me:secret@host/jobs", "postgresql://host/jobs?user=me&password=secret"):
        code, out, err = say("jobs", "--state", address)
        assert (code, "secret" in out + err) == (2, False)
        assert "PREP_AND_SUBMIT_STATE" in err and "PGPASSWORD" in err


def test_the_password_is_shown_nowhere(
    cloud: Cloud,
    generate: Generate,
    postgres_server: PostgresServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    state = postgres_server.by_port("test")
    events: list[Any] = []
    generate(state=state, progress=events.append)
    jobs = [{"id": "a", "prompt": "@Image1 waves", "references": [str(next((tmp_path / "out").glob("*.png")))]}]
    for _ in batch(jobs, out=tmp_path / "rows", platform=cloud, state=state):
        pass
    postgres_server.cut()
    with pytest.raises(JournalUnavailable) as caught:
        generate(state=state)
    texts = [caplog.text, str(events), str(caught.value), repr(caught.value)]
    texts += [path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".png"]
    assert not [text for text in texts if SECRET in text or PASSWORD in text]
    assert f"postgresql://{USER}@127.0.0.1" in (tmp_path / "rows" / "batch.json").read_text()


def test_a_wrong_password(postgres_server: PostgresServer) -> None:
    address = postgres_server.by_port("test").replace(PASSWORD, "wrong")
    with pytest.raises(JournalUnavailable, match="password authentication failed") as caught:
        Journal(address)
    assert caught.value.exit_code == ExitCode.REMOTE
    assert ":wrong" not in str(caught.value)


def test_the_status_of_a_batch_asks_no_server_that_its_folder_names(
    cloud: Cloud, generate: Generate, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(state=postgres)
    jobs = [{"id": "a", "prompt": "@Image1 waves", "references": [str(next((tmp_path / "out").glob("*.png")))]}]
    for _ in batch(jobs, out=tmp_path / "rows", platform=cloud, state=postgres):
        pass
    with pytest.raises(UsageError, match=r"postgresql://…@/test has the journal of this batch; name it"):
        batch_status(tmp_path / "rows")
    assert batch_status(tmp_path / "rows", postgres).states == {"done": 1}
    monkeypatch.setenv("PREP_AND_SUBMIT_STATE", postgres)
    assert batch_status(tmp_path / "rows").states == {"done": 1}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("postgres://me:secret@host/jobs", "postgresql://me@host/jobs"),
        ("postgresql://me:s%40x@[::1]:5433/jobs?sslmode=require", "postgresql://me@[::1]:5433/jobs"),
        ("postgresql://one:1,two:2/jobs?password=secret", "postgresql://one:1,two:2/jobs"),
        ("postgresql:///jobs?host=/run/postgresql", "postgresql:///jobs"),
        ("postgresql://", "postgresql://"),
    ],
)
def test_what_is_shown_of_an_address(address: str, name: str) -> None:
    assert name_of(place_of(address)) == name


def test_the_commands_of_the_page(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """Those of "Several hosts" in docs/services.md, with the address, the port and the certificates of this server."""
    page = (ROOT / "docs" / "services.md").read_text("utf-8")
    (text,) = re.findall(r"^## Several hosts\n.*?```console\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    secret = tmp_path / "pgpass"
    secret.write_text(f"*:*:*:{USER}:{SECRET}\n")
    secret.chmod(0o600)
    changes = {"db.example": "127.0.0.1", "verify-full": "disable", "/run/secrets/pgpass": str(secret)}
    for name, value in changes.items():
        assert name in text
        text = text.replace(name, value)
    script = f'prep-and-submit() {{ {sys.executable} -m submit.command "$@"; }}\n{text}'
    environment = {**os.environ, "PGPORT": str(postgres_server.port)}
    postgres_server.execute("DROP DATABASE IF EXISTS videos")
    done = subprocess.run(["bash", "-ec", script], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "no jobs", "")
    assert postgres_server.execute("SELECT COUNT(*) FROM prep_and_submit.jobs", "videos") == [(0,)]
