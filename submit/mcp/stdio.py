"""Standard input and output: one client, which started this process."""

import asyncio
import os
import threading
from concurrent.futures import Future, wait
from contextlib import suppress

from submit.mcp.desk import Desk
from submit.mcp.server import build_server

STDIN, CHUNK_BYTES, POLL_S = 0, 65_536, 0.5


class Tap:
    """A pipe in the place of standard input, which can be closed here.

    A thread that waits for input can't be interrupted: a signal would be answered only after the client's next word.
    """

    def __init__(self) -> None:
        self._input = os.dup(STDIN)
        reader, self._writer = os.pipe()
        os.dup2(reader, STDIN)
        os.close(reader)
        self._closed = False
        self._lock = threading.Lock()
        threading.Thread(target=self._copy, name="mcp-input", daemon=True).start()

    def close(self) -> None:
        """End the input, as if the client had."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._writer)

    def _copy(self) -> None:
        with suppress(OSError):
            while data := os.read(self._input, CHUNK_BYTES):
                with self._lock:
                    if self._closed:
                        return
                    os.write(self._writer, data)
        self.close()


def serve_stdio(desk: Desk) -> None:
    """Serve until the client closes its end, or a signal ends this process; running calls are stopped then."""
    tap, ended = Tap(), Future[None]()

    def serve() -> None:
        try:
            asyncio.run(build_server(desk).run_stdio_async())
            ended.set_result(None)
        except BaseException as error:
            ended.set_exception(error)

    threading.Thread(target=serve, name="mcp-server", daemon=True).start()
    try:
        while not wait([ended], POLL_S).done:  # a signal that comes just before a wait without end is not seen
            pass
    except KeyboardInterrupt:
        tap.close()
    ended.result()
