"""Connections to addresses that were judged before, each within a deadline, however slowly the server sends."""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore

from prep.errors import RemoteError, UsageError
from prep.model.redact import shown
from prep.net.address_table import not_public
from prep.net.network import Network


class Clock:
    """The time that one reference has spent on the network, and may still spend."""

    def __init__(self, network: Network) -> None:
        self._bounds = network.bounds
        self._spent_s = 0.0
        self._since: float | None = None
        self.received = 0

    def start(self) -> None:
        self._since = time.monotonic()

    def stop(self) -> None:
        if self._since is not None:
            self._spent_s += time.monotonic() - self._since
            self._since = None

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Allow more time for a body that arrives. Headers and interim answers, which may never end, earn none."""
        for chunk in chunks:
            self.received += len(chunk)
            yield chunk

    def left_s(self) -> float:
        """How long the next wait may be; 0 when the time is over."""
        running = time.monotonic() - self._since if self._since is not None else 0.0
        allowed_s = self._bounds.patience_s + self.received / self._bounds.slowest_bytes_per_s
        return max(0.0, min(self._bounds.silence_s, allowed_s - self._spent_s - running))


class JudgedBackend(httpcore.NetworkBackend):
    """Resolves a name once, judges every address, and connects to exactly the address it judged.

    TLS is on top of this and uses the name: a certificate must be for the host of the URL.
    """

    def __init__(
        self, network: Network, clock: Clock, label: str, when_private: Callable[[], None], *, judge: bool
    ) -> None:
        self._network = network
        self._clock = clock
        self._label = label
        self._when_private = when_private
        self._judge = judge

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        failure: OSError | None = None
        for address in self._judged(host, port):
            try:
                return _Stream(self._network.connect(address, port, self._clock.left_s() or 0.001), self._clock)
            except OSError as error:
                failure = error
        raise RemoteError(f"{self._label}: no connection to {shown(host)}: {_reason(failure)}")

    def _judged(self, host: str, port: int) -> tuple[str, ...]:
        try:
            addresses = tuple(self._network.resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise RemoteError(f"{self._label}: {shown(host)} has no known address: {_reason(error)}") from error
        for address in addresses if self._judge else ():
            kind = not_public(address)
            if kind is None:
                continue
            self._when_private()
            if not self._network.allow_private:
                target = f"{address}," if host == address else f"{shown(host)}, which is {address},"
                raise UsageError(
                    f"{self._label}: it leads to {target} a {kind} address; "
                    "`network=Network(allow_private=True)` allows it for your own intranet"
                )
        return addresses


def _reason(error: Exception | None) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return str(getattr(error, "strerror", None) or error or "it has no address")


class _Stream(httpcore.NetworkStream):
    """A socket whose waits end when the clock runs out."""

    def __init__(self, connected: socket.socket, clock: Clock) -> None:
        self._socket = connected
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        try:
            self._wait()
            received = self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except OSError as error:
            raise httpcore.ReadError(_reason(error)) from error
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        try:
            self._wait()
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error
        except OSError as error:
            raise httpcore.WriteError(_reason(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        try:
            self._wait()
            return _Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname), self._clock)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout from error
        except OSError as error:  # also when the certificate does not fit
            self.close()
            raise httpcore.ConnectError(_tls_reason(error)) from error

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "socket":
            return self._socket
        if info == "is_readable":
            return _has_something(self._socket)
        return None

    def _wait(self) -> None:
        left_s = self._clock.left_s()
        if left_s <= 0:
            raise TimeoutError
        self._socket.settimeout(left_s)


def _tls_reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid for it: {error.verify_message}"
    return _reason(error)


def _has_something(connected: socket.socket) -> bool:
    """Whether an idle connection can be read from: then the server has closed it."""
    try:
        return bool(select.select([connected], [], [], 0)[0])
    except (OSError, ValueError):  # closed here, or a descriptor that select can't take: connect again
        return True
