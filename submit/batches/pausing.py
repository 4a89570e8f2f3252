"""Reasons to pause a batch: what stands in the way of every row, not of one."""

from prep.errors import PrepError, RemoteError, UnwritableError
from submit.errors import JournalUnavailable, NotSent, Refusal, SubmitUncertain, Unreachable
from submit.verdict import NOT_LET_IN

# So many rows that the platform fails one after the other are an outage, whatever it answers.
OUTAGE_AFTER = 3


class Outage:
    """Watches how rows end, and says when the batch had better pause."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def reason(self, error: Exception | None) -> str | None:
        """Why no further row should be sent after one that ended with *error*; None: the next one may be."""
        if isinstance(error, Refusal):
            if error.taken or error.status_code not in NOT_LET_IN:
                self._in_a_row = 0
                return None
            return _sentence(error)
        if isinstance(error, JournalUnavailable | NotSent | Unreachable | UnwritableError):
            return _sentence(error)
        if error is None:
            self._in_a_row = 0
        elif isinstance(error, RemoteError):
            self._in_a_row += 1
            if self._in_a_row >= OUTAGE_AFTER:
                kind = "left uncertain" if isinstance(error, SubmitUncertain) else "failed by the platform"
                return f"{self._in_a_row} rows were {kind} one after the other, the last one so: {_sentence(error)}"
        return None


def _sentence(error: PrepError) -> str:
    """The first line of *error*."""
    return str(error).partition("\n")[0]
