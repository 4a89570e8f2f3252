"""Upload client that reports how many bytes have been sent."""

import threading
from collections.abc import Callable, Iterator
from functools import cached_property

import httpx
from fal_client.client import USER_AGENT, BackupDomainTransport, SyncClient

from submit.errors import Hopeless

PIECE_BYTES = 65_536


class CountingClient(SyncClient):
    """Reports the bytes sent, without headers, to *on_bytes*. Shares the token of *parent*."""

    _on_bytes: Callable[[int], None]
    _open: list[httpx.Client]

    def __init__(self, parent: SyncClient, on_bytes: Callable[[int], None]) -> None:
        super().__init__(key=parent.key)
        self.__dict__.update(
            _token_manager=parent._token_manager, _on_bytes=on_bytes, _open=[]
        )  # its fields are frozen

    @cached_property
    def _client(self) -> httpx.Client:
        return self._counting({"Authorization": self._auth.header_value})

    def _get_cdn_client(self) -> httpx.Client:
        token = self._token_manager.get_token()
        return self._counting({"Authorization": f"{token.token_type} {token.token}"})

    def _counting(self, headers: dict[str, str]) -> httpx.Client:
        client = httpx.Client(
            transport=_CountingTransport(BackupDomainTransport(), self._on_bytes),
            headers={**headers, "User-Agent": USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=True,
        )
        self._open.append(client)
        return client

    def close(self) -> None:
        for client in self._open:
            client.close()


class _CountingTransport(httpx.BaseTransport):
    """Sends bodies in pieces and counts them; parallel requests add up."""

    def __init__(self, transport: httpx.BaseTransport, on_bytes: Callable[[int], None]) -> None:
        self._transport = transport
        self._on_bytes = on_bytes
        self._lock = threading.Lock()
        self._sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.stream = _Pieces(request.read(), self._count)
        try:
            return self._transport.handle_request(request)
        except httpx.LocalProtocolError as error:  # the client would try ten times, for a minute
            raise Hopeless(f"it can't be sent: {error}") from error

    def _count(self, size: int) -> None:
        with self._lock:
            self._sent += size
            sent = self._sent
        self._on_bytes(sent)

    def close(self) -> None:
        self._transport.close()


class _Pieces(httpx.SyncByteStream):
    def __init__(self, content: bytes, count: Callable[[int], None]) -> None:
        self._content = content
        self._count = count

    def __iter__(self) -> Iterator[bytes]:
        view = memoryview(self._content)
        for start in range(0, len(view), PIECE_BYTES):
            piece = bytes(view[start : start + PIECE_BYTES])
            yield piece
            self._count(len(piece))
