"""Bars on a terminal, silence in a pipe."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from prep.flags import in_flags
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

    lock = threading.Lock()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def show(event: Progress) -> None:
            with lock:
                if event.message:
                    bars.console.print(in_flags(event.message), markup=False, highlight=False)
                    return
                key = event.stage, event.tag
                if key not in tasks:
                    title = f"{TITLES.get(event.stage, event.stage)} {event.tag} {event.label}".replace("  ", " ")
                    tasks[key] = bars.add_task(title.replace("[", "\\["), total=1.0, size="")
                bars.update(tasks[key], completed=event.part, size=_size(event))

        @contextmanager
        def paused() -> Iterator[None]:
            bars.stop()
            try:
                yield
            finally:
                bars.start()

        yield Shown(show, paused)


def _size(event: Progress) -> str:
    if not event.bytes:
        return ""
    return f"{event.bytes / 1e6:.1f}" + (f" of {event.of_bytes / 1e6:.1f} MB" if event.of_bytes else " MB")
