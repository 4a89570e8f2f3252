"""The server of the page: on loopback, on any free port, in a thread, for the length of a block."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from prep.errors import UsageError
from submit.loopback import LOOPBACK, running_server, server_config
from submit.review.session import Session

if TYPE_CHECKING:
    from submit.review.gate import Gate


def require_extra() -> None:
    """Raise UsageError when the extra ``review`` is not installed."""
    missing = [name for name in ("starlette", "uvicorn", "jinja2") if find_spec(name) is None]
    if missing:
        raise UsageError(f"the review page needs {', '.join(missing)}; pip install 'prep-and-submit[review]'")


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
