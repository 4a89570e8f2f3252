"""Retries after failures that may pass. Never used for the paid POST."""

import threading
from collections.abc import Callable
from typing import TypeVar

from prep.errors import RemoteError
from submit.errors import Hopeless, Refusal, SubmitUncertain

T = TypeVar("T")
PAUSES_S = (0.5, 1.0, 2.0, 4.0)


def retry(call: Callable[[], T], cancel: threading.Event) -> T:
    """Return what *call* returns; repeat it after a RemoteError until the pauses are used up or *cancel* is set.

    Refusal, Hopeless and SubmitUncertain are raised at once: repeating the call can't change them.
    """
    for pause_s in PAUSES_S:
        try:
            return call()
        except (Refusal, Hopeless, SubmitUncertain):
            raise
        except RemoteError:
            if cancel.wait(pause_s):
                raise
    return call()
