"""Budget of a batch: what its jobs may cost together. The journal keeps it, so that no process can overspend it."""

from decimal import Decimal
from typing import NamedTuple

from submit.errors import JournalUnavailable, OverBudget
from submit.journal.database import Connection
from submit.journal.record import JobRecord

MICRO = 1_000_000


class Budget(NamedTuple):
    """The most that the jobs of *batch* may cost together, in US dollars; None: no limit."""

    batch: str
    max_usd: Decimal | None


def spent_usd(connection: Connection, batch: str, but: str = "") -> Decimal:
    """What the jobs of *batch*, *but* one, were billed, with the most that those without a bill may be.

    Forgotten jobs count as well.
    """
    total = sum(
        connection.execute(
            f"SELECT COALESCE(SUM(owed_microusd), 0) FROM {table} WHERE batch = ? AND id != ?", (batch, but)
        ).fetchone()[0]
        for table in ("jobs", "forgotten")
    )
    return Decimal(int(total)) / MICRO


def keep_owed(connection: Connection, job_id: str) -> None:
    """Note what the job *job_id*, which is about to be forgotten, has cost its batch."""
    connection.execute(
        "INSERT INTO forgotten (id, batch, owed_microusd) "
        "SELECT id, batch, owed_microusd FROM jobs WHERE id = ? AND batch != '' AND owed_microusd > 0",
        (job_id,),
    )


def count_again(connection: Connection, job_id: str) -> None:
    """Count the job *job_id*, which is entered again, as itself."""
    connection.execute("DELETE FROM forgotten WHERE id = ?", (job_id,))


def refuse_over_budget(job: JobRecord, budget: Budget, connection: Connection) -> None:
    """Raise OverBudget unless the most that *job* may cost is left. The caller holds the write transaction.

    Raises JournalUnavailable when the journal does not know the batch any more, and so not what was paid.
    """
    if not job.sandbox and connection.execute("SELECT 1 FROM batches WHERE id = ?", (budget.batch,)).fetchone() is None:
        raise JournalUnavailable(f"job {job.id}: the journal lost what the batch has paid; nothing more is sent")
    if budget.max_usd is None:
        return
    if job.cost is None:
        raise OverBudget(f"job {job.id}: its price is not known, so the budget can't be kept; it was not sent")
    left = budget.max_usd - spent_usd(connection, budget.batch, but=job.id)
    if Decimal(job.owed_microusd) / MICRO > left:
        raise OverBudget(
            f"job {job.id} may cost {job.cost}, and ${max(left, Decimal(0)):.2f} of the budget of "
            f"${budget.max_usd:.2f} is left; it was not sent"
        )
