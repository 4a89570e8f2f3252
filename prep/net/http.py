"""Asking for bytes: one GET after the other to one URL, its redirects followed and judged like the URL itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from prep.errors import PrepError, RemoteError, UnreadableError, UsageError
from prep.model.redact import shown
from prep.net.connection import Clock, JudgedBackend
from prep.net.network import Network
from prep.net.url import read_link

REDIRECTS = (301, 302, 303, 307, 308)
CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
# Statuses after which the same question may be answered another time.
PASSING = (408, 425, 429)


class Answer(NamedTuple):
    """*body* yields what the server sends, as it is sent. *start* and *total* are of Content-Range, None without."""

    status: int
    headers: dict[str, str]
    body: Iterator[bytes]
    start: int | None = None
    total: int | None = None

    @property
    def length(self) -> int | None:
        """What Content-Length announces; None when there is none that can be understood."""
        told = self.headers.get("content-length", "")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None

    @property
    def version(self) -> tuple[str, str]:
        """What tells this content from another at the same URL."""
        return self.headers.get("etag", ""), self.headers.get("last-modified", "")


class Exchange:
    """One URL, asked several times. Not for several threads at once.

    *public* tells, once something was answered, whether anybody could have asked the same: https, and public addresses
    all the way.
    """

    def __init__(self, location: str, network: Network) -> None:
        self._network = network
        self._clock = Clock(network)
        self._url = read_link(location, allow_private=network.allow_private)
        self._pool: httpcore.ConnectionPool | None = None
        self._context = httpx.create_ssl_context()
        self.location = str(self._url)
        self.told = shown(location)
        self.public = True

    @contextmanager
    def get(self, wanted: str) -> Iterator[Answer]:
        """Ask for the range *wanted* ("bytes=0-99"). The answer is one of success; its body need not be read.

        Raises UsageError for what may not be asked, UnreadableError where the server says that it has nothing for us,
        RemoteError when it fails; all name the URL without its query.
        """
        self._clock.start()
        try:
            with self._following(wanted) as answer:
                yield answer
        except httpcore.TimeoutException as error:
            raise RemoteError(f"{self.told}: the server is too slow, or silent; try again later") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
            raise RemoteError(f"{self.told}: the connection failed: {str(error) or type(error).__name__}") from error
        finally:
            self._clock.stop()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    @contextmanager
    def _following(self, wanted: str) -> Iterator[Answer]:
        for _ in range(self._network.bounds.redirects + 1):
            with self._asked(wanted) as response:
                headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
                if response.status not in REDIRECTS:
                    yield _answer(self.told, response, headers)
                    return
            self._redirected(headers.get("location", ""))
        raise UnreadableError(f"{self.told}: more than {self._network.bounds.redirects} redirects")

    @contextmanager
    def _asked(self, wanted: str) -> Iterator[httpcore.Response]:
        headers: dict[bytes | str, bytes | str] = {
            "Host": self._url.netloc,
            "User-Agent": "prep-and-submit",
            "Accept": "*/*",
            "Accept-Encoding": "identity",  # nothing that grows when it is unpacked
            "Range": wanted,
        }
        url = httpcore.URL(
            scheme=self._url.raw_scheme, host=self._url.raw_host, port=self._url.port, target=self._url.raw_path
        )
        with self._connected().stream("GET", url, headers=headers) as response:
            yield response

    def _redirected(self, location: str) -> None:
        try:
            target = str(self._url.join(location))
        except (httpx.InvalidURL, ValueError):
            target = ""
        if not location or not target:
            raise UnreadableError(f"{self.told}: a redirect that leads nowhere")
        try:
            self._url = read_link(target, allow_private=self._network.allow_private)
        except PrepError as error:
            raise UsageError(f"{self.told}: it redirects: {error}") from None
        # certificates are checked for one host at a time: no connection is used for another
        self.close()

    def _connected(self) -> httpcore.ConnectionPool:
        """A pool for the host of the URL, with one connection that is kept for the next question."""
        if self._pool is not None:
            return self._pool
        proxy = self._proxy()
        if proxy is not None or self._url.scheme != "https":
            self._mark()
        backend = JudgedBackend(self._network, self._clock, self.told, self._mark, judge=proxy is None)
        if proxy is None:
            self._pool = httpcore.ConnectionPool(self._context, max_connections=1, network_backend=backend)
        else:
            self._pool = httpcore.HTTPProxy(proxy, ssl_context=self._context, network_backend=backend)
        return self._pool

    def _mark(self) -> None:
        self.public = False

    def _proxy(self) -> str | None:
        """The proxy that the environment names for this host.

        A proxy looks names up by itself, and what it finds can't be judged here: it is used only where every address is
        allowed, and otherwise nothing is asked, since going past it would be against its purpose.
        """
        proxies = getproxies()
        proxy = proxies.get(self._url.scheme) or proxies.get("all")
        if not proxy or proxy_bypass(self._url.host):
            return None
        if not self._network.allow_private:
            raise UsageError(
                f"{self.told}: the environment names a proxy, which looks names up by itself, so that the address "
                "can't be judged; `network=Network(allow_private=True)` goes through it unjudged, NO_PROXY exempts a "
                "host from it"
            )
        return proxy if "://" in proxy else f"http://{proxy}"


def broke(error: RemoteError) -> bool:
    """Whether the connection ended before the answer did: the same may work over another one."""
    return isinstance(error.__cause__, httpcore.NetworkError | httpcore.ProtocolError)


def _answer(told: str, response: httpcore.Response, headers: dict[str, str]) -> Answer:
    status = response.status
    if status == 416 and headers.get("content-range", "").strip() == "bytes */0":
        raise UnreadableError(f"{told}: the file is empty (0 bytes)")
    if status == 416:
        raise UnreadableError(f"{told}: the server has no such bytes: the file is empty, or it has changed")
    if status in PASSING or status >= 500:
        raise RemoteError(f"{told}: the server answers {status}; try again later")
    if status not in (200, 206):
        hint = "; a signed URL may have expired" if status in (401, 403) else ""
        raise UnreadableError(f"{told}: the server answers {status}, not with a file{hint}")
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise UnreadableError(f"{told}: the server sends it packed ({shown(coding[:20])}), though asked not to")
    body = response.iter_stream()
    if status == 200:
        return Answer(status, headers, body)
    found = CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if not found:
        raise RemoteError(f"{told}: the server sends a part without saying which")
    return Answer(status, headers, body, start=int(found[1]), total=int(found[3]))
