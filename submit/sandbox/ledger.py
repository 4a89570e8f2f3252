"""Ledger: how every job ended and what it would have cost, in memory and as one JSON line for each event."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import field_serializer

from prep.model.value import Value
from submit.sandbox.billing import Charge

LEDGER = "ledger.jsonl"
Event = Literal["accepted", "billed", "refused", "failed", "cancelled"]


class Entry(Value):
    """One event of one job; *at* is UTC. Amounts are set when it was billed."""

    at: str
    event: Event
    request_id: str
    endpoint: str
    billable_units: Decimal | None = None
    usd: Decimal | None = None

    @field_serializer("billable_units", "usd", when_used="json")
    def _as_number(self, amount: Decimal | None) -> float | None:
        return None if amount is None else float(amount)


class Totals(Value):
    """How many jobs ended which way; *usd* is what would have been paid."""

    accepted: int
    billed: int
    refused: int
    failed: int
    cancelled: int
    unfinished: int
    usd: Decimal

    def __str__(self) -> str:
        ends = ("refused", "failed", "cancelled", "unfinished")
        others = "".join(f", {getattr(self, end)} {end}" for end in ends if getattr(self, end))
        jobs = "job" if self.accepted == 1 else "jobs"
        price = f" ($0.00, would be ${self.usd:.2f})" if self.billed else ""
        return f"{self.accepted} {jobs} accepted, {self.billed} billed{price}{others}"


class Ledger:
    """Appends to *path*, one JSON object per line, in the order of events."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._charges: list[Charge] = []
        self._entries: list[Entry] = []

    @property
    def charges(self) -> tuple[Charge, ...]:
        return tuple(self._charges)

    def record(self, event: Event, request_id: str, endpoint: str, charge: Charge | None = None) -> None:
        entry = Entry(
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            event=event,
            request_id=request_id,
            endpoint=endpoint,
            billable_units=charge.billable_units if charge else None,
            usd=charge.usd if charge else None,
        )
        with self.path.open("a", encoding="utf-8") as file:
            file.write(entry.model_dump_json(exclude_none=True) + "\n")
        self._entries.append(entry)
        if charge is not None:
            self._charges.append(charge)

    def totals(self) -> Totals:
        events = [entry.event for entry in self._entries]
        accepted = events.count("accepted")
        return Totals(
            accepted=accepted,
            billed=events.count("billed"),
            refused=events.count("refused"),
            failed=events.count("failed"),
            cancelled=events.count("cancelled"),
            unfinished=2 * accepted - len(events),  # every other event ends one accepted job
            usd=sum((charge.usd or Decimal(0) for charge in self.charges), Decimal(0)),
        )
