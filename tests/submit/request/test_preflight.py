"""Refusals before anything is made or sent."""

from decimal import Decimal

import pytest

from prep.errors import ExitCode, NonCompliantError, RefusedError, UsageError
from prep.model.generation import Generation
from tests.made import FAST, MINI, SEEDANCE_2, SEEDANCE_2_5
from tests.submit.job_values import PROMPT, Job


def test_a_price_over_the_cap_spends_nothing(job: Job) -> None:
    """5 s in + 5 s out at 720p: $1.8144 by the page, and a frame."""
    five = Generation(duration="5", aspect_ratio="16:9")
    with pytest.raises(RefusedError, match=r"^\$1\.82 is over your \$1\.81 cap; nothing was submitted\n") as caught:
        job.run(generation=five, max_cost=Decimal("1.81"))
    assert caught.value.exit_code == ExitCode.REFUSED == 5
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert not job.out.exists()
    outcome = job.run(generation=five, max_cost=Decimal("1.8220"))
    assert outcome.cost.min_usd == outcome.cost.max_usd == Decimal("1.8220")
    assert job.receipt["cost"] == {"min_usd": 1.822, "max_usd": 1.822, "unit_usd": 0.014, "reasons": []}


def test_an_unknown_price_is_over_any_cap(job: Job) -> None:
    with pytest.raises(RefusedError, match="no price was found for 4k"):
        job.run(generation=Generation(resolution="4k"), max_cost=Decimal(1000))
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert job.run(generation=Generation(resolution="4k")).cost is None


@pytest.mark.parametrize(
    ("endpoint", "resolution"), [(SEEDANCE_2, "1080p"), (FAST, "720p"), (MINI, "480p"), (SEEDANCE_2_5, "1080p")]
)
def test_a_cap_holds_for_every_endpoint(job: Job, endpoint: str, resolution: str) -> None:
    asked = Generation(resolution=resolution, duration=5, aspect_ratio="16:9")
    with pytest.raises(RefusedError, match="is over your"):
        job.run(endpoint=endpoint, generation=asked, max_cost=Decimal("0.10"))
    assert job.cloud.posts == []


@pytest.mark.parametrize(
    ("units", "usd", "differs"), [("130.14", 1.822, False), ("131.4", 1.8396, False), ("131.5", 1.841, True)]
)
def test_quoted_against_billed(job: Job, units: str, usd: float, differs: bool) -> None:
    """$1.8220 was quoted; 1 % more is $1.8402."""
    job.cloud.billed_units = units
    outcome = job.run(generation=Generation(duration="5", aspect_ratio="16:9"))
    assert outcome.bill is not None and float(outcome.bill.usd) == usd
    assert ("request-bill-differs" in {finding.rule for finding in outcome.findings}) is differs
    assert (job.receipt["cost"]["max_usd"], job.receipt["bill"]) == (1.822, {"units": float(units), "usd": usd})


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
