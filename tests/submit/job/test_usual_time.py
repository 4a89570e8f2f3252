"""The usual time of a generation, by the earlier jobs in the journal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from prep.model.progress import Progress
from submit.job.remote.poll import usual_s
from submit.journal import JobRecord, Journal
from submit.platform import State
from tests.submit.cloud import Cloud
from tests.submit.journal.records import record

Generate = Callable[..., Any]


def test_it_is_told_with_the_place_in_the_queue(cloud: Cloud, generate: Generate) -> None:
    events: list[Progress] = []

    def times() -> set[float | None]:
        events.clear()
        cloud.states = [State(status="queued", position=2), State(status="running"), State(status="completed")]
        cloud.request_id += "x"
        generate(again=True, progress=events.append, poll_s=0.001)
        waiting = [event for event in events if event.stage in ("queue", "generate") and event.label]
        assert [event.position for event in waiting] == [2, None]
        return {event.usual_s for event in waiting}

    assert times() == {None}, "nobody knows yet"
    (second,) = times()
    assert second is not None and second > 0


@pytest.mark.parametrize(
    ("minutes", "usual"), [([], None), ([2], 120.0), ([2, 3, 600], 180.0), ([2, 4], 180.0), ([1] * 20 + [9] * 30, 60.0)]
)
def test_the_median_of_the_latest(minutes: list[int], usual: float | None) -> None:
    journal = Journal()
    for number, wait in enumerate(reversed(minutes)):
        _enter(journal, number, wait)
    assert usual_s(journal, record()) == usual


def test_only_of_the_same_endpoint(cloud: Cloud) -> None:
    journal = Journal()
    _enter(journal, 0, 2)
    assert usual_s(journal, record().model_copy(update={"endpoint": "another"})) is None
    assert usual_s(journal, record()) == 120.0


def _enter(journal: Journal, number: int, minutes: int) -> JobRecord:
    """A job that took so many minutes, as a receipt of it would say."""
    job = record().model_copy(update={"key": f"key-{number}"})
    entered = journal.begin(job)[0]
    journal.forget(entered.id)
    start = entered.history[0].model_copy(
        update={"state": "submitted", "at": entered.created_at + timedelta(days=number)}
    )
    end = start.model_copy(update={"state": "completed", "at": start.at + timedelta(minutes=minutes)})
    return journal.adopt(entered.model_copy(update={"state": "completed", "history": (start, end), "ticket": None}))
