"""Bounds on answers: whatever a server sends, it fills no memory and keeps no call waiting for ever."""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import httpcore
import httpx

ANSWER_BYTES, ANSWER_S = 16_000_000, 60.0
# The client library waits two minutes for the first byte; an answer may take as much longer as its body may.
EXCHANGE_S = 120.0 + ANSWER_S
TICK_S = 0.5
SLICE_BYTES = 4096


class Patience(NamedTuple):
    """How long an answer may take from the end of its request, headers and interim answers included: *seconds*, plus
    the time that the received bytes take at *slowest_bytes_per_s* (None: no more), of which there are *most_bytes*.
    """

    seconds: float = EXCHANGE_S
    slowest_bytes_per_s: int | None = None
    most_bytes: int | None = None


class Bounded(httpx.BaseTransport):
    """Sends by *transport*. A body of more than ANSWER_BYTES, decompressed, or one that takes longer than ANSWER_S,
    raises httpx.ReadError when it is read. *tick* is that of `limit_time`.
    """

    def __init__(self, transport: httpx.BaseTransport, tick: Callable[[], None] = lambda: None) -> None:
        self._transport = transport
        if isinstance(client := getattr(transport, "_client", None), httpx.Client):
            limit_time(client, Patience(), tick)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Accept-Encoding"] = "identity"
        response = self._transport.handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Body(response.stream, response.headers.pop("content-encoding", ""))
        return response

    def close(self) -> None:
        self._transport.close()


class _Body(httpx.SyncByteStream):
    """The body behind *stream*, decompressed: the client's own decoder makes gigabytes of a compressed megabyte."""

    def __init__(self, stream: httpx.SyncByteStream, coding: str) -> None:
        self._stream = stream
        self._coding = coding.strip().lower()

    def __iter__(self) -> Iterator[bytes]:
        size, deadline = 0, time.monotonic() + ANSWER_S
        for part in _decompressed(self._stream, self._coding):
            size += len(part)
            if size > ANSWER_BYTES:
                raise httpx.ReadError(f"the answer is larger than {ANSWER_BYTES:,} bytes")
            if time.monotonic() > deadline:
                raise httpx.ReadError(f"the answer took longer than {ANSWER_S:g} s")
            yield part

    def close(self) -> None:
        self._stream.close()


def _decompressed(parts: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """*parts*, none of which becomes longer than an answer may be by one byte."""
    if coding in ("", "identity"):
        yield from parts
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise httpx.DecodingError(f"compressed as {coding}, though asked not to")
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip and zlib, by their headers
    try:
        for part in parts:
            yield decoder.decompress(part, ANSWER_BYTES + 1)
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from error


def limit_time(client: httpx.Client, patience: Patience, tick: Callable[[], None] = lambda: None) -> None:
    """Give up answers to *client* after *patience*. Its own timeouts are for each read, so that a server which sends a
    byte of a header, or an interim answer, now and then is waited for without end. *tick* is called every TICK_S while
    nothing arrives; what it raises ends the wait.

    httpx takes no network backend, and a transport of our own would lose the proxies of the environment.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            pool = transport._pool
            pool._network_backend = _Backend(pool._network_backend, patience, tick)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, patience: Patience, tick: Callable[[], None]) -> None:
        self._backend = backend
        self._patience = patience
        self._tick = tick

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._patience, self._tick)


class _Stream(httpcore.NetworkStream):
    """A connection; the time for an answer begins with the first read after a write."""

    def __init__(self, stream: httpcore.NetworkStream, patience: Patience, tick: Callable[[], None]) -> None:
        self._stream = stream
        self._patience = patience
        self._tick = tick
        self._since: float | None = None
        self._received = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left_s = self._left_s()
        if left_s <= 0:
            raise httpcore.ReadTimeout("the answer takes too long")
        data = self._read(max_bytes, left_s if timeout is None else min(timeout, left_s))
        self._received += len(data)
        if self._patience.most_bytes is not None and self._received > self._patience.most_bytes:
            raise httpcore.ReadError("the answer is too large")
        return data

    def _read(self, max_bytes: int, timeout: float) -> bytes:
        until = time.monotonic() + timeout
        while True:
            self._tick()
            left_s = until - time.monotonic()
            try:
                return self._stream.read(max_bytes, max(0.001, min(TICK_S, left_s)))
            except httpcore.ReadTimeout:
                if left_s <= TICK_S:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write *buffer* within the seconds of patience: its timeout is for each byte that the server takes."""
        self._since = None
        late_at = time.monotonic() + self._patience.seconds
        for start in range(0, len(buffer), SLICE_BYTES):
            left_s = late_at - time.monotonic()
            if left_s <= 0:
                raise httpcore.WriteTimeout("the server takes the request too slowly")
            self._stream.write(buffer[start : start + SLICE_BYTES], left_s if timeout is None else min(timeout, left_s))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *arguments: object, **options: object) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(*arguments, **options), self._patience, self._tick)  # type: ignore[arg-type]

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def _left_s(self) -> float:
        now = time.monotonic()
        if self._since is None:
            self._since, self._received = now, 0
        rate = self._patience.slowest_bytes_per_s
        earned_s = self._received / rate if rate else 0.0
        return self._patience.seconds + earned_s - (now - self._since)
