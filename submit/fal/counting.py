"""Upload client that reports how many bytes have been sent."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property

import httpx
from fal_client.client import USER_AGENT, BackupDomainTransport, CDNToken, CDNTokenManager, SyncClient

from submit.errors import Hopeless
from submit.fal.answers import remote_error, response_error
from submit.fal.bounded import TICK_S, Bounded

PIECE_BYTES = 65_536
MAY_PASS = (408, 429, 502, 503, 504)


class CountingClient(SyncClient):
    """Reports the bytes sent, without headers, to *on_bytes*. Shares the token of *parent*.

    *action* is what it is for, as errors say it: "uploading photo.jpg".
    """

    _action: str
    _on_bytes: Callable[[int], None]
    _open: list[httpx.Client]

    def __init__(self, parent: SyncClient, action: str, on_bytes: Callable[[int], None]) -> None:
        super().__init__(key=parent.key)
        self.__dict__.update(  # its fields are frozen
            _token_manager=_Tokens(parent._token_manager, self, lambda: on_bytes(0)),
            _action=action,
            _on_bytes=on_bytes,
            _open=[],
        )

    @cached_property
    def _client(self) -> httpx.Client:
        return self._counting({"Authorization": self._auth.header_value})

    def _get_cdn_client(self) -> httpx.Client:
        token = self._token_manager.get_token()
        return self._counting({"Authorization": f"{token.token_type} {token.token}"})

    def _counting(self, headers: dict[str, str]) -> httpx.Client:
        client = httpx.Client(
            transport=_CountingTransport(BackupDomainTransport(), self._action, self._on_bytes),
            headers={**headers, "User-Agent": USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=True,
        )
        self._open.append(client)
        return client

    def close(self) -> None:
        for client in self._open:
            client.close()


class _Tokens(CDNTokenManager):
    """The token of *shared*, fetched by the bounded connection of *client*: the client library's own takes an answer
    without end. *tick* is called while another upload fetches it; what it raises ends the wait.
    """

    def __init__(self, shared: CDNTokenManager, client: SyncClient, tick: Callable[[], None]) -> None:
        super().__init__(client._auth)
        self._shared, self._client, self._tick = shared, client, tick

    def get_token(self) -> CDNToken:
        while not self._shared._lock.acquire(timeout=TICK_S):
            self._tick()
        try:
            if self._shared._token.is_expired():
                self._shared._token = self._refresh_token()
            return self._shared._token
        finally:
            self._shared._lock.release()

    def _refresh_token(self) -> CDNToken:
        response = self._client._client.post(self._shared._url, headers=self._headers, json={})
        response.raise_for_status()
        data = response.json()
        return CDNToken(
            token=data["token"],
            token_type=data["token_type"],
            base_upload_url=data["base_url"],
            expires_at=datetime.fromisoformat(data["expires_at"]),
        )


class _CountingTransport(httpx.BaseTransport):
    """Sends bodies in pieces and counts them; parallel requests add up. *on_bytes* also hears that an answer is waited
    for, twice a second, and ends the wait by raising an error.

    What may pass is raised as a RemoteError, which the client doesn't repeat: it would try for a minute without a word,
    and no cancellation would reach it.
    """

    def __init__(self, transport: httpx.BaseTransport, action: str, on_bytes: Callable[[int], None]) -> None:
        self._transport = Bounded(transport, lambda: self._count(0))
        self._action = action
        self._on_bytes = on_bytes
        self._lock = threading.Lock()
        self._sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.stream = _Pieces(request.read(), self._count)
        try:
            response = self._transport.handle_request(request)
        except httpx.LocalProtocolError as error:
            raise Hopeless(f"{self._action} failed: it can't be sent: {error}") from error
        except httpx.TransportError as error:
            raise remote_error(error, f"{self._action} failed") from error
        if response.status_code in MAY_PASS:
            response.close()
            raise response_error(response, f"{self._action} failed")
        return response

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
