"""Signals that end the command: the first stops the work, and those right after it don't cut off the tidying up.

Ctrl-C is SIGINT; SIGTERM and SIGHUP come from `kill`, a service manager, a CI runner or a closed terminal.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from prep.errors import Cancelled, ExitCode

# Windows has no SIGHUP.
TERMINATING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
POLL_S = 0.5  # a signal that comes just before a wait without end is not seen
TIDYING_S = 3.0  # for so long no further signal counts; then one does, should the work go on


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP was received: the work is undone and the journal kept, as for a Ctrl-C."""


class Termination:
    """Turns a signal into KeyboardInterrupt or Terminated; *received* is the first one, if there was any."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._again_at = 0.0

    @property
    def word(self) -> str:
        return "terminated" if self.received in TERMINATING else "interrupted"

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.TERMINATED if self.received in TERMINATING else ExitCode.INTERRUPTED

    def install(self) -> None:
        """Take the signals that nobody has asked to be ignored, as `nohup` does with SIGHUP and & with SIGINT."""
        for number in (signal.SIGINT, *TERMINATING):
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, self._end)

    def _end(self, number: int, _: object) -> None:
        now = time.monotonic()
        if now < self._again_at:
            return
        self.received = self.received or number
        self._again_at = now + TIDYING_S
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated


def wait_for_signal() -> NoReturn:
    """Wait for the interrupt that a signal raises here."""
    never = threading.Event()
    while True:
        never.wait(POLL_S)


@contextmanager
def resumable(advice: str = "") -> Iterator[None]:
    """End the block with Cancelled when it is interrupted; *advice* says what remains and what to do next.

    Without *advice* the block says so itself, with a Cancelled of its own.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        event = "terminated" if isinstance(error, Terminated) else "interrupted"
        raise Cancelled(f"{event}; {advice}" if advice else event) from None
