"""Batch: rows that were surveyed and agreed to, and one run of them for each iteration."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from threading import Event
from typing import NamedTuple

from prep.errors import UnwritableError, UsageError
from prep.log import get_logger
from prep.media.io.files import writing
from submit.batches.executors.executor import Executor
from submit.batches.executors.local import LocalExecutor
from submit.batches.progress import OnBatchProgress, Tracker
from submit.batches.results.folder import BatchNote, write_first
from submit.batches.results.mirror import Mirror
from submit.batches.results.page import write_page
from submit.batches.results.result import BatchSummary, RowResult
from submit.batches.results.results_file import ResultsFile
from submit.batches.results.summary import summarize, with_open_rows, write_summary
from submit.batches.scheduler import Desk, Scheduler
from submit.batches.survey import BatchOffer, Surveyed
from submit.errors import BatchPaused

logger = get_logger(__name__)


class Course(NamedTuple):
    """Everything that a run of a batch needs. *rows* are to be done; *ids* are those of all, finished ones too.

    *mirror* is where the results go as well, if that is object storage.
    """

    note: BatchNote
    rows: tuple[Surveyed, ...]
    ids: frozenset[str]
    desk: Desk
    executor: Callable[[], Executor]
    progress: OnBatchProgress
    mirror: Mirror | None = None


class Batch:
    """A batch that was agreed to, as *offer* describes it.

    Iterating it runs it and yields the result of each row as it ends, but not of those that an earlier run has
    finished. Raises BatchPaused when the platform takes no more, and Cancelled; leaving the iteration stops everything
    but the jobs on the platform. Another iteration goes on where this one stopped.
    """

    def __init__(self, offer: BatchOffer, course: Course) -> None:
        self.offer = offer
        self._course = course
        self._summary: BatchSummary | None = None
        self._results: ResultsFile | None = None

    @property
    def summary(self) -> BatchSummary:
        """The state of all rows after the last iteration, as in DIR/summary.json."""
        if self._summary is None:
            raise UsageError("a batch has a summary once it was iterated")
        return self._summary

    @property
    def cancel(self) -> Event:
        """Set it to stop the iteration, from any thread; it ends with Cancelled."""
        return self._course.desk.ctx.cancel

    def results(self) -> Iterator[RowResult]:
        """Yield the latest result of each row that has ended, in this run or an earlier one."""
        results = self._results
        if results is None:
            results = ResultsFile(self._course.desk.folder)
            results.refresh()
        return (result for result in results.all() if result.id in self._course.ids)

    def __iter__(self) -> Generator[RowResult, None, None]:
        course, started = self._course, time.monotonic()
        results, self._results = ResultsFile(course.desk.folder), None
        with suppress(UnwritableError):  # which is said when a row begins
            results.refresh()
        tracker = Tracker(len(course.ids), len(course.ids) - len(course.rows))
        executor = course.executor() if course.rows else LocalExecutor(1)  # a cluster takes long to start
        scheduler = Scheduler(course.rows, course.desk, results, tracker, executor)
        try:
            with closing(scheduler.run(course.progress)) as run:
                for result in run:
                    if course.mirror:
                        course.mirror.put(result)
                    yield result
        except BaseException as error:
            with suppress(UnwritableError):  # what ended the run matters more, and the next run writes them
                self._sum_up(scheduler, results, time.monotonic() - started)
            self._end_mirror(complete=isinstance(error, BatchPaused))
            raise
        try:
            self._sum_up(scheduler, results, time.monotonic() - started)
        except BaseException:
            self._end_mirror(complete=False)
            raise
        self._end_mirror(complete=True)

    def _end_mirror(self, *, complete: bool) -> None:
        if self._course.mirror and complete:
            self._course.mirror.finish(self.results())
        elif self._course.mirror:
            self._course.mirror.stop()

    def _sum_up(self, scheduler: Scheduler, results: ResultsFile, seconds: float) -> None:
        """Write summary.json and batch.html, and what others have removed since. Raises UnwritableError."""
        try:
            results.restore()
        finally:
            self._results = results
            self._summarize(scheduler, seconds)

    def _summarize(self, scheduler: Scheduler, seconds: float) -> None:
        course, budget = self._course, self._course.desk.ctx.budget
        summary = summarize(course.desk.folder, course.note, self.results())
        self._summary = with_open_rows(summary, len(course.ids), scheduler.open).model_copy(
            update={
                **({"folder": str(course.mirror.url)} if course.mirror else {}),
                "left_out": tuple(self.offer.left_out),
                "spent_usd": course.desk.ctx.journal.spent_usd(course.note.id),
                "budget_usd": budget.max_usd if budget else None,
                "paused": scheduler.paused,
                "seconds": round(seconds, 3),
            }
        )
        with writing(course.desk.folder):
            write_first(course.desk.folder, course.note)  # with another id the next run would have another budget
            write_summary(course.desk.folder, self._summary)
            write_page(course.desk.folder, self._summary, course.note.command, self.results())
