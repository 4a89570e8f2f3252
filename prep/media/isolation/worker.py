"""The process that opens media for another one: takes an order, carries it out, answers, and waits for the next."""

import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from prep.errors import UnreadableError
from prep.media.environment import KEPT
from prep.media.isolation import messages
from prep.media.isolation.landlock import leave_others
from prep.media.isolation.limits import (
    drop_capabilities,
    drop_inheritance,
    end_with,
    leave_network,
    limit_process,
    limit_processor,
)


def main(connection: Connection, parent: int) -> None:
    """Serve the process *parent* over *connection* until it closes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides what an interrupt ends
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, signal.SIG_DFL)
    if connection.fileno() <= 2:  # the caller has no standard streams
        connection = Connection(fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD, 3))
    drop_inheritance(connection.fileno(), KEPT)  # libraries write what they like to stdout as well
    leave_network()
    leave_others()
    drop_capabilities()
    end_with(parent)
    limit_process()
    caller = Caller(connection)
    while (data := caller.next_order()) is not None:
        connection.send_bytes(_carry_out(data, caller))


def _carry_out(data: bytes, caller: "Caller") -> bytes:
    try:
        order = messages.unpack_order(data, caller.stand_in)
        _move_to(order)
        limit_processor(order.seconds)
        result = order.function(*order.arguments)
        return messages.RESULT + messages.result_type(order.function).dump_json(result)
    except Exception as error:  # whatever a decoder raises: the caller judges it
        return messages.FAILURE + messages.pack_failure(error)
    finally:
        limit_processor(None)


def _move_to(order: messages.Order) -> None:
    if order.directory is not None:
        os.chdir(order.directory)
    for name in KEPT:
        if name not in order.environment:
            os.environ.pop(name, None)
    os.environ.update(order.environment)


class Caller:
    """The process that gave the order: it reads what it lent, and hears how far the work has come."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def next_order(self) -> bytes | None:
        """The next order; None: there will be none."""
        try:
            return self._connection.recv_bytes()
        except (EOFError, OSError):
            return None

    def stand_in(self, lent: tuple[Any, ...]) -> Any:
        kind, *facts = lent
        if kind == "event":
            return threading.Event()  # who cancels ends this process
        if kind == "content":
            return LentContent(self, *facts)
        return self._callback(*facts)

    def read(self, number: int, offset: int, length: int) -> bytes:
        """Ask for bytes of the content *number*. Raises UnreadableError; the caller knows why."""
        with self._lock:
            self._connection.send_bytes(messages.READ + json.dumps([number, offset, length]).encode())
            answer = self._connection.recv_bytes()
        if answer[:1] != messages.DATA:
            raise UnreadableError("can't be read")
        return answer[1:]

    def _callback(self, number: int) -> Callable[[float], None]:
        def report(part: float) -> None:
            with self._lock:
                self._connection.send_bytes(messages.PROGRESS + json.dumps([number, part]).encode())

        return report


class LentContent:
    """Implements `prep.model.byte_source.Readable`: what the caller has open under *number*, called *name*."""

    def __init__(self, caller: Caller, number: int, name: str, size_bytes: int, far: bool) -> None:
        self._caller = caller
        self._number = number
        self._name = name
        self.size_bytes = size_bytes
        self.far = far

    def __str__(self) -> str:
        return self._name

    def read_at(self, offset: int, length: int) -> bytes:
        return self._caller.read(self._number, offset, length)

    def raise_failure(self) -> None:
        """The caller raises it."""


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])), os.getppid())
