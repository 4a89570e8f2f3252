"""The server of the page: on loopback, on any free port, in a thread, for the length of a block."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from submit.loopback import LOOPBACK, running_server, server_config
from submit.review.session import Session

if TYPE_CHECKING:
    from submit.review.gate import Gate


@contextmanager
def serving(session: Session) -> Iterator["Gate"]:
    """Serve the page of *session*; yields the gate, which has the link that lets a browser in."""
    import uvicorn

    from submit.review.app import build_app
    from submit.review.gate import Gate

    with socket.create_server((LOOPBACK, 0)) as listener:
        gate = Gate(listener.getsockname()[1])
        server = uvicorn.Server(server_config(build_app(session, gate)))
        with running_server(server, server.serve(sockets=[listener]), "review-server"):
            try:
                yield gate
            finally:
                session.end()
