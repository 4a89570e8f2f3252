"""Payments of a batch, which its budget counts whatever becomes of the journal and its jobs."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prep.errors import UsageError
from submit.batches.api import batch
from submit.job.manage import forget
from submit.journal import Journal
from submit.platform import State
from tests.submit.batches.conftest import Jobs
from tests.submit.batches.test_pausing import Numbered
from tests.types import Say

ONE = Decimal("0.5432")  # the price of a small job


def _run(jobs: list[dict[str, Any]], out: Path, cloud: Numbered, **options: Any) -> Any:
    made = batch(jobs, out=out, platform=cloud, poll_s=0.01, **options)
    list(made)
    return made


def test_a_forgotten_job_frees_no_budget(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    made = _run(jobs(4), out, cloud, max_cost=2 * ONE)
    assert made.summary.states == {"done": 2, "over-budget": 2}
    for job in Journal().jobs(("downloaded",)):
        forget(job.id, Journal())
    made = _run(jobs(4), out, cloud, max_cost=2 * ONE)
    assert (made.offer.spent_usd, made.summary.states["over-budget"], len(cloud.posts)) == (2 * ONE, 2, 2)


@pytest.mark.parametrize("dry", [False, True], ids=["real", "dry"])
@pytest.mark.parametrize("case", ["another", "lost", "lost, and another began"])
def test_a_batch_needs_the_journal_that_knows_what_it_paid(
    jobs: Jobs, tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch, case: str, dry: bool
) -> None:
    cloud, out, state = Numbered(), tmp_path / "out", tmp_path / "state"
    cloud.states = [State(status="running")]
    made = _run(jobs(1), out, cloud, max_cost=1, timeout_s=0.01, state=state)
    assert made.summary.states == {"running": 1}
    named = state
    if case == "another":
        named = tmp_path / "another"
        message = f"{out}: a batch with another journal, {state}, which knows what was paid; name that with "
    else:
        shutil.rmtree(state)
        message = f"{out}: its journal, {state}, was replaced or lost, and only that knew what was paid; restore it, "
        if case != "lost":
            _run(jobs(1, 1), tmp_path / "others", Numbered(), state=state)
    if dry:
        (tmp_path / "jobs.json").write_text(json.dumps(jobs(1)))
        monkeypatch.setattr("submit.platform.environment_account", lambda: cloud.account)
        monkeypatch.setenv("FAL_KEY", "a:b")
        code, _, err = say("batch", str(tmp_path / "jobs.json"), "--dry-run", "--out", str(out), "--state", str(named))
        assert code == 2 and message.removesuffix(" ") in err
    else:
        with pytest.raises(UsageError) as caught:
            _run(jobs(1), out, cloud, max_cost=1, state=named)
        assert str(caught.value).startswith(message)
    assert len(cloud.posts) == 1


def test_a_batch_and_its_journal_can_be_moved(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out, state = Numbered(), tmp_path / "out", tmp_path / "state"
    cloud.states = [State(status="running")]
    _run(jobs(2), out, cloud, max_cost=2, timeout_s=0.01, state=state)
    (tmp_path / "elsewhere").mkdir()
    out, state = out.rename(tmp_path / "elsewhere" / "out"), state.rename(tmp_path / "elsewhere" / "state")
    cloud.states = [State(status="completed")]
    made = _run(jobs(2), out, cloud, max_cost=2, state=state)
    assert (made.offer.spent_usd, made.summary.states, len(cloud.posts)) == (2 * ONE, {"done": 2}, 2)


@pytest.mark.needs("postgres")
def test_another_password_is_no_other_journal(jobs: Jobs, tmp_path: Path, postgres: str) -> None:
    """It is the content of the database that counts, whatever leads there."""
    cloud, out = Numbered(), tmp_path / "out"
    _run(jobs(1), out, cloud, max_cost=2, state=postgres)
    made = _run(jobs(2), out, cloud, max_cost=2, state=f"{postgres}&connect_timeout=5")
    assert (made.offer.spent_usd, made.summary.states, len(cloud.posts)) == (ONE, {"done": 2}, 2)
    with pytest.raises(UsageError, match="a batch with another journal, postgresql://"):
        _run(jobs(2), out, cloud, max_cost=2, state=tmp_path / "state")
