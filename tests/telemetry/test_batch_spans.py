"""Spans of a batch: one for each job, with its preparation and its submission below."""

from collections.abc import Callable
from pathlib import Path

import pytest

from submit.batches.api import batch
from submit.errors import BadRows
from submit.sandbox import Sandbox
from tests.submit.batches.conftest import Jobs
from tests.telemetry.recorded import Recorded

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
Start = Callable[..., Sandbox]
PROBED = ("probe", [("probe file", [("worker", [])])])
PREPARED = ("prepare", [("prepare file", [("copy", []), ("verify", [])])])
SENT = [
    ("submit", []),
    ("submit.result", [("download", [])]),
    ("upload", [("upload file", [])]),
    ("wait", []),
]


@pytest.fixture(autouse=True)
def no_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether faces are looked for depends on what is installed."""
    monkeypatch.setattr("prep.people.can_look", lambda: False)


def test_each_job_has_a_span(jobs: Jobs, start: Start, recorded: Recorded) -> None:
    start()
    with recorded.tracer_provider.get_tracer("program").start_as_current_span("nightly"):
        results = list(batch(jobs(2), out=Path("takes"), max_cost=3, poll_s=0.02))
    job = ("job", [("preparation", [("look", []), ("plan", []), PREPARED, PROBED]), *SENT])
    ((_, below),) = recorded.below()
    assert below == [
        ("submit.batch", [job, job]),
        ("submit.survey", [("survey row", [PROBED])] * 2),
    ]
    assert recorded.named("submit.batch") == [{"batch.rows": 2}]
    spans = {span["batch.row"]: span for span in recorded.named("job")}
    for result in results:
        span = spans[result.id]
        assert result.billed and result.billed.usd is not None
        assert (span["job.id"], span["batch.row.state"]) == (result.job, "done")
        assert span["billed_usd"] == float(result.billed.usd)


def test_a_row_that_fails_does_not_fail_the_others(jobs: Jobs, start: Start, recorded: Recorded) -> None:
    start()
    rows = jobs(2, pictures=2)
    made = batch(rows, out=Path("takes"), max_cost=3, poll_s=0.02)
    Path(rows[1]["references"][0]).write_bytes(b"gone")  # after it was looked at
    assert {result.id: result.state for result in made} == {"take0": "done", "take1": "failed"}
    spans = {span["batch.row"]: span for span in recorded.named("job")}
    assert "status" not in spans["take0"]
    assert (spans["take1"]["batch.row.state"], spans["take1"]["error.type"]) == (
        "failed",
        "prep.errors.UnreadableError",
    )
    assert "status" not in recorded.named("submit.batch")[0]


def test_a_row_that_can_not_be_sent_fails_where_it_is_looked_at(jobs: Jobs, start: Start, recorded: Recorded) -> None:
    start()
    rows = jobs(2)
    rows[1]["references"] = ["missing.png"]
    with pytest.raises(BadRows):
        batch(rows, out=Path("takes"), max_cost=3)
    looked = {span["batch.row"]: span.get("error.type") for span in recorded.named("survey row")}
    assert looked == {"take0": None, "take1": "prep.errors.UnreadableError"}


def test_a_batch_that_is_left_ends_its_spans(jobs: Jobs, start: Start, recorded: Recorded) -> None:
    start(queue_s=0.05)
    run = iter(batch(jobs(4), out=Path("takes"), max_cost=3, poll_s=0.02, concurrency=1))
    next(run)
    run.close()
    (batch_span,) = recorded.named("submit.batch")
    assert "status" not in batch_span
    states = [span["batch.row.state"] for span in recorded.named("job")]
    assert "done" in states and len(states) == len(recorded.named("preparation"))
