"""Journal: what was prepared, uploaded, submitted and downloaded, on disk before and after each step that may cost.

One SQLite file in the state folder, or a PostgreSQL database. A job is in exactly one of the states of
`submit.journal.states`; `Journal.move` is the only way from one to another.
"""

from submit.journal.record import Failure, JobRecord, Moment, Video
from submit.journal.states import JobState
from submit.journal.store import Journal

__all__ = ["Failure", "JobRecord", "JobState", "Journal", "Moment", "Video"]
