"""Signals that end the command: the first stops the work, and no further one cuts off the tidying up.

Ctrl-C is SIGINT; SIGTERM and SIGHUP come from `kill`, a service manager, a CI runner or a closed terminal.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from prep.errors import Cancelled, ExitCode

# Windows has no SIGHUP.
TERMINATING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def _drop(*_: object) -> None:
    """Ignore a signal. SIG_IGN would make Python 3.11 complain of one that has arrived and was not handled yet."""


def _drop_all() -> None:
    for number in (*TERMINATING, signal.SIGINT):
        signal.signal(number, _drop)


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP was received: the work is undone and the journal kept, as for a Ctrl-C."""


class Termination:
    """Turns the first terminating signal into Terminated; *received* says whether there was one."""

    def __init__(self) -> None:
        self.received = False

    @property
    def word(self) -> str:
        return "terminated" if self.received else "interrupted"

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.TERMINATED if self.received else ExitCode.INTERRUPTED

    def install(self) -> None:
        """Take the signals that nobody has asked to be ignored, as `nohup` does with SIGHUP."""
        for number in TERMINATING:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._terminate)

    def _terminate(self, *_: object) -> None:
        self.received = True
        _drop_all()
        raise Terminated


@contextmanager
def resumable(advice: str = "") -> Iterator[None]:
    """End the block with Cancelled when it is interrupted; *advice* says what remains and what to do next.

    Without *advice* the block says so itself, with a Cancelled of its own.
    """

    def interrupt(*_: object) -> None:
        _drop_all()
        raise KeyboardInterrupt

    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a shell's & ignores it
    if ours:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except KeyboardInterrupt as error:
        event = "terminated" if isinstance(error, Terminated) else "interrupted"
        raise Cancelled(f"{event}; {advice}" if advice else event) from None
    except Cancelled:
        raise
    except BaseException:
        _restore(ours)
        raise
    else:
        _restore(ours)


def _restore(ours: bool) -> None:
    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
