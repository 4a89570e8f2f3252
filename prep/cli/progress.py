"""Bars on a terminal, silence in a pipe."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prep.model.progress import Progress

TITLES = {"prepare": "preparing", "upload": "uploading", "download": "downloading"}


@contextmanager
def progress_shown() -> Iterator[Callable[[Progress], None]]:
    """A callback that shows progress on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda event: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    lock = threading.Lock()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def show(event: Progress) -> None:
            with lock:
                if event.message:
                    bars.console.print(event.message, markup=False, highlight=False)
                    return
                key = event.stage, event.tag
                if key not in tasks:
                    title = f"{TITLES.get(event.stage, event.stage)} {event.tag} {event.label}".replace("  ", " ")
                    tasks[key] = bars.add_task(title.replace("[", "\\["), total=1.0)
                bars.update(tasks[key], completed=event.part)

        yield show
