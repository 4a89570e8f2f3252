"""A pool of workers, which carry out one call at a time; what a file does to a worker is an error about the file."""

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar, get_args

from prep.errors import Cancelled, UnreadableError, UsageError
from prep.media.environment import environment, search_path
from prep.media.isolation import messages
from prep.media.isolation.landlock import reaches
from prep.media.isolation.limits import MEMORY_BYTES, has_network
from prep.media.isolation.worker import main
from prep.model.context import SECONDS, Where
from prep.validation import short

T = TypeVar("T")

# pydantic would read the metadata of all installed packages to look for plugins of its own.
NO_PLUGINS = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
CLOCK = 5.0  # the clock's time for each second of processor time: a machine has other work
POLL_S = 0.05
LARGEST_ANSWER_BYTES = 64_000_000
STALL_S = 20  # a message that has begun goes on within this time, or the worker has ended
# What reading an answer may raise that is not one: a worker may have been taken over.
NONSENSE = (ValueError, LookupError, TypeError, OverflowError, RecursionError)


class Isolation(Protocol):
    """Makes a call that opens media: here, or apart."""

    def call(
        self, function: Callable[..., T], *arguments: Any, label: str, cancel: threading.Event, seconds: float = SECONDS
    ) -> T:
        """What *function* returns for *arguments*; *label* names the file in messages.

        Raises what it raises; UnreadableError when it crashes, or takes more memory than it may, or more than *seconds*
        of processor time; Cancelled once *cancel* is set.
        """
        ...


class InProcess:
    """Makes calls in this process: for media that can be trusted."""

    def call(
        self,
        function: Callable[..., T],
        *arguments: Any,
        label: str,  # noqa: ARG002
        cancel: threading.Event,  # noqa: ARG002
        seconds: float = SECONDS,  # noqa: ARG002
    ) -> T:
        return function(*arguments)


class Bounds(NamedTuple):
    """Where a call ends before it is done, and what its file is called then."""

    label: str
    cancel: threading.Event
    seconds: float


class Pool:
    """Up to *size* workers, started when they are needed and used again; one that ends is replaced."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.forget()

    def forget(self) -> None:
        """Have no workers: in a copy of this process, where they belong to the original."""
        self._free = threading.BoundedSemaphore(self._size)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._starter = _Starter()

    def fork_all(self) -> None:
        """Start all workers as copies of this process, which is only safe before it has threads and open files."""
        while len(self._idle) < self._size:
            self._idle.append(_forked())

    def call(
        self, function: Callable[..., T], *arguments: Any, label: str, cancel: threading.Event, seconds: float = SECONDS
    ) -> T:
        order, bounds = messages.order(function, arguments, seconds), Bounds(label, cancel, seconds)
        with self._free:
            worker = self._take()
            try:
                result: T = worker.call(order, bounds)
            finally:
                if not worker.ended:
                    self._put(worker)
            return result

    def close(self) -> None:
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.end()

    def _put(self, worker: "_Worker") -> None:
        with self._lock:
            self._idle.append(worker)

    def _take(self) -> "_Worker":
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return self._starter.start()
            if not worker.has_spoken():
                return worker
            worker.end()


class _Starter:
    """Starts workers from a thread that lasts as long as this process.

    Linux ends a worker with the thread that started it, and a caller's may end before its process does.
    """

    def __init__(self) -> None:
        self._orders: SimpleQueue[Future[_Worker]] = SimpleQueue()
        self._lock = threading.Lock()
        self._runs = False

    def start(self) -> "_Worker":
        worker: Future[_Worker] = Future()
        with self._lock:
            if not self._runs:
                threading.Thread(target=self._serve, daemon=True, name="worker-starter").start()
                self._runs = True
        self._orders.put(worker)
        return worker.result()

    def _serve(self) -> None:
        while True:
            worker = self._orders.get()
            try:
                worker.set_result(_spawned())
            except BaseException as error:  # it belongs to the caller
                worker.set_exception(error)


class _Gone(Exception):
    """The worker has ended."""


class _Worker:
    """A worker process and the way to it. *collect* waits for its end and returns its exit code, as subprocess does."""

    def __init__(self, connection: Connection, pid: int, collect: Callable[[], int]) -> None:
        self._connection = connection
        self._pid = pid
        self._collect = cache(collect)

    @property
    def ended(self) -> bool:
        return self._connection.closed

    def call(self, order: messages.Order, bounds: Bounds) -> Any:
        data, lendable = messages.pack_order(order)
        deadline = time.monotonic() + bounds.seconds * CLOCK
        try:
            self._send(data)
            while (kind := (answer := self._answer(bounds, deadline))[:1]) not in (messages.RESULT, messages.FAILURE):
                self._lend(kind, answer[1:], lendable)
        except _Gone:
            raise self._died(bounds) from None
        except BaseException:  # it may still be at work
            self.end()
            raise
        for content in lendable.contents:
            content.raise_failure()
        try:
            if kind == messages.RESULT:
                return messages.result_type(order.function).validate_json(answer[1:])
            error = messages.unpack_failure(answer[1:])
        except NONSENSE:
            raise self._died(bounds) from None
        raise _too_large(bounds) if isinstance(error, MemoryError) else error

    def has_spoken(self) -> bool:
        """Whether it has ended, or says something unasked: then nothing that it says is trusted."""
        return self._connection.poll()

    def end(self) -> None:
        """Kill the process and collect it, once: then its number may be another's."""
        if self.ended:
            return
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._connection.close()
        self._collect()

    def _answer(self, bounds: Bounds, deadline: float) -> bytes:
        waits = True
        while waits:
            if bounds.cancel.is_set():
                raise Cancelled("cancelled")
            if time.monotonic() > deadline:
                raise _too_long(bounds)
            waits = not self._connection.poll(POLL_S)
        try:
            return self._connection.recv_bytes(LARGEST_ANSWER_BYTES)
        except (EOFError, OSError):
            raise _Gone from None

    def _lend(self, kind: bytes, data: bytes, lendable: messages.Lendable) -> None:
        try:
            number, *rest = json.loads(data)
            lent: Any = (lendable.callbacks if kind == messages.PROGRESS else lendable.contents)[number]
            values = [float(value) for value in rest]
            first = values[0]
            if kind == messages.PROGRESS and not 0 <= first <= 1:
                raise ValueError("no part of the work")
        except NONSENSE:
            raise _Gone from None
        if kind == messages.PROGRESS:
            lent(first)
            return
        try:
            part = messages.DATA + lent.read_at(*map(int, values))
        except Exception:  # the content keeps its error, and raises it once the call is over
            part = messages.NO_DATA
        self._send(part)

    def _send(self, data: bytes) -> None:
        try:
            self._connection.send_bytes(data)
        except OSError:
            raise _Gone from None

    def _died(self, bounds: Bounds) -> UnreadableError:
        self.end()
        if self._collect() == -getattr(signal, "SIGXCPU", 0):
            return _too_long(bounds)
        return UnreadableError(f"{bounds.label}: the decoder crashed on it: it is damaged; use another copy")


def _too_long(bounds: Bounds) -> UnreadableError:
    return UnreadableError(
        f"{bounds.label}: reading it took more than {bounds.seconds:.0f} s; export it again, or shorter"
    )


def _too_large(bounds: Bounds) -> UnreadableError:
    gigabytes = MEMORY_BYTES / 1024**3
    return UnreadableError(f"{bounds.label}: reading it takes more than {gigabytes:.0f} GB of memory; make it smaller")


def _pipe() -> tuple[Connection, Connection]:
    """Our end and the worker's. Ours never waits for the rest of a message for ever."""
    ours, theirs = Pipe()
    with socket.socket(fileno=os.dup(ours.fileno())) as end:
        for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            end.setsockopt(socket.SOL_SOCKET, way, struct.pack("@ll", STALL_S, 0))
    return ours, theirs


def _spawned() -> _Worker:
    """A new worker, which shares nothing with this process."""
    ours, theirs = _pipe()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "prep.media.isolation.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment() | NO_PLUGINS | {"PYTHONPATH": search_path()},
            start_new_session=True,  # an interrupt at the terminal does not reach it
        )
    return _Worker(ours, process.pid, process.wait)


def _forked() -> _Worker:
    """A new worker, which is a copy of this process."""
    ours, theirs = _pipe()
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        try:
            os.setsid()
            ours.close()
            main(theirs, parent)
        finally:
            os._exit(0)
    theirs.close()
    return _Worker(ours, pid, lambda: _exit_code(pid))


def _exit_code(pid: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:  # the caller was started with SIGCHLD ignored, and the system has collected it
        return 0


_shared = Pool(os.cpu_count() or 1)
atexit.register(_shared.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_shared.forget)


def isolation_of(where: Where) -> Isolation:
    """The pool of this process, or no isolation. Raises UsageError when *where* is neither "process" nor "none"."""
    if where not in get_args(Where):
        raise UsageError(f"isolation: should be 'process' or 'none', not {short(where)}")
    if where == "none" or sys.platform == "win32":  # a worker there would take other pipes
        return InProcess()
    return _shared


def protection() -> str:
    """A sentence about how media are opened on this system."""
    if sys.platform == "win32":
        return "Media are opened in this process: workers need Linux or macOS."
    network = _shared.call(has_network, label="a worker", cancel=threading.Event())
    others = _shared.call(reaches, os.getpid(), label="a worker", cancel=threading.Event())
    return f"Media are opened in worker processes, which can reach {_REACHED[network, others]}."


_REACHED = {
    (False, False): "neither the network nor other processes",
    (False, True): "other processes, but not the network",
    (True, False): "the network, but no other processes",
    (True, True): "the network and other processes",
}


def start_workers() -> None:
    """Start the workers of a command, which has no threads yet and nothing open, as its copies: that takes no time."""
    if sys.platform == "linux" and threading.active_count() == 1 and "pyvips" not in sys.modules:
        _shared.fork_all()
