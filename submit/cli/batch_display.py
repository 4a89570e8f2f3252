"""Live table of a batch on a terminal; silent in a pipe."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prep.cli.logs import shows_bars
from prep.cli.progress import lasting
from prep.model.redact import printable

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from submit.batches.progress import BatchProgress
    from submit.batches.results.result import RowResult

REFRESH_PER_S = 4
GOOD = ("done",)
GAP = 3  # columns between two of the table
COST = "spent at most"  # the upper prices of jobs without a bill count as well
# What is missed least goes first; the last entry means that "done" stays, whatever the room.
LEAST_FIRST = (
    *("prepared", "uploaded", "time", "uploading", "left", "preparing"),
    *("waiting", "running", COST, "failed", ""),
)


@dataclass(frozen=True)
class BatchDisplay:
    """*show* takes a new snapshot, *tell* a row that has ended; inside `paused()` a question can be asked."""

    show: "Callable[[BatchProgress], None]"
    tell: "Callable[[RowResult], None]"
    paused: Callable[[], AbstractContextManager[None]]


@contextmanager
def show_batch() -> Iterator[BatchDisplay]:
    """A display on stderr where that is a terminal; the table goes away at the end."""
    if not sys.stderr.isatty() or os.environ.get("TERM") in ("dumb", "unknown") or not shows_bars():
        yield BatchDisplay(lambda progress: None, lambda result: None, nullcontext)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    live = Live(console=console, refresh_per_second=REFRESH_PER_S, transient=True)

    def tell(result: "RowResult") -> None:
        if result.state not in GOOD:
            first = printable(result.error.partition("\n")[0])
            console.print(f"{result.id}: {result.state}: {first}", markup=False, highlight=False)

    try:
        yield BatchDisplay(lambda progress: _show(live, progress), tell, lambda: _paused(live))
    finally:
        live.stop()


def _show(live: "Live", progress: "BatchProgress") -> None:
    live.update(table_of(progress, live.console.width))
    if not live.is_started:
        live.start()


@contextmanager
def _paused(live: "Live") -> Iterator[None]:
    """The table begins when the first row does, so that nothing is in the way of the question."""
    live.stop()
    yield


def table_of(progress: "BatchProgress", width: int) -> "Table":
    """Rows by stage, what they cost at most, and the time left.

    Where there is no room, there are fewer columns: the rows of a stage without one count in the stage before it.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    stages, cells = _stages(progress), _cells(progress)
    for name in LEAST_FIRST:
        shown = [*((stage, f"{rows}") for stage, rows in stages.items()), *cells]
        if sum(max(len(title), len(value)) + GAP for title, value in shown) - GAP <= width:
            break
        if name in stages:
            _fold(stages, name)
        else:
            cells = [cell for cell in cells if cell[0] != name]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title, _ in shown:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_row(*(value for _, value in shown))
    return table


def _stages(progress: "BatchProgress") -> dict[str, int]:
    """The rows that have not ended, each in one stage, in the order of the work."""
    stages: Any = progress.stages
    names = ("preparing", "prepared", "uploading", "uploaded", "running")
    return {"waiting": progress.waiting, **{name: stages.get(name, 0) for name in names}}


def _fold(stages: dict[str, int], name: str) -> None:
    """Leave *name* out, and count its rows in the stage before it, if there is one."""
    names = list(stages)
    rows, before = stages.pop(name), names.index(name) - 1
    if before >= 0:
        stages[names[before]] += rows


def _cells(progress: "BatchProgress") -> list[tuple[str, str]]:
    """The columns beside the stages: rows that have ended, money and time."""
    done = progress.finished + progress.states.get("done", 0)
    failed = sum(count for state, count in progress.states.items() if state not in GOOD)
    budget = f" of ${progress.budget_usd:.2f}" if progress.budget_usd is not None else ""
    spent = f"${progress.spent_usd:.2f}{budget}"
    return [
        ("done", f"{done} of {progress.rows}"),
        ("failed", f"{failed}"),
        (COST, f"sandbox, $0.00 (would be {spent})" if progress.sandbox else spent),
        ("time", lasting(progress.elapsed_s)),
        ("left", "" if progress.left_s is None else f"about {lasting(progress.left_s)}"),
    ]
