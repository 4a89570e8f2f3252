"""The order to make one file, as execution hands it to the tools."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from prep.model.plan import PlanEntry


@dataclass(frozen=True)
class Task:
    """One file to make: *entry*'s steps, carried out on *source*, into *target*.

    *demuxer* is libavformat's name for the format of *source*; images don't need it. *progress* gets 0..1 while the
    file is made; once *cancel* is set the work stops and raises Cancelled. *pictures*: a file for small pictures of a
    video that is encoded, RGB of the size SMALL, one for each frame of its part; None: nobody wants them.
    """

    source: Path
    demuxer: str
    entry: PlanEntry
    target: Path
    progress: Callable[[float], None] = lambda part: None
    cancel: threading.Event = field(default_factory=threading.Event)
    pictures: Path | None = None
