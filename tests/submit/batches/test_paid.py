"""Payments of a batch, which its budget counts whatever becomes of the journal and its jobs."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from submit.batches.api import batch
from submit.job.manage import forget
from submit.journal import Journal
from tests.submit.batches.conftest import Jobs
from tests.submit.batches.test_pausing import Numbered

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
