"""The budget of a batch: reserved before a request is sent, settled by the bill, kept by all processes together."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prep.pricing.cost import Cost
from submit.errors import JournalUnavailable, OverBudget
from submit.journal import Failure, JobRecord, Journal
from submit.journal.budget import Budget
from submit.platform import Ticket
from tests.submit.journal.records import record

TICKET = Ticket(request_id="abc", response_url="r", status_url="s", cancel_url="c")
COST = Cost(min_usd=Decimal("0.5"), max_usd=Decimal("1.5"), unit_usd=Decimal("0.014"))
BUDGET = Budget("b1", Decimal("3.0"))


@pytest.fixture
def journal(state: Path | str) -> Journal:
    journal = Journal(state)
    for batch in ("b1", "b2"):
        journal.begin_batch(batch)
    return journal


def _uploaded(journal: Journal, key: str, **facts: Any) -> JobRecord:
    job, _ = journal.begin(record(key=key, **{"cost": COST, **facts}))
    return journal.move(job, "uploaded")


def _sent(journal: Journal, key: str, budget: Budget = BUDGET) -> JobRecord:
    return journal.move(_uploaded(journal, key), "submitting", budget=budget)


def test_at_the_limit_and_over_it(journal: Journal) -> None:
    _sent(journal, "a")
    _sent(journal, "b")
    assert journal.spent_usd("b1") == Decimal("3.0")
    refused = _uploaded(journal, "c")
    with pytest.raises(OverBudget, match=r"may cost \$0\.50–1\.50, and \$0\.00 of the budget of \$3\.00 is left"):
        journal.move(refused, "submitting", budget=BUDGET)
    assert journal.get(refused.id) == refused, "nothing has changed"
    assert _sent(journal, "d", Budget("b2", Decimal("1.5"))).batch == "b2", "another batch has a budget of its own"
    assert _sent(journal, "e", Budget("b1", Decimal("4.5"))).batch == "b1", "more money lets it go on"
    assert _sent(journal, "f", Budget("b1", None)).batch == "b1"


def test_a_journal_that_has_lost_the_batch_lets_nothing_be_sent(journal: Journal) -> None:
    """Its folder was removed, or a copy of before was put back, while the batch runs."""
    job = _uploaded(journal, "a")
    with pytest.raises(JournalUnavailable, match="the journal lost what the batch has paid"):
        journal.move(job, "submitting", budget=Budget("another", None))
    assert journal.get(job.id) == job


def test_a_price_that_is_not_known_is_over_every_budget(journal: Journal) -> None:
    job = _uploaded(journal, "a", cost=None)
    with pytest.raises(OverBudget, match="price is not known"):
        journal.move(job, "submitting", budget=BUDGET)
    assert journal.move(job, "submitting", budget=Budget("b1", None)).state == "submitting"


SETTLED: dict[str, tuple[list[tuple[str, dict[str, Any]]], str]] = {
    "being sent": ([], "1.5"),
    "uncertain": ([("uncertain", {})], "1.5"),
    "not accepted": ([("uploaded", {})], "0"),
    "running": ([("submitted", {"ticket": TICKET})], "1.5"),
    "billed": ([("submitted", {"ticket": TICKET}), ("completed", {"billed_units": "50"})], "0.7"),
    "billed more than was quoted": ([("submitted", {"ticket": TICKET}), ("completed", {"billed_units": "200"})], "2.8"),
    "no bill yet": ([("submitted", {"ticket": TICKET}), ("completed", {})], "1.5"),
    "refused at no cost": (
        [("submitted", {"ticket": TICKET}), ("failed", {"failure": Failure(message="no", billed="no")})],
        "0",
    ),
    "refused, perhaps billed": (
        [("submitted", {"ticket": TICKET}), ("failed", {"failure": Failure(message="no")})],
        "1.5",
    ),
}


@pytest.mark.parametrize("case", SETTLED)
def test_what_is_reserved_is_settled(journal: Journal, case: str) -> None:
    moves, spent = SETTLED[case]
    job = _sent(journal, "a")
    for state, facts in moves:
        job = journal.move(job, state, **facts)  # type: ignore[arg-type]
    assert journal.spent_usd("b1") == Decimal(spent)


def test_many_at_once_keep_it(journal: Journal) -> None:
    jobs = [_uploaded(journal, str(number)) for number in range(12)]

    def send(job: JobRecord) -> bool:
        try:
            Journal(journal.state).move(job, "submitting", budget=BUDGET)
        except OverBudget:
            return False
        return True

    with ThreadPoolExecutor(max_workers=6) as pool:
        assert sorted(pool.map(send, jobs)) == [False] * 10 + [True] * 2


def test_the_jobs_of_a_batch_that_were_sent(journal: Journal) -> None:
    running = _sent(journal, "a")
    journal.move(_sent(journal, "c"), "uploaded")  # it certainly did not arrive
    done = journal.move(_sent(journal, "b"), "submitted", ticket=TICKET)
    done = journal.move(journal.move(done, "completed", billed_units="1"), "downloaded")
    assert journal.sent_of_batch("b1") == (running.folder, done.folder)
    assert journal.sent_of_batch("b2") == ()


@pytest.mark.parametrize("damaged", [False, True], ids=["whole", "damaged"])
def test_a_forgotten_job_still_counts(journal: Journal, damaged: bool) -> None:
    job = journal.move(_sent(journal, "a"), "submitted", ticket=TICKET)
    if damaged:
        with journal._database.transaction() as connection:
            connection.execute("UPDATE jobs SET record = 'x'")
    journal.forget(job.id)
    assert (journal.spent_usd("b1"), journal.jobs()) == (Decimal("1.5"), ())
    _sent(journal, "b")
    with pytest.raises(OverBudget):
        journal.move(_uploaded(journal, "c"), "submitting", budget=BUDGET)
    journal.adopt(job)
    assert journal.spent_usd("b1") == Decimal("3.0"), "entered again from its receipt, it counts once"
    journal.forget(job.id)
    assert journal.spent_usd("b1") == Decimal("3.0")


def test_a_forgotten_job_that_owes_nothing(journal: Journal) -> None:
    journal.forget(journal.move(_sent(journal, "a"), "uploaded").id)
    journal.forget(_uploaded(journal, "b").id)
    assert journal.spent_usd("b1") == 0


def test_a_journal_knows_its_batches(journal: Journal) -> None:
    journal.begin_batch("b3")
    assert (journal.knows_batch("b3"), journal.knows_batch("b4")) == (True, False)


def test_a_journal_of_the_version_before(tmp_path: Path) -> None:
    """Its jobs belong to no batch and count for none."""
    journal = Journal(tmp_path)
    journal.begin_batch("b1")
    _sent(journal, "a")
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as connection:
        connection.execute("DROP TABLE forgotten")
        connection.execute("DROP TABLE batches")
        connection.execute("DROP INDEX jobs_of_batch")
        for column in ("batch", "owed_microusd", "endpoint", "folder"):
            connection.execute(f"ALTER TABLE jobs DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
    again = Journal(tmp_path)
    assert (again.spent_usd("b1"), len(again.jobs()), again.knows_batch("b1")) == (0, 1, False)
