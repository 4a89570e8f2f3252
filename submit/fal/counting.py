"""The client for one upload, which tells how many bytes have left."""

import threading
from collections.abc import Callable, Iterator
from functools import cached_property

import httpx
from fal_client.client import USER_AGENT, BackupDomainTransport, SyncClient

PIECE_BYTES = 65_536


class CountingClient(SyncClient):
    """*told* gets the bytes that have left, headers not counted. The token is shared with *parent*."""

    _told: Callable[[int], None]
    _open: list[httpx.Client]

    def __init__(self, parent: SyncClient, told: Callable[[int], None]) -> None:
        super().__init__(key=parent.key)
        self.__dict__.update(_token_manager=parent._token_manager, _told=told, _open=[])  # its fields are frozen

    @cached_property
    def _client(self) -> httpx.Client:
        return self._counted({"Authorization": self._auth.header_value})

    def _get_cdn_client(self) -> httpx.Client:
        token = self._token_manager.get_token()
        return self._counted({"Authorization": f"{token.token_type} {token.token}"})

    def _counted(self, headers: dict[str, str]) -> httpx.Client:
        client = httpx.Client(
            transport=_Counted(BackupDomainTransport(), self._told),
            headers={**headers, "User-Agent": USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=True,
        )
        self._open.append(client)
        return client

    def close(self) -> None:
        for client in self._open:
            client.close()


class _Counted(httpx.BaseTransport):
    """Sends bodies in pieces, and tells how much of them has left; several at once add up."""

    def __init__(self, transport: httpx.BaseTransport, told: Callable[[int], None]) -> None:
        self._transport = transport
        self._told = told
        self._lock = threading.Lock()
        self._sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.stream = _Pieces(request.read(), self._count)
        return self._transport.handle_request(request)

    def _count(self, size: int) -> None:
        with self._lock:
            self._sent += size
            sent = self._sent
        self._told(sent)

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
