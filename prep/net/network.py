"""Network settings for reading references: the hosts allowed, name resolution, connections, and bounds."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True)
class Bounds:
    """The most that one reference may cost.

    *patience_s* is the time on the network beyond what the received bytes take at *slowest_bytes_per_s*, so that a
    server can't keep a connection alive with single bytes. *silence_s* is the longest wait for any answer.
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
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in entries))


def connect(address: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to exactly that address."""
    return socket.create_connection((address, port), timeout_s)


@dataclass(frozen=True)
class Network:
    """*allow_private* lets references lead to private and loopback addresses, and to `http://`.

    *resolve* and *connect* are the only calls to the system's network.
    """

    allow_private: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    resolve: Resolve = resolve
    connect: Connect = connect
