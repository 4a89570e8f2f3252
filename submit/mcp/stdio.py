"""Standard input and output: one client, which started this process."""

import asyncio
import os
import select
import socket
import threading
import time
from concurrent.futures import Future, wait
from contextlib import suppress
from math import inf

from submit.mcp.desk import Desk
from submit.mcp.server import build_server

STDIN, STDOUT, CHUNK_BYTES, POLL_S = 0, 1, 65_536, 0.5
PATIENCE_S = 2.0


class Tap:
    """A pipe in the place of standard input, which can be closed here.

    A thread that waits for input can't be interrupted: a signal would be answered only after the client's next word.
    Nothing is taken while *flowing* is not set.
    """

    def __init__(self, flowing: threading.Event) -> None:
        self._flowing = flowing
        self._input = os.dup(STDIN)
        reader, self._writer = os.pipe()
        os.dup2(reader, STDIN)
        os.close(reader)
        self._closed = False
        self._lock = threading.Lock()
        threading.Thread(target=self._copy, name="mcp-input", daemon=True).start()

    def close(self) -> None:
        """End the input, as if the client had; not while the server has yet to take what is being written."""
        if self._lock.acquire(blocking=False):
            try:
                if not self._closed:
                    self._closed = True
                    os.close(self._writer)
            finally:
                self._lock.release()

    def _copy(self) -> None:
        with suppress(OSError):
            while data := os.read(self._input, CHUNK_BYTES):
                self._flowing.wait()
                with self._lock:
                    if self._closed:
                        return
                    os.write(self._writer, data)
        self.close()


class Answers:
    """A socket in the place of standard output, whose other end a thread copies to the client.

    A thread that writes can't be interrupted: with a client that reads nothing the server would never end. Some seconds
    after `hurry` such a client counts as *gone*. *flowing* is not set while the client takes nothing: whatever it asked
    would be answered into memory.
    """

    def __init__(self, flowing: threading.Event) -> None:
        self._flowing = flowing
        self._output = os.dup(STDOUT)
        self._deadline, self.gone = inf, False
        self._reader, self._writer = socket.socketpair()
        os.dup2(self._writer.fileno(), STDOUT)
        self._thread = threading.Thread(target=self._copy, name="mcp-output", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        self._deadline = time.monotonic() + PATIENCE_S

    def finish(self) -> None:
        """Wait until the client has read everything, or has gone. Standard output is what it was."""
        os.dup2(self._output, STDOUT)
        with suppress(OSError):  # the client has gone
            self._writer.shutdown(socket.SHUT_WR)
        self._thread.join()

    def _copy(self) -> None:
        with self._reader:  # once that is closed, the server can't write either, and ends
            try:
                while data := self._reader.recv(select.PIPE_BUF):  # so much can be written without waiting
                    while not select.select([], [self._output], [], POLL_S)[1]:
                        self._flowing.clear()
                        if time.monotonic() > self._deadline:
                            raise TimeoutError
                    self._flowing.set()
                    os.write(self._output, data)
            except OSError:
                self.gone = True


def serve_stdio(desk: Desk) -> None:
    """Serve until the client closes its end, or a signal ends this process; running calls are stopped then."""
    flowing, ended = threading.Event(), Future[None]()
    flowing.set()
    answers = Answers(flowing) if os.name != "nt" else None  # there sockets are no files, and signals are other
    tap = Tap(flowing)

    def serve() -> None:
        try:
            try:
                asyncio.run(build_server(desk).run_stdio_async())
            finally:
                if answers:
                    answers.finish()
            ended.set_result(None)
        except BaseException as error:
            if answers and answers.gone:
                ended.set_result(None)
            else:
                ended.set_exception(error)

    threading.Thread(target=serve, name="mcp-server", daemon=True).start()
    try:
        while not wait([ended], POLL_S).done:  # a signal that comes just before a wait without end is not seen
            if answers and answers.gone:
                tap.close()
    except KeyboardInterrupt:
        if answers:
            answers.hurry()
        tap.close()
        while not wait([ended], POLL_S).done:
            tap.close()
    ended.result()
