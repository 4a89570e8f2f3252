"""The proxy that leads the platform's hosts to the sandbox and blocks all others."""

import asyncio
import gc
import socket
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from submit.sandbox import Sandbox
from submit.sandbox.faults.cut import Tunnels
from submit.sandbox.proxy import is_served, proxying


@pytest.mark.parametrize(
    ("host", "served"),
    [
        ("fal.run", True),
        ("queue.fal.run", True),
        ("rest.fal.ai", True),
        ("v3.fal.media", True),
        ("v3b.fal.media", True),
        ("falrun.com", True),
        ("queue.falrun.com", True),
        ("fal.ai", False),
        ("example.com", False),
        ("evilfal.run", False),
        ("fal.run.example.com", False),
        ("a.b.fal.run", False),
        ("127.0.0.1", False),
        ("", False),
    ],
)
def test_only_the_hosts_of_fal_are_served(host: str, served: bool) -> None:
    assert is_served(host) is served


@pytest.mark.parametrize(
    "url", ["https://example.com/", "https://fal.ai/", "https://127.0.0.1/", "https://fal.run:22/"]
)
def test_any_other_host_is_refused_with_the_reason(box: Sandbox, url: str) -> None:
    with httpx.Client() as http, pytest.raises(httpx.ProxyError, match=r"403 the fal sandbox .* lets nothing else out"):
        http.get(url)


def test_plain_http_is_refused_even_for_a_served_host(box: Sandbox) -> None:
    with httpx.Client() as http:
        answer = http.get("http://v3.fal.media/files/x")
    assert answer.status_code == 403
    assert "https only" in answer.text


@pytest.mark.parametrize("request_head", [b"CONNECT [::1:443 HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"\x16\x03\x01\r\n\r\n"])
def test_nonsense_is_refused(box: Sandbox, request_head: bytes) -> None:
    assert _raw(box, request_head).startswith(b"HTTP/1.1 403 ")


def test_a_head_without_end_is_refused(box: Sandbox) -> None:
    assert b"too long" in _raw(box, b"CONNECT fal.run:443 HTTP/1.1\r\nX: " + b"x" * 70_000)


def test_a_served_host_without_a_stand_in_is_404(box: Sandbox) -> None:
    with httpx.Client() as http:
        assert http.post("https://fal.run/bytedance/seedance-2.0/reference-to-video", json={}).status_code == 404


def _raw(box: Sandbox, content: bytes) -> bytes:
    where = urlsplit(box.env["HTTPS_PROXY"])
    assert where.hostname == "127.0.0.1"
    with socket.create_connection((where.hostname, where.port or 0), timeout=5) as connection:
        connection.sendall(content)
        return connection.recv(4096)


@pytest.mark.parametrize("turns", range(8))
def test_a_connection_that_arrives_with_the_end_is_closed(turns: int) -> None:
    async def connect_and_end() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        async with proxying(1, context, 0, Tunnels()) as port:
            client.connect(("127.0.0.1", port))
            for _ in range(turns):
                await asyncio.sleep(0)

    with socket.socket() as client:
        asyncio.run(connect_and_end())
        gc.collect()  # an open connection of the server warns here, which fails the test
        client.settimeout(5)
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
