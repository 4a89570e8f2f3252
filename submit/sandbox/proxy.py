"""CONNECT proxy on loopback that terminates the TLS of fal's hosts, so that nothing reaches the real ones.

It opens connections to one place only: the application's own port.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from submit.loopback import LOOPBACK
from submit.sandbox.faults.cut import Address, Tunnels

# One wildcard certificate covers them all; falrun.com is where fal_client goes when fal.run does not connect.
SERVED = ("fal.run", "*.fal.run", "*.fal.ai", "*.fal.media", "falrun.com", "*.falrun.com")
HEAD_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 600.0
_CHUNK = 64 * 1024


@asynccontextmanager
async def proxying(app_port: int, context: ssl.SSLContext, port: int, tunnels: Tunnels) -> AsyncIterator[int]:
    """Listen on *port* of loopback (0: any free one) and yield it; every tunnel is cut at the end.

    *context* holds a certificate for SERVED, *tunnels* decides when a tunnel is cut early. Raises OSError when the port
    is taken.
    """
    running: set[asyncio.Task[None]] = set()

    def start_tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_handle(reader, writer, app_port, context, tunnels))
        running.add(task)

        def end(task: asyncio.Task[None]) -> None:
            running.discard(task)
            writer.close()  # here, because a task cancelled before its first step runs none of its own clean-up

        task.add_done_callback(end)

    server = await asyncio.start_server(start_tunnel, LOOPBACK, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop = asyncio.get_running_loop()
        for listener in server.sockets:
            loop.remove_reader(listener.fileno())
        await _turn(3)  # until what was accepted has its transport: a server that is closed by then leaks the socket
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await _turn(1)  # cut transports close their sockets on the loop's next turn


async def _turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


def is_served(host: str) -> bool:
    """Return whether *host* is one of fal's. A wildcard stands for one label, as in the certificate."""
    _, _, parent = host.partition(".")
    return host in SERVED or f"*.{parent}" in SERVED


async def _handle(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    app_port: int,
    context: ssl.SSLContext,
    tunnels: Tunnels,
) -> None:
    try:
        refusal = await _read_head(reader)
        if refusal is not None:
            await _refuse(writer, refusal)
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.start_tls(context, ssl_handshake_timeout=HEAD_TIMEOUT_S)
        app_reader, app_writer = await asyncio.open_connection(LOOPBACK, app_port)
        client: Address = app_writer.get_extra_info("sockname")
        tunnels.opened(client)
        try:
            await _join(
                asyncio.create_task(_copy(reader, app_writer, lambda chunk: (chunk, False))),
                asyncio.create_task(_copy(app_reader, writer, partial(tunnels.take, client))),
            )
        finally:
            tunnels.closed(client)
            app_writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        pass  # the client went away or is too slow: nobody is left to answer
    except asyncio.CancelledError:
        writer.transport.abort()  # a clean TLS shutdown waits for the client, which may keep the connection open
        raise


async def _read_head(reader: asyncio.StreamReader) -> str | None:
    """Read the request to the proxy, at most the stream's limit; return why it is refused, or None."""
    try:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return "the request to the proxy is too long"
    method, _, rest = head.decode("latin-1").partition(" ")
    target = rest.split(" ")[0]
    if method != "CONNECT":
        return "the fal sandbox carries https only"
    try:
        where = urlsplit(f"//{target}")
        host, port = where.hostname or "", where.port
    except ValueError:
        return "the fal sandbox can't read the requested host"
    if port != 443 or not is_served(host):
        return f"the fal sandbox stands in for {' '.join(SERVED)} and lets nothing else out"
    return None


async def _refuse(writer: asyncio.StreamWriter, reason: str) -> None:
    """Send the reason in the status line as well: httpx shows nothing else of a refused CONNECT."""
    body = f"{reason}\n".encode()
    head = f"HTTP/1.1 403 {reason}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()


async def _copy(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, take: Callable[[bytes], tuple[bytes, bool]]
) -> None:
    """Copy until *source* ends or *take*, which decides what of a chunk may pass, says that this was the last one."""
    while True:
        async with asyncio.timeout(IDLE_TIMEOUT_S):
            chunk = await source.read(_CHUNK)
        if not chunk:
            return
        passing, last = take(chunk)
        sink.write(passing)
        await sink.drain()
        if last:
            return


async def _join(*directions: asyncio.Task[None]) -> None:
    """Wait until either side ends: TLS over a tunnel has no half-open state worth keeping."""
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in directions:
            task.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
