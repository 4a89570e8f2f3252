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
    from submit.batches.result import RowResult

REFRESH_PER_S = 4
GOOD = ("done",)


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
    """How many rows are where, what is spent, and how long it will take; fewer columns where there is no room."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    cells = _cells(progress)
    while len(cells) > 1 and sum(max(len(name), len(value)) + 3 for name, value in cells) > width:
        cells.pop(_least(cells))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, _ in cells:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row(*(value for _, value in cells))
    return table


def _cells(progress: "BatchProgress") -> list[tuple[str, str]]:
    stages: Any = progress.stages
    done = progress.finished + progress.states.get("done", 0)
    failed = sum(count for state, count in progress.states.items() if state not in GOOD)
    spent = f"${progress.spent_usd:.2f}"
    budget = f" of ${progress.budget_usd:.2f}" if progress.budget_usd is not None else ""
    left = "" if progress.left_s is None else f"about {lasting(progress.left_s)}"
    return [
        ("preparing", f"{stages.get('preparing', 0)}"),
        ("prepared", f"{stages.get('prepared', 0)}"),
        ("uploading", f"{stages.get('uploading', 0)}"),
        ("uploaded", f"{stages.get('uploaded', 0)}"),
        ("running", f"{stages.get('running', 0)}"),
        ("done", f"{done} of {progress.rows}"),
        ("failed", f"{failed}"),
        ("spent", f"{spent}{budget}"),
        ("time", lasting(progress.elapsed_s)),
        ("left", left),
    ]


def _least(cells: list[tuple[str, str]]) -> int:
    """The column that is missed least."""
    names = [name for name, _ in cells]
    order = ("prepared", "uploaded", "uploading", "time", "preparing", "left", "running", "spent", "failed", "done")
    return names.index(next(name for name in order if name in names))
