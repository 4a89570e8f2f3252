"""The source of the keys, and the number of requests for them."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from submit.errors import KeysUnavailable
from submit.sandbox import Sandbox, running
from submit.webhook.keys import KEPT_S, RENEW_INTERVAL_S, RETRY_INTERVAL_S, PublishedKeys, fetch_jwks


@contextmanager
def _answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/keys"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"not JSON"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"keys": {}}'),
        (200, b'{"keys": [' + b" " * 100_000 + b"]}"),
        (200, b"[" * 90_000),
        (404, b'{"keys": []}'),
        (500, b'{"keys": []}'),
    ],
    ids=["text", "list", "object", "no-list", "long", "deep", "404", "500"],
)
def test_an_answer_that_is_not_a_set_of_keys(status: int, body: bytes) -> None:
    with _answering(status, body) as url, pytest.raises(KeysUnavailable, match="keys"):
        fetch_jwks(url)


def test_a_redirect_is_not_followed() -> None:
    with (
        _answering(200, b'{"keys": []}') as other,
        _answering(302, b"", Location=other) as url,
        pytest.raises(KeysUnavailable),
    ):
        fetch_jwks(url)


def test_the_longest_answer_that_is_read() -> None:
    body = b'{"keys": [' + b" " * (100_000 - 12) + b"]}"
    with _answering(200, body) as url:
        assert fetch_jwks(url) == {"keys": []}


def test_nobody_answers() -> None:
    with _answering(200, b"") as url:
        pass
    with pytest.raises(KeysUnavailable, match="ConnectError"):
        fetch_jwks(url)


def _use(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send this process to *box*; the key that it publishes."""
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    return str(httpx.get("https://rest.fal.ai/.well-known/jwks.json").json()["keys"][0]["x"])


def test_they_are_kept_for_a_day_and_renewed_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    keys = PublishedKeys(lambda: now[0])
    with running() as box:
        first = _use(box, monkeypatch)
        assert keys.current()["keys"][0]["x"] == first
    with running() as box:
        second = _use(box, monkeypatch)
        assert second != first
        now[0] = KEPT_S - 1
        assert keys.current()["keys"][0]["x"] == first
        now[0] = KEPT_S
        assert keys.current()["keys"][0]["x"] == second
    with running() as box:
        third = _use(box, monkeypatch)
        now[0] += RENEW_INTERVAL_S - 1
        assert keys.renew() is None
        now[0] += 1
        renewed = keys.renew()
        assert renewed is not None and renewed["keys"][0]["x"] == third
        assert keys.renew() is None


def test_a_failure_is_not_asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    keys = PublishedKeys(lambda: now[0])
    with running() as box:
        _use(box, monkeypatch)
        kept = keys.current()
    now[0] += RENEW_INTERVAL_S
    with pytest.raises(KeysUnavailable):
        keys.renew()
    assert keys.renew() is None
    assert keys.current() == kept


def test_first_keys_that_fail_are_not_asked_for_by_each_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise strangers, one after the other, hold up whoever is genuine."""
    now = [1000.0]
    keys = PublishedKeys(lambda: now[0])
    with running() as box:
        _use(box, monkeypatch)
    with pytest.raises(KeysUnavailable, match="can't be fetched"):
        keys.current()
    with running() as box:
        published = _use(box, monkeypatch)
        now[0] += RETRY_INTERVAL_S - 1
        with pytest.raises(KeysUnavailable, match="can't be fetched"):
            keys.current()
        now[0] += 1
        assert keys.current()["keys"][0]["x"] == published


def test_keys_that_are_compressed_are_not_decompressed() -> None:
    """A kilobyte may become a megabyte, and compressed twice a gigabyte."""
    body = gzip.compress(gzip.compress(b'{"keys": []' + b" " * 10_000_000 + b"}"))
    with _answering(200, body, **{"Content-Encoding": "gzip, gzip"}) as url, pytest.raises(KeysUnavailable):
        fetch_jwks(url)
