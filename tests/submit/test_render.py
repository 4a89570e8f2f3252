"""Text about jobs: the quotation, and the bill beside it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from prep.execution.cache import Contents
from prep.pricing.cost import Cost
from submit.job.manage import Status
from submit.journal import JobRecord, Moment
from submit.journal.record import Failure
from submit.journal.uploads import Upload
from submit.platform import SANDBOX_ACCOUNT
from submit.render import cache_text, job_data, jobs_text, status_text
from tests.submit.journal.records import record

QUOTED = Cost(min_usd=Decimal("1.5246"), max_usd=Decimal("1.5246"), unit_usd=Decimal("0.014"))
BEFORE = Cost(min_usd=Decimal("1.5246"), max_usd=Decimal("1.5246"))


def _job(**changes: Any) -> JobRecord:
    history = (Moment(state="downloaded", at=datetime(2026, 11, 27, tzinfo=UTC)),)
    return record(id="k7f3m2qp", history=history, **changes)


@pytest.mark.parametrize(
    ("cost", "units", "account", "listed", "shown"),
    [
        pytest.param(QUOTED, None, "a", "$1.52 ", "$1.52", id="not-billed"),
        pytest.param(
            QUOTED,
            "108.9",
            "a",
            "$1.52, billed $1.52 ",
            "$1.52, billed 108.9 units; at $0.014 a unit that is $1.52",
            id="billed",
        ),
        pytest.param(
            BEFORE,
            "119.7",
            "a",
            "$1.52, billed 119.7 units ",
            "$1.52, billed 119.7 units; the price of a unit is not known",
            id="unit-unknown",
        ),
        pytest.param(
            None,
            "980.1",
            "a",
            "-, billed 980.1 units ",
            "not known for this endpoint and resolution, billed 980.1 units; the price of a unit is not known",
            id="price-unknown",
        ),
        pytest.param(QUOTED, "many", "a", "$1.52 ", "$1.52", id="no-number"),
        pytest.param(
            QUOTED, "108.9", SANDBOX_ACCOUNT, "sandbox, $0.00 ", "sandbox, $0.00 (would be $1.52)", id="sandbox-is-free"
        ),
    ],
)
def test_quoted_and_billed(cost: Cost | None, units: str | None, account: str, listed: str, shown: str) -> None:
    job = _job(cost=cost, billed_units=units, account=account)
    assert listed in jobs_text([job])
    rows = dict(line.split(maxsplit=1) for line in status_text(Status(job, None, busy=False)).splitlines()[:4])
    assert rows["price"] == shown


def test_a_bill_that_differs_is_a_warning() -> None:
    job = _job(cost=QUOTED, billed_units="119.7")
    text = status_text(Status(job, None, busy=False))
    assert "! request-bill-differs: billed 119.7 units; at $0.014 a unit that is $1.68; quoted was $1.52" in text
    assert job_data(Status(job, None, busy=False))["bill"] == {"units": 119.7, "usd": 1.6758}
    assert "request-bill-differs" not in status_text(Status(_job(cost=QUOTED, billed_units="108.9"), None, busy=False))


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ("a", "cancelled    on request; what was done by then may be billed"),
        (SANDBOX_ACCOUNT, "cancelled    on request"),
    ],
)
def test_what_was_cancelled_was_not_refused(account: str, line: str) -> None:
    failure = Failure(message="request abc failed: Request was cancelled by the client; it may be billed")
    job = _job(cost=QUOTED, account=account, state="cancelled", failure=failure)
    lines = status_text(Status(job, None, busy=False)).splitlines()
    assert line in lines
    assert not any(each.startswith("refused") for each in lines)


@pytest.mark.parametrize("prompt", ["@Image1 waves " * 9, "彼女は手を振る" * 9, "short"], ids=["long", "wide", "short"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_job_in_a_list_takes_one_line(prompt: str, width: int) -> None:
    from rich.cells import cell_len

    job = _job(request={"prompt": prompt})
    fixed = cell_len(jobs_text([job], 1)) + 10  # id, state, time, and the column of prices
    (line,) = jobs_text([job], width).split("\n")
    assert cell_len(line) <= max(width, fixed)
    assert ("short" in line) == (prompt == "short" and width >= 80)


@pytest.mark.parametrize("expires_at", [1e18, -1e18, float("inf"), float("nan")])
def test_an_upload_of_a_damaged_journal(expires_at: float) -> None:
    upload = Upload(url="https://cdn/a.png", bytes=5, uploaded_at=0.0, expires_at=expires_at)
    assert "expires at an unknown time  https://cdn/a.png" in cache_text(
        "cache", Contents(files=0, looks=0, bytes=0), [upload]
    )
