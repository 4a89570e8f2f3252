"""Running one program: a deadline, cancellation, progress, and the end of what it complained about."""

import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO

from prep.errors import Cancelled, ToolError

TAIL_LINES = 12
POLL_S = 0.05


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    on_line: Callable[[str], None] | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Run *argv* to its end; *on_line* gets each line of its standard output.

    Raises ToolError with the end of its standard error when it fails or takes longer than *timeout_s* seconds, and
    Cancelled when *cancel* is set. The program is gone when this returns or raises.
    """
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    readers = [
        _reader(process.stdout, on_line or (lambda line: None)),
        _reader(process.stderr, tail.append),
    ]
    try:
        _wait(process, argv, timeout_s, cancel)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for reader in readers:
            reader.join()
    if process.returncode != 0:
        raise ToolError(f"{argv[0]} failed ({process.returncode}):\n" + "\n".join(tail))


def _wait(
    process: subprocess.Popen[str], argv: Sequence[str], timeout_s: float, cancel: threading.Event | None
) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            process.wait(POLL_S)
            return
        except subprocess.TimeoutExpired:
            if cancel is not None and cancel.is_set():
                raise Cancelled("cancelled") from None
            if time.monotonic() > deadline:
                raise ToolError(f"{argv[0]} took longer than {timeout_s:.0f} s and was stopped") from None


def _reader(stream: IO[str] | None, take: Callable[[str], None]) -> threading.Thread:
    def read() -> None:
        if stream is not None:
            with stream:
                for line in stream:
                    take(line.rstrip("\n"))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
