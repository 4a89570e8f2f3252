"""The journal: what was prepared, uploaded, submitted and fetched, on disk before and after each step that may cost.

One SQLite file in the state folder. A job is in exactly one of the states of `submit.journal.states`; `Journal.move` is
the only way from one to another.
"""

from submit.journal.record import Failure, JobRecord, Moment, Video
from submit.journal.states import State
from submit.journal.store import Journal

__all__ = ["Failure", "JobRecord", "Journal", "Moment", "State", "Video"]
