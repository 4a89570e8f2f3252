"""Job context: what every stage of a job needs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from prep.errors import UsageError
from prep.log import get_logger, logged_about
from prep.model.progress import OnProgress, ignore
from prep.model.redact import shown
from prep.validation import short
from submit.bucket_uploads import LIFETIMES_S, UploadFile
from submit.job.receipt import write_receipt
from submit.journal import JobRecord, JobState, Journal
from submit.journal.budget import Budget
from submit.platform import Platform

logger = get_logger(__name__)
POLL_S = 1.0
MOST_S = 31_536_000
EXPIRES = "7d"


def check_expires(expires: str) -> None:
    """Raise UsageError unless uploads can be kept for *expires*."""
    if not isinstance(expires, str) or expires not in LIFETIMES_S:
        raise UsageError(f"expires: should be {', '.join(map(repr, LIFETIMES_S))}, not {short(expires)}")


class Turn:
    """The turn of one job among others: a job alone waits for nobody. A batch has turns of its own."""

    @contextmanager
    def uploading(self) -> Iterator[None]:
        """Wait until the files may be uploaded, and hold that place for the length of the block."""
        yield

    def before_post(self) -> None:
        """Wait until the request may be sent; whatever is raised here, nothing is sent."""


def move(job: JobRecord, journal: Journal, to: JobState, note: str = "", **facts: Any) -> JobRecord:
    """Move *job* to the state *to*, first in the *journal*, then in its receipt."""
    job = journal.move(job, to, note, **facts)
    with logged_about(job=job.id):
        logger.info("%s%s", job.state, f": {shown(note)}" if note else "")
    write_receipt(job)
    return job


@dataclass(frozen=True)
class JobContext:
    """*poll_s* is the pause between two status checks, *timeout_s* how long to wait for a result (None: no limit),
    *expires* how long the platform keeps uploads; *upload* uploads in its place. Both it and *progress* are called from
    several threads. *budget* is that of the job's batch, and *turn* says when the job may go on beside others.
    """

    platform: Platform
    journal: Journal
    progress: OnProgress = ignore
    cancel: threading.Event = field(default_factory=threading.Event)
    poll_s: float = POLL_S
    timeout_s: float | None = None
    expires: str = EXPIRES
    upload: UploadFile | None = None
    budget: Budget | None = None
    turn: Turn = field(default_factory=Turn)

    def __post_init__(self) -> None:
        """Raise UsageError, before anything is paid for, for a time that can't be waited."""
        for name, value in (("poll_s", self.poll_s), ("timeout_s", self.timeout_s)):
            if value is None and name == "timeout_s":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_S:
                raise UsageError(f"{name}: should be a number of seconds up to {MOST_S:,}, not {short(value)}")

    def move(self, job: JobRecord, to: JobState, note: str = "", **facts: Any) -> JobRecord:
        """Move *job* to the state *to*, first in the journal, then in its receipt."""
        return move(job, self.journal, to, note, budget=self.budget if to == "submitting" else None, **facts)
