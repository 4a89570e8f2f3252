"""Bars on a terminal, silence in a pipe."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from prep.flag_names import in_flags
from prep.model.progress import Progress

TITLES = {"prepare": "preparing", "upload": "uploading", "download": "downloading"}


@dataclass(frozen=True)
class Shown:
    """Calling it shows one event; inside `paused()` nothing moves on the terminal, so that something can be asked."""

    show: Callable[[Progress], None]
    paused: Callable[[], AbstractContextManager[None]]

    def __call__(self, event: Progress) -> None:
        self.show(event)


@contextmanager
def progress_shown() -> Iterator[Shown]:
    """A callback that shows progress on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield Shown(lambda event: None, nullcontext)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console, lock = Console(stderr=True), threading.Lock()
    layout = layout_for(console.width)
    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(layout.bar),
        TextColumn("{task.percentage:>3.0f}%"),
        *([TextColumn("{task.fields[size]}")] if layout.size else []),
        *([TimeElapsedColumn()] if layout.elapsed else []),
    ]
    with Bars(*columns, console=console) as bars:
        tasks = {}

        def show(event: Progress) -> None:
            with lock:
                if event.message:
                    bars.console.print(in_flags(event.message), markup=False, highlight=False)
                    return
                key = event.stage, event.tag
                if key not in tasks:
                    title = shortened(f"{TITLES.get(event.stage, event.stage)} {event.tag} {event.label}", layout.title)
                    tasks[key] = bars.add_task(title, total=1.0, size="")
                bars.update(tasks[key], completed=event.part, size=_size(event))
                standing = [task for task in bars.tasks if task.visible]
                done = [task for task in standing if task.finished]
                for task in done[: max(0, len(standing) - (console.height - 2))]:  # what still moves stays in sight
                    bars.update(task.id, visible=False)

        @contextmanager
        def paused() -> Iterator[None]:
            bars.stop()
            try:
                yield
            finally:
                bars.start()

        yield Shown(show, paused)


class Layout(NamedTuple):
    """The columns that the title, the bar and the rest take; between two of them there is one."""

    title: int
    bar: int
    size: bool
    elapsed: bool


def layout_for(width: int) -> Layout:
    """What fits into *width* columns: the bar and the percentage always, and of the title what they leave."""
    bar, size, elapsed = (6 if width < 60 else 10 if width < 80 else 20), width >= 80, width >= 100
    rest = (bar + 1) + len("100% ") + size * len("50.0 of 50.0 MB ") + elapsed * len("0:00:00 ")
    return Layout(max(0, width - rest), bar, size, elapsed)


def shortened(title: str, room: int) -> str:
    """*title* in *room* characters; what is left out is in the middle, since names differ at their ends."""
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
