"""Summary of a batch: what has become of its rows, from results.jsonl and the run that has just ended."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from prep.media.io.files import write_whole
from prep.pricing.bill import Bill
from prep.pricing.cost import Cost, total
from submit.batches.results.folder import BatchNote
from submit.batches.results.result import BatchSummary, RowResult, RowState

SUMMARY = "summary.json"


def summarize(folder: Path, note: BatchNote, results: Iterable[RowResult]) -> BatchSummary:
    """Sum up *results*, the latest of each row."""
    rows: dict[RowState, list[str]] = {}
    quotes: dict[str, Cost] = {}
    bills: dict[str, Bill] = {}
    for result in results:
        rows.setdefault(result.state, []).append(result.id)
        job = result.job or result.id
        if result.quoted is not None:
            quotes[job] = result.quoted  # equal rows share a job, which is quoted and billed once
        if result.billed is not None:
            bills[job] = result.billed
    return BatchSummary(
        batch=note.id,
        folder=str(folder.absolute()),
        rows=note.rows,
        states={state: len(ids) for state, ids in rows.items()},
        ids={state: tuple(ids) for state, ids in rows.items() if state != "done"},
        sandbox=note.sandbox,
        quoted=total(quotes.values()) if quotes else None,
        billed_usd=sum((bill.usd for bill in bills.values() if bill.usd is not None), Decimal(0)),
    )


def with_open_rows(summary: BatchSummary, rows: int, now: Mapping[str, RowState]) -> BatchSummary:
    """*summary* with those of all *rows* that have not ended; *now* is how some of them stand."""
    recorded = {row_id: state for state, group in summary.ids.items() for row_id in group}
    states: Counter[RowState] = Counter(summary.states)
    listed = dict(recorded)
    for row_id, state in now.items():
        if row_id in recorded:
            states[recorded[row_id]] -= 1
        states[state] += 1
        listed[row_id] = state
    if (left := rows - sum(states.values())) > 0:
        states["unsent"] += left
    groups: dict[RowState, list[str]] = {}
    for row_id, state in listed.items():
        groups.setdefault(state, []).append(row_id)
    return summary.model_copy(
        update={
            "states": {state: count for state, count in states.items() if count},
            "ids": {state: tuple(group) for state, group in groups.items()},
        }
    )


def write_summary(folder: Path, summary: BatchSummary) -> None:
    write_whole(folder / SUMMARY, summary.model_dump_json(indent=2) + "\n")
