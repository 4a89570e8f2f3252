"""Scheduler of a batch: prepares ahead, keeps the slots on the platform busy, and ends each row by itself.

One thread decides; executor and senders report to it through a queue.
"""

import threading
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from contextvars import copy_context
from decimal import Decimal
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from prep.errors import Busy, Cancelled, PrepError, UnwritableError
from prep.execution.lock import claimed
from prep.log import get_logger, logged_about
from submit.batches.executors.executor import Executor
from submit.batches.pausing import Outage
from submit.batches.preparation import Preparation, Prepared
from submit.batches.progress import BatchProgress, OnBatchProgress, RowSpans, Tracker
from submit.batches.results.result import FINAL, RECORDED, RowResult, RowState
from submit.batches.results.results_file import ResultsFile
from submit.batches.row import Row
from submit.batches.sending import Ended, Sender, ended_row
from submit.batches.slots import UPLOADING_AT_ONCE, RowTurn, Slots
from submit.batches.survey import Look, Surveyed
from submit.errors import BatchPaused, OverBudget
from submit.job.context import JobContext
from submit.job.lookup import adopt_receipts
from submit.platform import SANDBOX_ACCOUNT

logger = get_logger(__name__)
TICK_S = 0.2  # between looks at what others do


class Desk(NamedTuple):
    """What the rows of one run share. *ctx* has the budget of the batch, *look* the specs and the isolation."""

    folder: Path
    ctx: JobContext
    look: Look
    concurrency: int
    cache: Path
    webhook: str | None = None
    fail_fast: bool = False


class _Event(NamedTuple):
    """A future of *item* that is done: its preparation, or its sending."""

    item: Surveyed
    prepared: "Future[Prepared] | None" = None
    sent: "Future[Ended] | None" = None


class Scheduler:
    """Runs *rows* once, *executor* prepares them, *tracker* follows them."""

    def __init__(
        self, rows: Sequence[Surveyed], desk: Desk, results: ResultsFile, tracker: Tracker, executor: Executor
    ) -> None:
        self._desk, self._results, self._tracker, self._executor = desk, results, tracker, executor
        self._seen: set[str] = set()
        # these rows have their price reserved, and come first: only an hour is a result certainly kept
        self._sent = self._newly_sent()
        self._waiting = deque(sorted(rows, key=lambda item: item.row.id not in self._sent))
        # the row that pays, by the key of its job; other rows of the same job cost nothing
        self._payers = {item.row.key: item.row.number for item in rows if item.row.id in self._sent}
        self._busy: deque[Surveyed] = deque()
        self._over: list[Surveyed] = []
        self._open: dict[str, RowState] = {}
        self._held: dict[int, ExitStack] = {}
        self._costs: dict[int, Decimal] = {}
        self._quoted: dict[int, Decimal] = {}  # of rows whose files were made: the survey may have seen others
        self._spans = RowSpans()
        self._events: SimpleQueue[_Event] = SimpleQueue()
        self._slots, self._uploads = Slots(desk.concurrency, desk.ctx.cancel), threading.Semaphore(UPLOADING_AT_ONCE)
        self._outage, self._judging = Outage(), threading.Lock()
        self._stopped = ""
        self._out_of_room = False
        self._ahead = executor.workers + desk.concurrency
        threads = 2 * desk.concurrency + self._ahead
        self._senders = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="send")

    @property
    def _ctx(self) -> JobContext:
        return self._desk.ctx

    @property
    def _batch(self) -> str:
        assert self._ctx.budget is not None
        return self._ctx.budget.batch

    @property
    def paused(self) -> str:
        """Why the run stopped before all rows were sent; empty: it did not, or was interrupted."""
        return self._stopped

    @property
    def open(self) -> Mapping[str, RowState]:
        """The state of each row that this run leaves open, by id: results.jsonl does not have it."""
        unsent: dict[str, RowState] = {item.row.id: "unsent" for item in (*self._waiting, *self._busy)}
        return {**unsent, **{item.row.id: "over-budget" for item in self._over}, **self._open}

    def run(self, progress: OnBatchProgress) -> Generator[RowResult, None, None]:
        """Yield the result of each row as it ends. Raises BatchPaused, UnwritableError on a full disk, Cancelled.

        Leaving the iteration stops everything but the jobs that are on the platform.
        """
        self._spans.begin(len(self._waiting))
        try:
            while True:
                self._start_rows()
                progress(self._snapshot())
                if self._ctx.cancel.is_set():
                    raise KeyboardInterrupt
                if not self._tracker.active and (self._stopped or not (self._waiting or self._busy)):
                    break
                yield from self._handle_events()
        except BaseException as error:
            self._spans.fail(error)
            left = isinstance(error, GeneratorExit) and not self._ctx.cancel.is_set()
            self._abandon()
            if left:
                self._ctx.cancel.clear()  # nobody cancelled it: another iteration goes on
            if isinstance(error, KeyboardInterrupt):
                raise Cancelled(self._interrupted()) from None
            raise
        finally:
            self._close()
            self._spans.end()
        if self._stopped and not self._desk.fail_fast:
            kind = UnwritableError if self._out_of_room else BatchPaused
            count = sum(state in ("unsent", "over-budget") for state in self.open.values())
            rows = f"{count} row{'' if count == 1 else 's'} not sent; " if count else ""
            raise kind(f"paused: {self._stopped}; {rows}run the same command again to continue")

    def _start_rows(self) -> None:
        if self._stopped:
            return
        left = self._left()
        while self._has_room() and (item := self._next(left)) is not None:
            most = self._most(item)
            if self._begin(item) and left is not None and item.row.id not in self._sent:
                left -= most

    def _has_room(self) -> bool:
        return self._tracker.ahead < self._ahead and not self._ctx.cancel.is_set()

    def _next(self, left: Decimal | None) -> Surveyed | None:
        """The next row that can be paid for; dearer ones wait until jobs are billed less than was reserved."""
        if self._over and not self._tracker.active:
            self._sent |= self._newly_sent()
        for index, item in enumerate(self._over):
            if self._can_be_paid(item, left):
                return self._over.pop(index)
        while self._waiting:
            item = self._waiting.popleft()
            if self._can_be_paid(item, left):
                return item
            self._over.append(item)
        if self._busy and not self._tracker.active:
            self._ctx.cancel.wait(TICK_S)  # another process is at work on all that is left
        if self._busy and not self._tracker.active:
            self._waiting, self._busy = self._busy, deque()
            return self._waiting.popleft()
        return None

    def _begin(self, item: Surveyed) -> bool:
        """Hold the folder of a row and start its preparation; False when it needs none now."""
        row, stack = item.row, ExitStack()
        try:
            folder = self._desk.folder / row.id
            stack.enter_context(claimed(folder))
            adopt_receipts(folder, self._ctx.platform.account, self._ctx.journal)
            self._results.refresh()
        except Busy:
            self._busy.append(item)
            return False
        except PrepError as error:
            stack.close()
            self._tracker.enter(row.number, "preparing")
            self._events.put(_Event(item, prepared=_failed(error)))
            return True
        if self._results.is_final(row):
            stack.close()
            self._tracker.found_finished()
            return False
        self._held[row.number] = stack
        self._costs[row.number] = Decimal(0) if row.id in self._sent else self._most(item)
        self._payers.setdefault(row.key, row.number)
        self._tracker.enter(row.number, "preparing")
        look = self._desk.look
        task = Preparation(
            job=row.text,
            key=row.key,
            spec=look.spec_of(row.job.endpoint),
            folder=folder,
            cache=self._desk.cache,
            network=look.network,
            isolation=look.isolation,
        )
        future = self._spans.prepare(row, lambda: self._executor.submit(task))
        future.add_done_callback(lambda done: self._events.put(_Event(item, prepared=done)))
        return True

    def _handle_events(self) -> Iterator[RowResult]:
        """Wait for something to happen, and take everything that has."""
        with suppress(Empty):
            event = self._events.get(timeout=TICK_S)
            while True:
                yield from self._handle(event)
                event = self._events.get_nowait()

    def _handle(self, event: _Event) -> Iterator[RowResult]:
        if event.sent is not None:
            yield from self._end(event.item, event.sent.result())
        elif event.prepared is not None:
            yield from self._prepared(event.item, event.prepared)

    def _prepared(self, item: Surveyed, future: "Future[Prepared]") -> Iterator[RowResult]:
        row, error = item.row, future.exception()
        if error is not None:
            if not isinstance(error, Exception):
                raise error
            self._judge(row, error)
            state: RowState = "unsent" if isinstance(error, Cancelled) else "failed"
            yield from self._end(item, Ended(ended_row(row, error, state), error))
            return
        self._tracker.enter(row.number, "prepared")
        sender = Sender(row, self._desk.look, self._desk.folder / row.id, self._desk.webhook)
        turn = RowTurn(self._slots, self._uploads, partial(self._tracker.enter, row.number))
        with self._spans.submission(row):
            sent = self._senders.submit(copy_context().run, sender.send, future.result(), self._ctx, turn, self._judge)
        sent.add_done_callback(lambda done: self._events.put(_Event(item, sent=done)))

    def _end(self, item: Surveyed, ended: Ended) -> Iterator[RowResult]:
        result = ended.result
        try:
            known = result.state == "uncertain" == self._results.state_of(result.id)
            if result.state in RECORDED and not known:
                self._results.append(result)
        except PrepError as error:  # what is in flight is waited for; its results are kept in memory
            self._judge(item.row, error)
        self._costs.pop(result.row, None)
        self._spans.end_row(result, ended.error)
        if stack := self._held.pop(result.row, None):
            stack.close()
        if result.state not in FINAL and self._payers.get(item.row.key) == result.row:
            del self._payers[item.row.key]
        if result.state == "over-budget":  # another job was sent first, or it is dearer than it was
            if result.quoted is not None:
                self._quoted[result.row] = result.quoted.max_usd
            self._sent.discard(result.id)
            self._tracker.leave(result.row)
            self._over.append(item)
            return
        self._tracker.end(result.row, result.state)
        if result.state not in RECORDED:
            self._open[result.id] = result.state
        if result.state == "unsent":
            return
        with logged_about(job=result.job):
            logger.info("row %s: %s%s", result.id, result.state, f": {result.error}" if result.error else "")
        yield result

    def _judge(self, row: Row, error: Exception | None) -> None:
        """Send nothing more if *error*, which ended *row*, is a reason for that; what is in flight is waited for."""
        if isinstance(error, Cancelled | OverBudget):
            return
        with self._judging:
            reason = self._outage.reason(error)
            if reason is None and error is not None and self._desk.fail_fast:
                reason = f"row {row.id}: {error}"
            if reason is not None and not self._stopped:
                self._stopped, self._out_of_room = reason, isinstance(error, UnwritableError)
                self._slots.close()

    def _left(self) -> Decimal | None:
        """What may still be spent, if every row at work costs the most that it may; None: there is no limit."""
        budget = self._ctx.budget
        if budget is None or budget.max_usd is None:
            return None
        reserved = sum((cost for row, cost in self._costs.items() if self._tracker.is_ahead(row)), Decimal(0))
        return budget.max_usd - self._ctx.journal.spent_usd(budget.batch) - reserved

    def _can_be_paid(self, item: Surveyed, left: Decimal | None) -> bool:
        return left is None or item.row.id in self._sent or self._most(item) <= left

    def _newly_sent(self) -> set[str]:
        """The rows that were sent since the last look; another host may have done it, from a folder of its own."""
        sent = {path.name for path in self._ctx.journal.sent_of_batch(self._batch)} - self._seen
        self._seen |= sent
        return sent

    def _most(self, item: Surveyed) -> Decimal:
        """What *item* may cost at most: nothing where an equal row pays, or has paid."""
        row = item.row
        if self._results.has_ended(row.key) or self._payers.get(row.key, row.number) != row.number:
            return Decimal(0)
        return self._quoted.get(row.number, item.cost.max_usd if item.cost else Decimal(0))

    def _snapshot(self) -> BatchProgress:
        budget = self._ctx.budget
        spent = self._ctx.journal.spent_usd(self._batch)
        sandbox = self._ctx.platform.account == SANDBOX_ACCOUNT
        return self._tracker.snapshot(spent, budget.max_usd if budget else None, sandbox=sandbox)

    def _abandon(self) -> None:
        """Stop the work, and record what has ended by itself; what is on the platform goes on."""
        self._ctx.cancel.set()
        self._close()
        while not self._events.empty():
            event = self._events.get_nowait()
            if event.sent is not None and not event.sent.cancelled():
                with suppress(PrepError):
                    deque(self._end(event.item, event.sent.result()), maxlen=0)

    def _close(self) -> None:
        self._slots.close()
        self._executor.close()
        self._senders.shutdown(wait=True, cancel_futures=True)
        for stack in self._held.values():
            stack.close()
        self._held.clear()

    def _interrupted(self) -> str:
        running, uncertain = (self._tracker.states.get(state, 0) for state in ("running", "uncertain"))
        notes = ["interrupted"]
        if running:
            jobs = "1 job goes on" if running == 1 else f"{running} jobs go on"
            billed = "nothing is billed" if self._ctx.platform.account == SANDBOX_ACCOUNT else "may be billed"
            notes.append(f"{jobs} on the platform and {billed}")
        if uncertain:
            notes.append(f"of {uncertain} it is not known whether they arrived")
        return "; ".join([*notes, "run the same command again to continue where it stopped"])


def _failed(error: PrepError) -> "Future[Prepared]":
    future: Future[Prepared] = Future()
    future.set_exception(error)
    return future
