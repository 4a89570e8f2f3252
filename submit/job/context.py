"""What a job is carried out with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from prep.model.progress import Progress
from submit.job.receipt import write_receipt
from submit.journal import JobRecord, Journal, State
from submit.platform import Platform

POLL_S = 1.0
EXPIRES = "7d"

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Setting:
    """*poll_s* is the pause between two looks at the queue, *timeout_s* how long a result is waited for (None: as
    long as it takes), *expires* how long uploads are kept.
    """

    platform: Platform
    journal: Journal
    report: Report
    cancel: threading.Event
    poll_s: float = POLL_S
    timeout_s: float | None = None
    expires: str = EXPIRES

    def move(self, job: JobRecord, to: State, note: str = "", **facts: Any) -> JobRecord:
        """Bring *job* to the state *to*: in the journal, and then in its receipt."""
        job = self.journal.move(job, to, note, **facts)
        write_receipt(job)
        return job

    def waiting(self, cancel: threading.Event | None, timeout_s: float | None) -> "Setting":
        """The same, with another wish to stop and another patience."""
        return replace(self, cancel=cancel or self.cancel, timeout_s=timeout_s)
