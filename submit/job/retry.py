"""Asking again after a failure that may pass. Never used for the request that costs."""

import threading
from collections.abc import Callable
from typing import TypeVar

from prep.errors import RemoteError
from submit.errors import Hopeless, Refusal, SubmitUncertain

T = TypeVar("T")
PAUSES_S = (0.5, 1.0, 2.0, 4.0)


def retried(call: Callable[[], T], cancel: threading.Event) -> T:
    """What *call* returns; after a RemoteError it is called again, until the pauses are used up or *cancel* is set.

    What asking again can't change (Refusal, Hopeless, SubmitUncertain) is raised at once.
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
