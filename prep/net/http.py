"""Requests for bytes: one GET after the other to one URL; redirects are followed and judged like the URL itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from prep.errors import PrepError, RemoteError, UnreadableError, UsageError
from prep.model.redact import shown
from prep.net.judged_connection import Clock, JudgedBackend
from prep.net.network import Network
from prep.net.url import read_link

REDIRECTS = (301, 302, 303, 307, 308)
CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
# Statuses after which the same request may succeed later.
TEMPORARY = (408, 425, 429)


class Broke(RemoteError):
    """The connection ended before the answer did: another connection may bring the rest."""


class Answer(NamedTuple):
    """One answer. *body* yields the bytes as they come; *start* and *total* are from Content-Range, None without it."""

    headers: dict[str, str]
    body: Iterator[bytes]
    start: int | None = None
    total: int | None = None

    @property
    def length(self) -> int | None:
        """The number in Content-Length; None without one that makes sense."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    @property
    def version(self) -> tuple[str, str]:
        """ETag and Last-Modified, which differ for different content at the same URL."""
        return self.headers.get("etag", ""), self.headers.get("last-modified", "")


class Exchange:
    """Several requests to one URL; not for several threads at once.

    *label* is the URL as messages name it. After the first answer, *public* says whether anybody could have made the
    same request: https and public addresses all the way.
    """

    def __init__(self, location: str, network: Network) -> None:
        self._network = network
        self._clock = Clock(network)
        self._url = read_link(location, allow_private=network.allow_private)
        self._pool: httpcore.ConnectionPool | None = None
        self._context = httpx.create_ssl_context()
        self.location = str(self._url)
        self.label = shown(location)
        self.public = True

    @contextmanager
    def get(self, start: int, stop: int) -> Iterator[Answer]:
        """Request the bytes from *start* to *stop*. The answer is a success; its body need not be read.

        Raises UsageError when the URL must not be requested, UnreadableError when the server refuses, RemoteError when
        it fails; all name the URL without its query.
        """
        self._clock.start()
        try:
            with self._following(f"bytes={start}-{stop - 1}") as answer:
                yield answer
        except httpcore.TimeoutException as error:
            raise RemoteError(f"{self.label}: the server is too slow, or silent; try again later") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Broke(f"{self.label}: the connection failed: {str(error) or type(error).__name__}") from error
        except httpcore.ProxyError as error:
            raise RemoteError(f"{self.label}: the connection failed: {str(error) or type(error).__name__}") from error
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
                    yield _answer(self.label, response, headers, self._clock)
                    return
            self._redirected(headers.get("location", ""))
        raise UnreadableError(f"{self.label}: more than {self._network.bounds.redirects} redirects")

    @contextmanager
    def _asked(self, wanted: str) -> Iterator[httpcore.Response]:
        headers: dict[bytes | str, bytes | str] = {
            "Host": self._url.netloc,
            "User-Agent": "prep-and-submit",
            "Accept": "*/*",
            "Accept-Encoding": "identity",  # no compression bombs
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
            raise UnreadableError(f"{self.label}: it redirects without a valid target")
        try:
            self._url = read_link(target, allow_private=self._network.allow_private)
        except PrepError as error:
            raise UsageError(f"{self.label}: it redirects: {error}") from None
        # certificates are checked for one host at a time: no connection serves another
        self.close()

    def _connected(self) -> httpcore.ConnectionPool:
        """A pool for the host of the URL, with one connection that is kept for the next request."""
        if self._pool is not None:
            return self._pool
        proxy = self._proxy()
        if proxy is not None or self._url.scheme != "https":
            self._mark()
        backend = JudgedBackend(self._network, self._clock, self.label, self._mark, judge=proxy is None)
        if proxy is None:
            self._pool = httpcore.ConnectionPool(self._context, max_connections=1, network_backend=backend)
        else:
            self._pool = httpcore.HTTPProxy(proxy, ssl_context=self._context, network_backend=backend)
        return self._pool

    def _mark(self) -> None:
        self.public = False

    def _proxy(self) -> str | None:
        """The proxy that the environment names for this host.

        A proxy resolves names itself, so its addresses can't be judged here. It is used only where every address is
        allowed. Otherwise nothing is requested: going past a proxy would defeat its purpose.
        """
        proxies = getproxies()
        proxy = proxies.get(self._url.scheme) or proxies.get("all")
        if not proxy or proxy_bypass(self._url.host):
            return None
        if not self._network.allow_private:
            raise UsageError(
                f"{self.label}: the environment names a proxy, which resolves names itself, so the address can't be "
                "judged; `network=Network(allow_private=True)` uses it all the same, NO_PROXY exempts a host from it"
            )
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        if not proxy.lower().startswith(("http://", "https://")):
            scheme = shown(proxy.partition("://")[0])
            raise UsageError(
                f"{self.label}: the environment names a {scheme} proxy; only http:// and https:// proxies are used; "
                "NO_PROXY exempts a host from it"
            )
        return proxy


def _answer(label: str, response: httpcore.Response, headers: dict[str, str], clock: Clock) -> Answer:
    status = response.status
    if status == 416 and headers.get("content-range", "").strip() == "bytes */0":
        raise UnreadableError(f"{label}: the file is empty (0 bytes)")
    if status == 416:
        raise UnreadableError(f"{label}: the server does not have these bytes: the file is empty or has changed")
    if status in TEMPORARY or status >= 500:
        raise RemoteError(f"{label}: the server answers {status}; try again later")
    if status not in (200, 206):
        hint = "; a signed URL may have expired" if status in (401, 403) else ""
        raise UnreadableError(f"{label}: the server answers {status}, not with a file{hint}")
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise UnreadableError(f"{label}: the server sends it compressed ({shown(coding[:20])}), though asked not to")
    body = clock.counted(response.iter_stream())
    if status == 200:
        return Answer(headers, body)
    part = CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if not part:
        raise RemoteError(f"{label}: the server sends a part without saying which")
    return Answer(headers, body, start=int(part[1]), total=int(part[3]))
