"""Bounds on the platform's answers: what is compressed, what never ends, what never begins."""

import gzip
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from prep.errors import Cancelled, RemoteError
from prep.specs import DEFAULT_ENDPOINT
from submit.errors import KeysUnavailable, SubmitUncertain
from submit.fal import Fal, bounded, downloading
from submit.fal.bounded import ANSWER_BYTES, Bounded, Patience, limit_time
from submit.fal.downloading import download, serves
from submit.sandbox import Sandbox
from submit.webhook import keys
from submit.webhook.keys import fetch_jwks
from tests.submit.fal.wire import Through, Wire

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
LONG = b" " * (ANSWER_BYTES + 1)
COMPRESSED = {
    "gzip": gzip.compress(LONG),
    "x-gzip": gzip.compress(LONG),
    "deflate": zlib.compress(LONG),
    "gzip, gzip": gzip.compress(gzip.compress(LONG)),
    "br": b"\x8b\x00\x80\x03",
}


def _compressed(coding: str) -> httpx.Response:
    body = iter([COMPRESSED[coding]])
    return httpx.Response(200, stream=_Parts(body), headers={"content-encoding": coding, "x-fal-request-id": "abc"})


class _Parts(httpx.SyncByteStream):
    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self._parts


@pytest.mark.parametrize("coding", COMPRESSED)
def test_a_body_is_decompressed_as_far_as_an_answer_may_be_long(coding: str) -> None:
    """Measured where memory is taken: no part of the body is longer than an answer may be by one byte."""
    transport = Bounded(httpx.MockTransport(lambda request: _compressed(coding)))
    answer = transport.handle_request(httpx.Request("GET", "https://queue.fal.run/"))
    parts = answer.iter_bytes()
    with pytest.raises((httpx.ReadError, httpx.DecodingError)):
        assert all(len(part) <= ANSWER_BYTES for part in parts)


@pytest.mark.parametrize("call", ["result", "state"])
@pytest.mark.parametrize("coding", COMPRESSED)
def test_a_compressed_answer_that_is_too_long(through: Through, coding: str, call: str) -> None:
    with pytest.raises(RemoteError, match=r"larger than 16,000,000 bytes|can't be decompressed"):
        getattr(through(Wire(lambda: _compressed(coding))), call)(DEFAULT_ENDPOINT, "abc")


@pytest.mark.parametrize("coding", COMPRESSED)
def test_the_paid_request_is_in_doubt(through: Through, coding: str) -> None:
    with pytest.raises(SubmitUncertain) as caught:
        through(Wire(lambda: _compressed(coding))).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert caught.value.hint == "abc"


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_compressed_answer_is_read(through: Through, compress: Callable[[bytes], bytes]) -> None:
    headers = {"content-encoding": "gzip" if compress is gzip.compress else "deflate"}
    wire = Wire(lambda: httpx.Response(200, stream=_Parts(iter([compress(b'{"seed": 5}')])), headers=headers))
    assert through(wire).result(DEFAULT_ENDPOINT, "abc").body == {"seed": 5}
    assert wire.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("kind", ["endless", *COMPRESSED])
def test_an_answer_to_an_upload(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if kind == "endless":
            return httpx.Response(200, stream=_Parts(iter(lambda: b" " * 1_000_000, b"")))
        return _compressed(kind)

    monkeypatch.setattr("submit.fal.counting.BackupDomainTransport", lambda: httpx.MockTransport(answer))
    monkeypatch.setattr("fal_client.client.BASE_DELAY", 0)
    (tmp_path / "a.png").write_bytes(b"content")
    with pytest.raises(RemoteError, match=r"uploading a\.png failed: the answer"):
        Fal(os.environ["FAL_KEY"]).upload(tmp_path / "a.png", "image/png", "7d", lambda sent: None)


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "br"])
def test_a_compressed_download(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str) -> None:
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda self, request: _compressed(coding))
    with pytest.raises(RemoteError, match=r"compressed \(.*\), though asked not to"):
        download("https://v3.fal.media/a.mp4", tmp_path / "a.mp4", None, lambda size, total: None)
    assert not (tmp_path / "a.mp4").exists()


@contextmanager
def _sending(first: bytes, then: bytes) -> Iterator[str]:
    """A server on loopback that answers each request with *first*, and sends *then* for ever."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.recv(65_536)
                    connection.sendall(first)
                    while not done.wait(0.002):
                        connection.sendall(then)

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


ENDLESS: dict[str, Any] = {
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
    "a header": (b"HTTP/1.1 200 OK\r\nx: ", b"y"),
    "a body": (b"HTTP/1.1 200 OK\r\n\r\n", b"y"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\ny\r\n"),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_that_goes_on_for_ever(kind: str) -> None:
    """Bytes keep coming, so that no timeout of a single read helps."""
    with _sending(*ENDLESS[kind]) as url, httpx.Client(timeout=20, trust_env=False) as client:
        limit_time(client, Patience(seconds=0.2))
        started = time.monotonic()
        with pytest.raises(httpx.TransportError):
            client.get(url)
        assert time.monotonic() - started < 10


def test_a_wait_that_is_called_off() -> None:
    """Nothing arrives, and the timeout is far away: the caller still ends it."""
    calls = 0

    def tick() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Cancelled("enough")

    with socket.create_server(("127.0.0.1", 0)) as silent, httpx.Client(timeout=600, trust_env=False) as client:
        limit_time(client, Patience(), tick)
        with pytest.raises(Cancelled, match="enough"):
            client.get(f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert calls == 3


def test_bytes_earn_time_up_to_their_bound() -> None:
    with _sending(*ENDLESS["interim answers"]) as url, httpx.Client(timeout=20, trust_env=False) as client:
        limit_time(client, Patience(seconds=0.2, slowest_bytes_per_s=1, most_bytes=5_000))
        with pytest.raises(httpx.ReadError, match="too large"):
            client.get(url)


@pytest.mark.parametrize("kind", ENDLESS)
def test_webhook_keys_that_never_arrive(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(keys, "TIMEOUT_S", 0.2)
    with _sending(*ENDLESS[kind]) as url, pytest.raises(KeysUnavailable):
        fetch_jwks(url)


def test_an_upload_that_is_looked_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "HEAD_S", 0.2)
    with _sending(*ENDLESS["interim answers"]) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        assert not serves("https://v3.fal.media/files/a.png", 10)


def test_a_request_that_is_taken_too_slowly() -> None:
    """A server that takes a little now and then, so that no timeout of a single write helps."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while not done.wait(0.05):
                connection.recv(512)

    done = threading.Event()
    with socket.socket() as listener, httpx.Client(timeout=20, trust_env=False) as client:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        limit_time(client, Patience(seconds=0.5))
        started = time.monotonic()
        with pytest.raises(httpx.WriteTimeout):
            client.put(f"http://127.0.0.1:{listener.getsockname()[1]}/", content=bytes(16_000_000))
        assert time.monotonic() - started < 10
        done.set()
        thread.join()


def test_the_clients_of_the_platform_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the real client, with the proxies of the environment in place."""
    monkeypatch.setattr("fal_client.client.MAX_ATTEMPTS", 1)
    with _sending(*ENDLESS["interim answers"]) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setattr(bounded, "Patience", lambda: Patience(seconds=0.2))
        with pytest.raises(RemoteError):
            Fal("key").state(DEFAULT_ENDPOINT, "abc")
