"""The network as references are read from it: what may be asked, how names and connections are made, and the bounds."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True)
class Bounds:
    """How much of anything one reference may cost.

    *patience_s* is the time spent on the network beyond what the bytes that came take at *slowest_bytes_per_s*: a
    server that keeps a connection alive with single bytes ends there. *silence_s* is the longest wait for any answer.
    *spare_bytes* of the disk stay free.
    """

    redirects: int = 5
    silence_s: float = 20.0
    patience_s: float = 60.0
    slowest_bytes_per_s: int = 32_000
    download_bytes: int = 4_000_000_000
    spare_bytes: int = 200_000_000


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Every address of *host*, in the order to try them. Raises OSError when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to exactly that address."""
    return socket.create_connection((address, port), timeout_s)


@dataclass(frozen=True)
class Network:
    """*allow_private* lets references lead to private and loopback addresses, and to `http://`.

    *resolve* and *connect* are the two things that are asked of the system.
    """

    allow_private: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    resolve: Resolve = resolve
    connect: Connect = connect
