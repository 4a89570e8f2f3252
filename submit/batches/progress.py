"""Progress of a batch: as a value that a caller may show, and as spans."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from decimal import Decimal
from threading import Lock
from typing import Literal, TypeVar

from prep.model.value import Value
from prep.telemetry import names
from prep.telemetry.spans import NOTHING, Span, begin
from submit.batches.results.result import RowResult, RowState
from submit.batches.row import Row

T = TypeVar("T")
Stage = Literal["preparing", "prepared", "uploading", "uploaded", "running"]
AHEAD: frozenset[Stage] = frozenset(("preparing", "prepared", "uploading", "uploaded"))
LEAST_ENDED = 2  # rows; from less the time that is left would jump about


class BatchProgress(Value):
    """Where the rows of a batch are. *finished* needed no work in this run; *stages* counts the rows at work, *states*
    those that have ended in this run. *spent_usd* are bills, and upper prices reserved for jobs without one; nothing is
    paid in a *sandbox*. *left_s* is None while nothing is known to estimate it from.
    """

    rows: int
    finished: int
    stages: Mapping[Stage, int]
    states: Mapping[RowState, int]
    spent_usd: Decimal
    budget_usd: Decimal | None
    elapsed_s: float
    left_s: float | None
    sandbox: bool = False

    @property
    def waiting(self) -> int:
        """Rows that nobody works on yet."""
        return max(0, self.rows - self.finished - sum(self.states.values()) - sum(self.stages.values()))


OnBatchProgress = Callable[[BatchProgress], None]


class Tracker:
    """The stage of each row at work, which threads change, and how the others have ended."""

    def __init__(self, rows: int, finished: int) -> None:
        self._rows, self._finished = rows, finished
        self._stages: dict[int, Stage] = {}
        self._states: Counter[RowState] = Counter()
        self._lock = Lock()
        self._begun = time.monotonic()

    @property
    def states(self) -> Mapping[RowState, int]:
        return dict(self._states)

    @property
    def ahead(self) -> int:
        """The rows at work that are not in flight on the platform yet."""
        with self._lock:
            return sum(stage in AHEAD for stage in self._stages.values())

    @property
    def active(self) -> int:
        with self._lock:
            return len(self._stages)

    def is_ahead(self, row: int) -> bool:
        with self._lock:
            return self._stages.get(row) in AHEAD

    def enter(self, row: int, stage: Stage) -> None:
        with self._lock:
            self._stages[row] = stage

    def leave(self, row: int) -> None:
        """Another run of the batch, or a later moment, takes care of *row*."""
        with self._lock:
            self._stages.pop(row, None)

    def end(self, row: int, state: RowState) -> None:
        self.leave(row)
        self._states[state] += 1

    def found_finished(self) -> None:
        """Another process has done a row in the meantime."""
        self._finished += 1

    def snapshot(self, spent_usd: Decimal, budget_usd: Decimal | None, *, sandbox: bool) -> BatchProgress:
        with self._lock:
            stages = Counter(self._stages.values())
        ended, elapsed_s = sum(self._states.values()), time.monotonic() - self._begun
        left = max(0, self._rows - self._finished - ended)
        return BatchProgress(
            rows=self._rows,
            finished=self._finished,
            stages=dict(stages),
            states=dict(self._states),
            spent_usd=spent_usd,
            budget_usd=budget_usd,
            elapsed_s=elapsed_s,
            left_s=elapsed_s / ended * left if ended >= LEAST_ENDED else None,
            sandbox=sandbox,
        )


class RowSpans:
    """The spans of a run: one for the batch, below it one for each job, and its preparation and submission below that.

    One thread begins and ends them; the work in other threads nests below.
    """

    def __init__(self) -> None:
        self._batch = NOTHING
        self._jobs: dict[int, Span] = {}

    def begin(self, rows: int) -> None:
        """Begin the span of a run that has *rows* to do."""
        self._batch = begin(names.BATCH, {names.ROWS: rows})

    def fail(self, error: BaseException) -> None:
        self._batch.fail(error)

    def prepare(self, row: Row, start: "Callable[[], Future[T]]") -> "Future[T]":
        """Return the future that *start* returns, within spans of the row and of its preparation, which ends with it.

        Media may be opened on another machine: what is recorded is how long this one waited.
        """
        with self._batch.active():
            job = self._jobs[row.number] = begin(names.JOB, {names.ROW: row.id})
        with job.active():
            preparation = begin(names.PREPARATION)
        with preparation.active():
            future = start()
        future.add_done_callback(lambda done: preparation.end(None if done.cancelled() else done.exception()))
        return future

    @contextmanager
    def submission(self, row: Row) -> Iterator[None]:
        """Nest what begins in the block below the span of *row*."""
        with self._jobs.get(row.number, NOTHING).active():
            yield

    def end_row(self, result: RowResult, error: BaseException | None) -> None:
        span = self._jobs.pop(result.row, NOTHING)
        billed = result.billed.usd if result.billed else None
        span.set({names.ROW_STATE: result.state, names.BILLED: None if billed is None else float(billed)})
        span.end(error)

    def end(self) -> None:
        """End all spans, also of rows that did not come to their end."""
        for span in self._jobs.values():
            span.end()
        self._jobs.clear()
        self._batch.end()
