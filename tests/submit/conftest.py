"""Fixtures for tests of submission."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from submit import run
from tests.submit.cloud import Cloud
from tests.submit.job_values import Job


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again follows at once."""
    monkeypatch.setattr("submit.job.retry.PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr("submit.job.post.RECORD_PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr("submit.job.poll.FETCH_PAUSES_S", (0.0, 0.0, 0.0))


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
