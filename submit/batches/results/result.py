"""Results: how each row ended, and the summary of all."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import ConfigDict

from prep.model.finding import Finding
from prep.model.value import Value
from prep.pricing.bill import Bill
from prep.pricing.cost import Amount, Cost

RowState = Literal[
    "done",  # the video is here
    "refused",  # the platform refused it
    "cancelled",  # it was cancelled after it had been submitted
    "failed",  # it could not be prepared, uploaded or sent
    "uncertain",  # the request may or may not have arrived, or its answer can't be fetched
    "running",  # it goes on on the platform, and nobody waits for it any more
    "over-budget",  # it may cost more than is left
    "unsent",  # the batch stopped before it
]
# Running the batch again leaves these alone; the row has to be changed first.
FINAL: tuple[RowState, ...] = ("done", "refused", "cancelled")
# What results.jsonl records; the rest is still to be done.
RECORDED: tuple[RowState, ...] = (*FINAL, "failed", "uncertain")


class Paths(Value):
    """Relative to the folder of the batch."""

    folder: str
    video: str | None = None
    files: tuple[str, ...] = ()


class RowResult(Value):
    """The end of one row. *key* is that of the row; *found*: the job was in the journal already, so nothing was sent.

    *quoted* None: the row did not come to a price. *billed* None: the platform has not stated it. *seconds* are those
    of each stage. *error* is empty where there was none; *exit_code* is its exit code.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")  # a later version may have written more

    id: str
    row: int
    state: RowState
    job: str | None = None
    request_id: str | None = None
    sandbox: bool = False
    found: bool = False
    quoted: Cost | None = None
    billed: Bill | None = None
    paths: Paths
    findings: tuple[Finding, ...] = ()
    error: str = ""
    exit_code: int = 0
    seconds: Mapping[str, float] = {}
    at: datetime
    key: str


class BatchSummary(Value):
    """All rows of a batch. *states* counts them, and *ids* lists those that are not done. *left_out* are the numbers of
    rows that `skip_bad` left out. *paused* is the reason why the last run stopped before the end.

    *spent_usd* is what the journal counts for the batch: bills, and the most that jobs without a bill may cost.
    *billed_usd* are the bills alone, *quoted* the quotations of the same rows.
    """

    batch: str
    folder: str
    rows: int
    states: Mapping[RowState, int]
    ids: Mapping[RowState, tuple[str, ...]] = {}
    left_out: tuple[int, ...] = ()
    sandbox: bool = False
    quoted: Cost | None = None
    billed_usd: Amount = Decimal(0)
    spent_usd: Amount = Decimal(0)
    budget_usd: Amount | None = None
    paused: str = ""
    seconds: float = 0.0
