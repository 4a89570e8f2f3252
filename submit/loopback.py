"""Servers on loopback: the extras that they need, and how uvicorn serves the sandbox, the review page, and agents."""

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prep.errors import UsageError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
# Without a handler Python prints what uvicorn says of a request that is cut off at the end.
logging.getLogger("uvicorn").addHandler(logging.NullHandler())


# Linux lists connections with the users that hold them: proc_pid_net(5).
CONNECTIONS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def is_of_another_user(client_port: int, server_port: int) -> bool:
    """Whether the client of a loopback connection belongs to a user who is neither ours nor root.

    False where the system does not list connections, which is everywhere but on Linux.
    """
    for table in CONNECTIONS:
        with suppress(OSError):
            for line in table.read_text("ascii").splitlines()[1:]:
                _, local, remote, *_, user = line.split()[:8]
                ports = tuple(int(address.rpartition(":")[2], 16) for address in (local, remote))
                if ports == (client_port, server_port) and int(user) not in (0, os.geteuid()):
                    return True
    return False


def require_extra(extra: str, needs: str, *packages: str) -> None:
    """Raise UsageError when one of *packages*, which *extra* installs, is missing; *needs* begins it: "agents need"."""
    if missing := [name for name in packages if find_spec(name) is None]:
        raise UsageError(f"{needs} {', '.join(missing)}; pip install 'prep-and-submit[{extra}]'")


def server_config(app: "ASGIApp", **more: Any) -> "uvicorn.Config":
    """The configuration of a server of *app* that logs nothing and takes no header's word; *more* are its own."""
    import uvicorn

    quiet: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "lifespan": "off",
        "ws": "none",
        "http": "h11",
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": 1,
    }
    return uvicorn.Config(app, **quiet, **more)


@contextmanager
def running_server(server: "uvicorn.Server", work: Coroutine[Any, Any, None], name: str) -> Iterator[None]:
    """Run *work*, which serves *server*, in a thread for the length of the block."""
    thread = threading.Thread(target=asyncio.run, args=(work,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
