"""The gate: one browser is let in, once, by a link; every request is checked before anything else sees it."""

import hmac
import secrets
import threading
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from submit.loopback import LOOPBACK, is_of_another_user

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "review"
SAFE_METHODS = ("GET", "HEAD")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
USED = "This link was used already, and only one browser is let in. Press Enter in the terminal for a new link.\n"
ANOTHER_USER = "This page belongs to another user of this computer.\n"
STRANGER = "This page belongs to another browser. Press Enter in the terminal for a link.\n"


class Gate:
    """What a request has to show. The page lies under a path that nobody can guess, and so does its cookie: a browser
    sends cookies to every port of a host, and another server on this machine must not get ours.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self.host = f"{LOOPBACK}:{port}"
        self.origin = f"http://{self.host}"
        self.room = secrets.token_urlsafe(18)
        self._session = secrets.token_urlsafe(32)
        self._token = secrets.token_urlsafe(32)
        self._lock = threading.Lock()

    @property
    def link(self) -> str:
        """The address that lets one browser in."""
        return f"{self.origin}/?token={self._token}"

    def renew(self) -> str:
        """Make another link; the one before, and the browser that it let in, are shut out."""
        with self._lock:
            self._token, self._session = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        return self.link

    def enter(self, token: str) -> Response:
        """The answer to a link: into the room, if nobody used it before."""
        with self._lock:
            if not self._token or not hmac.compare_digest(token.encode(), self._token.encode()):
                return PlainTextResponse(USED, 403)
            self._token = ""
        answer = RedirectResponse(f"/{self.room}/", 303)
        answer.set_cookie(COOKIE, self._session, path=f"/{self.room}", httponly=True, samesite="strict")
        return answer

    def refusal(self, scope: "Scope") -> Response | None:
        """Why a request is refused; None: it is let in."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get("host") != self.host:
            return PlainTextResponse("wrong host\n", 421)
        origin = headers.get("origin")
        if origin != self.origin and (origin is not None or scope["method"] not in SAFE_METHODS):
            return PlainTextResponse("wrong origin\n", 403)
        if scope["path"] == "/" and is_of_another_user(scope["client"][1], self._port):
            return PlainTextResponse(ANOTHER_USER, 403)  # who reads the link off the browser's command line
        if scope["path"] == "/" and scope["method"] == "GET":
            return self.enter(parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0])
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return PlainTextResponse("from another site\n", 403)
        if not hmac.compare_digest(_cookie(headers.get("cookie", "")).encode(), self._session.encode()):
            return PlainTextResponse(STRANGER, 403)
        return None


def guarded(app: "ASGIApp", gate: Gate) -> "ASGIApp":
    """*app* behind *gate*, with the headers that keep its pages to themselves."""

    async def checked(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            return

        async def send_with_headers(message: "Message") -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        answer = gate.refusal(scope)
        await (answer or app)(scope, receive, send_with_headers)

    return checked


def _cookie(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
