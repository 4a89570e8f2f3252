"""A real HTTPS server on loopback that serves files well, badly and maliciously, and counts what it sends."""

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behave = Callable[["Handler"], None]
RANGE = re.compile(r"bytes=(\d+)-(\d+)")
NAMES = ("media.example.test", "other.example.test", "127.0.0.1", "::1")


@dataclass
class Seen:
    """One request: its path with the query, its Range, and its other headers."""

    path: str
    wanted: str
    headers: dict[str, str]


@dataclass
class Site:
    """Pages by path; *port* is known once the site is served."""

    port: int = 0
    pages: dict[str, Behave] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}{path}"

    def put(self, path: str, data: bytes, media_type: str = "application/octet-stream", etag: str = '"1"') -> None:
        """A file as it should be served: in parts when it is asked for in parts."""
        self.pages[path] = lambda handler: handler.part(data, media_type, etag)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        with self.site.lock:
            self.site.seen.append(Seen(self.path, wanted, dict(self.headers)))
        behave = self.site.pages.get(self.path.partition("?")[0])
        if behave is None:
            self.answer(404, b"no such page")
        else:
            try:
                behave(self)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                self.close_connection = True

    def part(self, data: bytes, media_type: str, etag: str) -> None:
        found = RANGE.fullmatch(self.headers.get("Range", ""))
        headers = {"Content-Type": media_type, "ETag": etag, "Accept-Ranges": "bytes"}
        if not found:
            self.answer(200, data, headers)
            return
        start, stop = int(found[1]), min(int(found[2]) + 1, len(data))
        if start >= len(data):
            self.answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        self.answer(206, data[start:stop], headers | {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"})

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.head(status, {"Content-Length": str(len(body)), **(headers or {})})
        self.body(body)

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def body(self, data: bytes) -> None:
        self.wfile.write(data)
        with self.site.lock:
            self.site.sent += len(data)

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def handle_error(self, *args: object) -> None:
        """A client that hangs up is nothing to tell."""


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[Site]:
    """Serve on a free port of loopback, with TLS when there is a *context*."""
    site = Site()
    server = _Server(("127.0.0.1", 0), type("SiteHandler", (Handler,), {"site": site}))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
