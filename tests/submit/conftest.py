"""Fixtures for tests of submission."""

import contextlib
import gc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from submit import run
from submit.sandbox import Sandbox, running
from tests.submit.cloud import Cloud
from tests.submit.job_values import Job


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again follows at once."""
    monkeypatch.setattr("submit.job.remote.retry.PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr("submit.job.remote.post.RECORD_PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr("submit.job.remote.poll.FETCH_PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr("submit.journal.postgres_session.RECONNECT_PAUSES_S", ())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """The place of an empty journal, once in SQLite and once in PostgreSQL."""
    return tmp_path / "state" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def both_journals(state: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default journal is one in SQLite, and in another run of the test one in PostgreSQL."""
    monkeypatch.setenv("PREP_AND_SUBMIT_STATE", str(state))


@pytest.fixture
def job(media: Callable[[str], Path], tmp_path: Path) -> Job:
    return Job(media, tmp_path / "out")


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def generate(media: Callable[[str], Path], tmp_path: Path, cloud: Cloud) -> Callable[..., Any]:
    """`generate("@Image1 waves", seed=..)`: the smallest job there is, against *cloud*; each time the same."""

    def made(prompt: str = "@Image1 waves", **options: Any) -> Any:
        return run([media("at_limit_300.png")], prompt, **{"out": tmp_path / "out", "platform": cloud, **options})

    return made


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """`start(faults="...")` runs a sandbox to the end of the test, and leads this process to it."""
    import fal_client.client

    monkeypatch.setattr(fal_client.client, "BASE_DELAY", 0.01)
    with contextlib.ExitStack() as stack:

        def begin(faults: str = "", queue_s: float = 0.02) -> Sandbox:
            box = stack.enter_context(running(tmp_path / "sandbox", queue_s=queue_s, faults=faults))
            for name, value in box.env.items():
                monkeypatch.setenv(name, value)
            return box

        yield begin
    with warnings.catch_warnings():  # fal_client closes none of the clients that it makes
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
