"""Progress as bars on a terminal; silent in a pipe."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from prep.cli.logs import shows_bars
from prep.cli.terminal import fitted
from prep.flag_names import in_flags
from prep.model.progress import Progress
from prep.model.redact import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars

TITLES = {
    "analyse": "analysing",
    "download": "downloading",
    "prepare": "preparing",
    "probe": "reading",
    "upload": "uploading",
}
# One bar for all files, which counts them: each of them takes a moment only.
COUNTED = frozenset({"probe", "analyse"})
# The time that is left is told from here on: a guess from less would jump about.
LEAST_PART, LEAST_S = 0.02, 1.0


@dataclass(frozen=True)
class ProgressDisplay:
    """Calling it shows one event; inside `paused()` nothing moves on the terminal, so that a question can be asked."""

    show: Callable[[Progress], None]
    paused: Callable[[], AbstractContextManager[None]]

    def __call__(self, event: Progress) -> None:
        self.show(event)


@contextmanager
def show_progress() -> Iterator[ProgressDisplay]:
    """A callback that shows progress on stderr where that is a terminal; the bars go away at the end."""
    if not sys.stderr.isatty() or os.environ.get("TERM") in ("dumb", "unknown") or not shows_bars():
        yield ProgressDisplay(lambda event: None, nullcontext)
        return
    from rich.console import Console

    console = Console(stderr=True)
    board = _Board(console, layout_for(console.width))
    board.start()
    try:
        yield ProgressDisplay(board.show, board.paused)
    finally:
        board.stop()


class _Board:
    """The bars on one terminal; events come from several threads."""

    def __init__(self, console: "Console", layout: "Layout") -> None:
        self._console, self._layout = console, layout
        self._lock = threading.Lock()
        self._tasks: dict[tuple[str, str], Any] = {}
        self._begun: dict[Any, float] = {}
        self._counts: dict[str, int] = {}
        self._waiting_since: dict[str, float] = {}
        self._bars = self._new_bars()

    def start(self) -> None:
        self._bars.start()

    def stop(self) -> None:
        self._bars.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bars away; the next ones begin below what is printed meanwhile, as the old ones would erase it."""
        with self._lock:
            self._bars.stop()
        try:
            yield
        finally:
            with self._lock:
                self._tasks.clear()
                self._bars = self._new_bars()
                self._bars.start()

    def _new_bars(self) -> "Bars":
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        layout = self._layout
        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(layout.bar),
            TextColumn("{task.fields[done]:>4}"),
            *([TextColumn("{task.fields[size]}")] if layout.size else []),
            *([TextColumn("{task.fields[left]}")] if layout.left else []),
        ]
        return Bars(*columns, console=self._console, transient=True)

    def show(self, event: Progress) -> None:
        with self._lock:
            if event.position is not None or event.stage == "generate":
                self._wait(event)
            elif event.message:
                text = fitted(printable(in_flags(event.message)), err=True)
                self._console.print(text, markup=False, highlight=False, soft_wrap=True)
            elif event.stage in COUNTED:
                self._count(event)
            else:
                self._advance(event)

    def _wait(self, event: Progress) -> None:
        """One line for the whole wait: the place in the queue or the platform's last word, for how long, and how long
        it usually takes.
        """
        now = time.monotonic()
        minutes, seconds = divmod(int(now - self._waiting_since.setdefault(event.label, now)), 60)
        task = self._task(event, "wait", total=None)
        words = [*([f"job {event.label}"] if len(self._waiting_since) > 1 else []), event.message or "generating"]
        words.append("usual time unknown" if event.usual_s is None else f"usually {lasting(event.usual_s)}")
        if len(", ".join(words)) > self._layout.title:
            words.pop()
        title = shortened(", ".join(words), self._layout.title)
        self._bars.update(task, description=title, done=f"{minutes}:{seconds:02}")
        self._hide(lambda other: other.finished)

    def _hide(self, of_no_more_use: Callable[[Any], bool]) -> None:
        for task in self._bars.tasks:
            if of_no_more_use(task):
                self._bars.update(task.id, visible=False)

    def _count(self, event: Progress) -> None:
        number = self._counts[event.stage] = self._counts.get(event.stage, 0) + 1
        task = self._task(event, event.stage, total=None)
        self._bars.update(task, description=self._title(event, f"({number} done)"))

    def _advance(self, event: Progress) -> None:
        task = self._task(event, event.tag, total=1.0)
        if event.stage == "prepare":
            self._hide(lambda other: other.total is None)
        left = self._left(task, event.part)
        self._bars.update(task, completed=event.part, done=f"{event.part:.0%}", size=_size(event), left=left)
        visible = [task for task in self._bars.tasks if task.visible]
        finished = [task for task in visible if task.finished]
        for task in finished[: max(0, len(visible) - (self._console.height - 2))]:  # unfinished work stays in sight
            self._bars.update(task.id, visible=False)

    def _left(self, task: Any, part: float) -> str:
        """The time that is left if it goes on as before; empty until that can be told."""
        begun = self._begun.setdefault(task, time.monotonic())
        spent_s = time.monotonic() - begun
        if part >= 1 or part < LEAST_PART or spent_s < LEAST_S:
            return ""
        return f"{lasting(spent_s * (1 - part) / part)} left"

    def _task(self, event: Progress, name: str, *, total: float | None) -> Any:
        key = ("wait", event.label) if name == "wait" else (event.stage, name)
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(self._title(event), total=total, done="", size="", left="")
        return self._tasks[key]

    def _title(self, event: Progress, count: str = "") -> str:
        words = (TITLES.get(event.stage, event.stage), count, event.tag, event.label)
        return shortened(" ".join(filter(None, words)), self._layout.title)


class Layout(NamedTuple):
    """The columns that the title, the bar and the rest take; between two of them there is one."""

    title: int
    bar: int
    size: bool
    left: bool


def layout_for(width: int) -> Layout:
    """The columns that fit into *width*: the bar and the percentage always, and what they leave of the title."""
    bar, size, left = (6 if width < 60 else 10 if width < 100 else 20), width >= 100, width >= 60
    rest = (bar + 1) + len("100% ") + size * len("50.0 of 50.0 MB ") + left * len("59 min left ")
    return Layout(max(0, width - rest), bar, size, left)


def lasting(seconds: float) -> str:
    """A duration that is only roughly known: "8 s", "2 min", "1 h"."""
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 59.5 * 60 else f"{round(seconds / 3600)} h"


def shortened(title: str, room: int) -> str:
    """*title* in *room* columns, cut in the middle, since names differ at their ends."""
    from rich.cells import cell_len, set_cell_size

    title = printable(" ".join(title.split()))
    if cell_len(title) <= room:
        return title
    end = room // 4
    tail = title[-end:] if end else ""
    while cell_len(tail) > end:
        tail = tail[1:]
    return f"{set_cell_size(title, max(0, room - 1 - cell_len(tail)))}…{tail}"


def _size(event: Progress) -> str:
    if not event.bytes:
        return ""
    return f"{event.bytes / 1e6:.1f}" + (f" of {event.of_bytes / 1e6:.1f} MB" if event.of_bytes else " MB")
