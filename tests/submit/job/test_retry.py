"""Repeating what may pass: what is said of it, and how it ends."""

import threading

import pytest

from prep.errors import RemoteError
from submit.errors import Hopeless, Unreachable
from submit.job.remote.retry import retry


class Waits(threading.Event):
    """An event that nobody sets; its waits take no time, and are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses_s: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses_s.append(timeout)
        return self.is_set()


@pytest.mark.parametrize(
    ("error", "if_unreachable", "tries"),
    [(RemoteError("status 503"), 1, 7), (Unreachable("no network"), 1, 2), (Hopeless("full"), 1, 1)],
    ids=["outage", "no network", "hopeless"],
)
def test_the_end_of_trying(
    error: RemoteError, if_unreachable: int, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("submit.job.remote.retry.PAUSES_S", (0.5, 1.0, 2.0, 4.0, 8.0, 16.0))
    event, calls, lines = Waits(), [], []

    def call() -> None:
        calls.append(1)
        raise error

    with pytest.raises(type(error)):
        retry(call, event, if_unreachable=if_unreachable, say=lines.append)
    assert (len(calls), len(event.pauses_s)) == (tries, tries - 1)
    assert lines == [f"{error}; trying again in {pause:g} s" for pause in event.pauses_s if pause and pause >= 4]


def test_a_cancelled_call_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("submit.job.remote.retry.PAUSES_S", (60.0,))
    event, calls = threading.Event(), []

    def call() -> None:
        calls.append(1)
        event.set()
        raise RemoteError("status 503")

    with pytest.raises(RemoteError):
        retry(call, event)
    assert len(calls) == 1
