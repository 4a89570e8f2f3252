"""Progress as bars on a terminal; silent in a pipe."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from prep.cli.logs import shows_bars
from prep.flag_names import in_flags
from prep.model.progress import Progress

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
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    layout = layout_for(console.width)
    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(layout.bar),
        TextColumn("{task.fields[done]:>4}"),
        *([TextColumn("{task.fields[size]}")] if layout.size else []),
        *([TimeElapsedColumn()] if layout.elapsed else []),
    ]
    with Bars(*columns, console=console, transient=True) as bars:

        @contextmanager
        def paused() -> Iterator[None]:
            bars.stop()
            try:
                yield
            finally:
                bars.start()

        yield ProgressDisplay(_Board(bars, console, layout).show, paused)


# The names that submit.cli uses.
Shown: TypeAlias = ProgressDisplay
progress_shown = show_progress


class _Board:
    """The bars on one terminal; events come from several threads."""

    def __init__(self, bars: "Bars", console: "Console", layout: "Layout") -> None:
        self._bars, self._console, self._layout = bars, console, layout
        self._lock = threading.Lock()
        self._tasks: dict[tuple[str, str], Any] = {}
        self._counts: dict[str, int] = {}
        self._waiting_since: float | None = None

    def show(self, event: Progress) -> None:
        with self._lock:
            if event.position is not None or (event.stage == "generate" and not event.message):
                self._wait(event)
            elif event.message:
                self._console.print(in_flags(event.message), markup=False, highlight=False)
            elif event.stage in COUNTED:
                self._count(event)
            else:
                self._advance(event)

    def _wait(self, event: Progress) -> None:
        """One line for the whole wait: the place in the queue, or that the platform is at work, and for how long."""
        self._waiting_since = self._waiting_since or time.monotonic()
        minutes, seconds = divmod(int(time.monotonic() - self._waiting_since), 60)
        task = self._task(event, "wait", total=None)
        text = event.message or "generating"
        self._bars.update(task, description=shortened(text, self._layout.title), done=f"{minutes}:{seconds:02}")

    def _count(self, event: Progress) -> None:
        number = self._counts[event.stage] = self._counts.get(event.stage, 0) + 1
        task = self._task(event, event.stage, total=None)
        self._bars.update(task, description=self._title(event), done=f"{number}")

    def _advance(self, event: Progress) -> None:
        task = self._task(event, event.tag, total=1.0)
        self._bars.update(task, completed=event.part, done=f"{event.part:.0%}", size=_size(event))
        visible = [task for task in self._bars.tasks if task.visible]
        finished = [task for task in visible if task.finished]
        for task in finished[: max(0, len(visible) - (self._console.height - 2))]:  # unfinished work stays in sight
            self._bars.update(task.id, visible=False)

    def _task(self, event: Progress, name: str, *, total: float | None) -> Any:
        key = ("wait", "") if name == "wait" else (event.stage, name)
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(self._title(event), total=total, done="", size="")
        return self._tasks[key]

    def _title(self, event: Progress) -> str:
        words = (TITLES.get(event.stage, event.stage), event.tag, event.label)
        return shortened(" ".join(filter(None, words)), self._layout.title)


class Layout(NamedTuple):
    """The columns that the title, the bar and the rest take; between two of them there is one."""

    title: int
    bar: int
    size: bool
    elapsed: bool


def layout_for(width: int) -> Layout:
    """The columns that fit into *width*: the bar and the percentage always, and what they leave of the title."""
    bar, size, elapsed = (6 if width < 60 else 10 if width < 80 else 20), width >= 80, width >= 100
    rest = (bar + 1) + len("100% ") + size * len("50.0 of 50.0 MB ") + elapsed * len("0:00:00 ")
    return Layout(max(0, width - rest), bar, size, elapsed)


def shortened(title: str, room: int) -> str:
    """*title* in *room* columns, cut in the middle, since names differ at their ends."""
    from rich.cells import cell_len, set_cell_size

    title = " ".join(title.split())
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
