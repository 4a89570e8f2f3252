"""Streamable HTTP on loopback: every request has to show the token that was made for this run."""

import hmac
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse

from submit.loopback import LOOPBACK, running_server, server_config
from submit.mcp.desk import Desk
from submit.mcp.server import build_server

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"


class Address(NamedTuple):
    """Where the server is, and the token that its clients send as `Authorization: Bearer TOKEN`."""

    url: str
    token: str


@contextmanager
def serving_http(desk: Desk, port: int = 0) -> Iterator[Address]:
    """Serve clients on *port* of loopback (0: any free one), in a thread, for the length of the block.

    Raises OSError when the port is taken.
    """
    import uvicorn

    with socket.create_server((LOOPBACK, port)) as listener:
        host = f"{LOOPBACK}:{listener.getsockname()[1]}"
        address = Address(f"http://{host}{PATH}", secrets.token_urlsafe(32))
        server = build_server(desk)
        settings = TransportSecuritySettings(allowed_hosts=[host], allowed_origins=[f"http://{host}"])
        app = server.streamable_http_app(streamable_http_path=PATH, transport_security=settings)
        web = uvicorn.Server(server_config(_guarded(app, address.token)))

        async def run() -> None:
            async with server.session_manager.run():
                await web.serve(sockets=[listener])

        with running_server(web, run(), "mcp-server"):
            yield address


def _guarded(app: "ASGIApp", token: str) -> "ASGIApp":
    """*app* for those who send *token*."""
    expected = f"Bearer {token}".encode()

    async def checked(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            return
        shown = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(shown, expected):
            await PlainTextResponse("the token is missing or wrong\n", 401)(scope, receive, send)
            return
        await app(scope, receive, send)

    return checked
