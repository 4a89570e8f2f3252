"""Runs one program: with a deadline, cancellation, its output line by line, and the end of its complaints."""

import errno
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from prep.errors import Cancelled, ToolError, UnwritableError, UsageError
from prep.log import get_logger
from prep.media.environment import environment
from prep.media.ffmpeg.limits import CLOCK, Limits
from prep.media.ffmpeg.limits import apply as limit_process

logger = get_logger(__name__)
TAIL_LINES = 12
POLL_S = 0.05
# ffmpeg, its decoders and its filters each say it in their own words.
STARVED = re.compile(r"Cannot allocate memory|malloc of size|get_buffer\(\) failed|[Oo]ut of memory|bad_alloc")
NO_ROOM = os.strerror(errno.ENOSPC)


class TookTooLong(ToolError):
    """The program was still running at its deadline."""


class TookTooMuchMemory(ToolError):
    """The program failed for want of memory, of which it may take so much and no more."""


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    on_line: Callable[[str], None] | None = None,
    on_complaint: Callable[[str], None] | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Run *argv* to its end; *on_line* gets each line of its output, *on_complaint* each line of its standard error.

    Raises UsageError when it can't be run here, ToolError when it fails, with the end of its standard error as the log,
    TookTooLong and TookTooMuchMemory when it takes more than *limits* allow, UnwritableError when it says that the disk
    is full, Cancelled when *cancel* is set, and what the callbacks raise. The program and its children are gone when
    this returns or raises.
    """
    tail: deque[str] = deque(maxlen=TAIL_LINES)

    starved = False

    def complain(line: str) -> None:
        nonlocal starved
        starved = starved or STARVED.search(line) is not None
        tail.append(line)
        if on_complaint is not None:
            on_complaint(line)

    try:
        process = subprocess.Popen(
            [*_held(argv[0]), *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment(),
            start_new_session=True,  # a group of its own: a wrapper's children end with it
        )
    except OSError as error:
        raise UsageError(
            f"{argv[0]} can't be run: {error.strerror}; raise the limits of this process (ulimit -a), or name another "
            "ffmpeg by FFMPEG_BINARY"
        ) from error
    logger.debug("running %s", shlex.join(argv))
    limit_process(process.pid, limits)
    readers = [_Reader(process.stdout, on_line or (lambda line: None)), _Reader(process.stderr, complain)]
    try:
        _wait(process, limits.seconds, cancel, readers)
    finally:
        _end(process)
        for reader in readers:
            reader.join()
    if failure := next((reader.failure for reader in readers if reader.failure), None):
        raise failure
    _judge_signal(process.returncode, limits)
    if process.returncode != 0 and any(NO_ROOM in line for line in tail):
        raise UnwritableError(f"{NO_ROOM}; {argv[0]} could not write what it made")
    if process.returncode != 0 and starved:
        raise TookTooMuchMemory(
            f"decoding and encoding it take more than {limits.memory_bytes / 1e6:,.0f} MB of memory, the most allowed"
        )
    if process.returncode != 0:
        raise ToolError(f"{Path(argv[0]).name} failed with exit code {process.returncode}", log="\n".join(tail))


def _held(program: str) -> list[str]:
    """The words before a command that keep *program* from the network, and end it when this thread is gone.

    Its thread is gone when its process is killed, for example. What the system can't do is left out. Raises
    FileNotFoundError when there is no such program.
    """
    if shutil.which(program) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)
    return [*_without_network(os.getpid()), *_ending_with_us()]


@cache
def _without_network(process_id: int) -> list[str]:  # noqa: ARG001  a copy of this process may have fewer rights
    """util-linux. Root needs no namespace of users, in which it would lose its rights to files of others."""
    return _if_it_works(["unshare", *(() if os.geteuid() == 0 else ("--user",)), "--net", "--"])


@cache
def _ending_with_us() -> list[str]:
    """util-linux has it; that of busybox does not know the option."""
    return _if_it_works(["setpriv", "--pdeathsig", "KILL", "--"])


def _if_it_works(words: list[str]) -> list[str]:
    if sys.platform != "linux":
        return []
    try:
        tried = subprocess.run([*words, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return words if tried.returncode == 0 else []


def _wait(
    process: subprocess.Popen[str],
    timeout_s: float,
    cancel: threading.Event | None,
    readers: Sequence["_Reader"],
) -> None:
    deadline = time.monotonic() + timeout_s * CLOCK
    while True:
        # its output ends when it does, which is noticed at once; waiting for the program only polls
        readers[0].join(POLL_S)
        try:
            process.wait(0 if readers[0].is_alive() else POLL_S)
            return
        except subprocess.TimeoutExpired:
            if any(reader.failure for reader in readers):
                return
            if cancel is not None and cancel.is_set():
                raise Cancelled("cancelled") from None
            if time.monotonic() > deadline:
                raise _too_long(timeout_s) from None


def _judge_signal(code: int, limits: Limits) -> None:
    """Raise for an exit code that says which limit of the system ended the program."""
    if code == -getattr(signal, "SIGXCPU", 0) != 0:
        raise _too_long(limits.seconds)
    if code == -getattr(signal, "SIGXFSZ", 0) != 0:
        raise UnwritableError("what is made is larger than a file may be here; allow larger files (ulimit -f)")


def _too_long(seconds: float) -> TookTooLong:
    return TookTooLong(f"decoding and encoding it took longer than {seconds:.0f} s, the most allowed")


def _end(process: subprocess.Popen[str]) -> None:
    """Kill what is left of the program's group, and collect its exit status."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


class _Reader(threading.Thread):
    """Hands the lines of a pipe to *take*; an exception from it is kept in *failure*."""

    def __init__(self, stream: IO[str] | None, take: Callable[[str], None]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._take = take
        self.failure: BaseException | None = None
        self.start()

    def run(self) -> None:
        if self._stream is None:
            return
        with self._stream:
            for line in self._stream:
                if self.failure is None:
                    try:
                        self._take(line.rstrip("\n"))
                    except BaseException as error:
                        self.failure = error
