"""Retries after failures that may pass. Never used for the paid POST."""

import threading
from collections.abc import Callable
from typing import TypeVar

from prep.errors import RemoteError
from prep.log import get_logger
from submit.errors import Hopeless, Refusal, SubmitUncertain, Unreachable

logger = get_logger(__name__)
T = TypeVar("T")
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
NOTICED_S = 4.0


def retry(
    call: Callable[[], T],
    cancel: threading.Event,
    *,
    if_unreachable: int = len(PAUSES_S),
    say: Callable[[str], None] = lambda message: None,
) -> T:
    """Return what *call* returns; repeat it after a RemoteError until the pauses are used up or *cancel* is set.

    Refusal, Hopeless and SubmitUncertain are raised at once: repeating the call can't change them. *if_unreachable*:
    how often to try again when the platform can't be reached. *say* gets a line about each pause that a person notices.
    """
    for number, pause_s in enumerate(PAUSES_S):
        try:
            return call()
        except (Refusal, Hopeless, SubmitUncertain):
            raise
        except RemoteError as error:
            if isinstance(error, Unreachable) and number >= if_unreachable:
                raise
            logger.info("trying again in %g s: %s", pause_s, error)
            if pause_s >= NOTICED_S:
                say(f"{error}; trying again in {pause_s:g} s")
            if cancel.wait(pause_s):
                raise
    return call()
