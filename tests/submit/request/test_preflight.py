"""Refusals before anything is made or sent."""

from decimal import Decimal

import pytest

from prep.errors import ExitCode, NonCompliantError, RefusedError, UsageError
from prep.model.generation import Generation
from tests.submit.job_values import PROMPT, Job


def test_a_price_over_the_cap_spends_nothing(job: Job) -> None:
    """5 s in + 5 s out at 720p is $1.8144, as published."""
    five = Generation(duration="5", aspect_ratio="16:9")
    with pytest.raises(RefusedError, match=r"\$1\.81.*\$1\.81") as caught:
        job.run(generation=five, max_cost=Decimal("1.8143"))
    assert caught.value.exit_code == ExitCode.REFUSED == 5
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert not job.out.exists()
    outcome = job.run(generation=five, max_cost=Decimal("1.8144"))
    assert outcome.cost.min_usd == outcome.cost.max_usd == Decimal("1.8144")
    assert job.receipt["cost"] == {"min_usd": 1.8144, "max_usd": 1.8144}


def test_an_unknown_price_is_over_any_cap(job: Job) -> None:
    with pytest.raises(RefusedError, match="no price is published"):
        job.run(generation=Generation(resolution="1080p"), max_cost=Decimal(1000))
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert job.run(generation=Generation(resolution="1080p")).cost is None


# What is wrong with the job itself is said before any work, and nothing is left of it.
WRONG: dict[str, tuple[str, Generation | None, type[Exception]]] = {
    "empty prompt": ("", None, NonCompliantError),
    "blank prompt": (" \n ", None, NonCompliantError),
    "unknown name": ("@nobody walks", None, NonCompliantError),
    "number out of range": ("@Image2 walks", None, NonCompliantError),
    "duration": (PROMPT, Generation(duration="3"), UsageError),
    "resolution": (PROMPT, Generation(resolution="8k"), UsageError),
    "aspect ratio": (PROMPT, Generation(aspect_ratio="2:1"), UsageError),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_before_anything_is_made_or_sent(job: Job, case: str) -> None:
    prompt, generation, error = WRONG[case]
    with pytest.raises(error):
        job.run(prompt, generation=generation)
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert not [event for event in job.events if event.stage == "prepare"]
    assert not job.out.exists()


def test_without_a_key_nothing_is_made(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    with pytest.raises(RefusedError, match="FAL_KEY") as caught:
        job.run(platform=None)
    assert caught.value.exit_code == ExitCode.REFUSED
    assert not job.out.exists()
