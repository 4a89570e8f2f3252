"""Sandbox server: one thread with one event loop for the proxy, the application and the jobs."""

import asyncio
import os
import secrets
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from prep.errors import UsageError
from prep.model.redact import shown
from submit.loopback import LOOPBACK, require_extra, server_config
from submit.platform import SANDBOX_KEY
from submit.sandbox.billing import Charge
from submit.sandbox.clock import Clock
from submit.sandbox.faults.cut import Tunnels
from submit.sandbox.faults.plan import FaultPlan, Faults, Strike, parse_faults
from submit.sandbox.jobs import JobQueue, Stages, Submitted
from submit.sandbox.ledger import LEDGER, Ledger, Totals
from submit.sandbox.proxy import SERVED, proxying
from submit.sandbox.storage import Storage, StoredObject

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

QUEUE_S = 0.3
_START_TIMEOUT_S = 20.0
MARK = ".fal-sandbox"


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox. A process uses it when *env* is in its environment before it imports fal_client."""

    env: dict[str, str]
    directory: Path
    _storage: Storage
    _jobs: JobQueue
    _ledger: Ledger
    _faults: Faults
    _accesses: list[str]

    @property
    def ledger(self) -> tuple[Charge, ...]:
        """The charges so far, oldest first."""
        return self._ledger.charges

    @property
    def ledger_file(self) -> Path:
        """The file with one JSON object per line for each event of a job (docs/sandbox.md)."""
        return self._ledger.path

    def totals(self) -> Totals:
        """How the jobs ended so far."""
        return self._ledger.totals()

    def summary(self) -> str:
        """How the jobs ended, and which faults have struck, for people."""
        struck = Counter(strike.fault for strike in self.struck())
        faults = ", ".join(f"{name} ({times} time{'' if times == 1 else 's'})" for name, times in struck.items())
        return f"sandbox: {self.totals()}" + (f"\nsandbox: faults simulated: {faults}" if faults else "")

    def struck(self) -> tuple[Strike, ...]:
        """The faults that have struck so far, oldest first."""
        return self._faults.struck

    def requests(self) -> tuple[Submitted, ...]:
        """Every accepted submission, oldest first; a request that was sent twice is here twice."""
        return self._jobs.submitted()

    def accesses(self) -> tuple[str, ...]:
        """Every HTTP request that arrived, oldest first, as `POST queue.fal.run/bytedance/...`, without its query."""
        return tuple(self._accesses)

    def objects(self) -> tuple[StoredObject, ...]:
        """Every file uploaded or generated, oldest first."""
        return self._storage.objects()


@contextmanager
def running(
    directory: Path | None = None,
    *,
    port: int = 0,
    queue_s: float = QUEUE_S,
    clock: Clock = time.time,
    faults: FaultPlan | str = "",
) -> Iterator[Sandbox]:
    """Run a sandbox on 127.0.0.1 for the length of the block; nothing of it is left running afterwards.

    Files go under *directory*, or under a temporary one that is removed. *port* is the proxy's (0: any free one),
    *queue_s* how long each job waits. *clock* measures the expiry of uploads and results and the length of faults,
    *faults* says what goes wrong (docs/sandbox.md).
    Raises UsageError when the extra ``sandbox`` is not installed, *port* is taken, *directory* can't be used or
    holds files of somebody else, or *faults* can't be parsed.
    """
    plan = parse_faults(faults) if isinstance(faults, str) else faults
    require_extra("sandbox", "the sandbox needs", "starlette", "uvicorn", "trustme")
    with ExitStack() as stack:
        if directory is None:
            directory = Path(stack.enter_context(TemporaryDirectory(prefix="fal-sandbox-")))
        directory = Path(os.path.realpath(directory))
        with _usable(directory):
            directory.mkdir(parents=True, exist_ok=True)
            _mark(directory)
        settings, ready = _Settings(directory, port, queue_s, clock, Faults(plan)), _Ready()
        thread = threading.Thread(target=_serve_in_thread, args=(settings, ready), name="fal-sandbox", daemon=True)
        thread.start()
        with _usable(directory):
            box, stop = ready.result(_START_TIMEOUT_S)
        try:
            yield box
        finally:
            stop()
            thread.join()


def _mark(directory: Path) -> None:
    """Make *directory* that of a sandbox. Raises UsageError for one with files of somebody else."""
    if any(directory.iterdir()) and not (directory / MARK).exists():
        raise UsageError(f"{shown(directory)}: holds files that are not a sandbox's; name an empty folder")
    (directory / MARK).touch()


@contextmanager
def _usable(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{shown(directory)}: can't be used by a sandbox: {error.strerror or error}") from error


_Ready = Future[tuple[Sandbox, Callable[[], None]]]


@dataclass(frozen=True)
class _Settings:
    directory: Path
    port: int
    queue_s: float
    clock: Clock
    faults: Faults


def _serve_in_thread(settings: _Settings, ready: _Ready) -> None:
    try:
        asyncio.run(_serve(settings, ready))
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


async def _serve(settings: _Settings, ready: _Ready) -> None:
    import trustme

    from submit.sandbox.faults.http import Means, failing
    from submit.sandbox.faults.jobs import build_answer, build_hold
    from submit.sandbox.http.app import build_app
    from submit.sandbox.judge.answer import answer
    from submit.sandbox.webhooks import Webhooks

    directory, clock, faults = settings.directory, settings.clock, settings.faults
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*SERVED).configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    authority_file = directory / "ca.pem"
    authority_file.write_bytes(authority.cert_pem.bytes())

    storage = Storage(directory, clock)
    ledger, tunnels, webhooks = Ledger(directory / LEDGER), Tunnels(), Webhooks()
    answer_or_fail = build_answer(faults, partial(answer, storage=storage))
    stages = Stages(build_hold(faults, clock), answer_or_fail, webhooks.send)
    jobs = JobQueue(stages, ledger, settings.queue_s, clock)
    async with AsyncExitStack() as stack:
        at = failing(faults, Means(storage, tunnels, clock))
        app = build_app(storage, jobs, secrets.token_urlsafe(24), webhooks.jwks(), at)
        accesses: list[str] = []
        app_port = await stack.enter_async_context(_application(_logging(app, accesses)))
        try:
            proxy_port = await stack.enter_async_context(proxying(app_port, context, settings.port, tunnels))
        except OSError as error:
            raise UsageError(
                f"port {settings.port}: {error.strerror}; choose another, or 0 for any free one"
            ) from error
        try:
            env = _environment(proxy_port, authority_file, directory)
            stopping, loop = asyncio.Event(), asyncio.get_running_loop()

            def stop() -> None:
                loop.call_soon_threadsafe(stopping.set)

            ready.set_result((Sandbox(env, directory, storage, jobs, ledger, faults, accesses), stop))
            await stopping.wait()
        finally:
            await jobs.stop()
            storage.remove_scratch()


def _logging(app: "ASGIApp", accesses: list[str]) -> "ASGIApp":
    """Wrap *app* so that each request is noted before it is answered."""

    async def logged(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "http":
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            accesses.append(f"{scope['method']} {host}{scope['path']}")
        await app(scope, receive, send)

    return logged


@asynccontextmanager
async def _application(app: "ASGIApp") -> AsyncIterator[int]:
    """Serve *app* on a free port of loopback and yield that."""
    import uvicorn

    listener = socket.create_server((LOOPBACK, 0))
    config = server_config(
        app,
        date_header=False,  # a fault that cuts a download counts header bytes: no others may be added
        timeout_keep_alive=75,  # longer than httpx keeps a connection, so that no request meets a closing one
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.002)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task


def _environment(proxy_port: int, authority_file: Path, directory: Path) -> dict[str, str]:
    """The variables of a client, in both spellings where programs differ."""
    proxy = f"http://{LOOPBACK}:{proxy_port}"
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), proxy)
    proxies["NO_PROXY"] = ""  # an exception inherited from the shell would let a request past the sandbox
    return {
        **proxies,
        **{name.lower(): value for name, value in proxies.items()},
        "SSL_CERT_FILE": str(authority_file),  # replaces the usual authorities, so that no real host is trusted
        "FAL_KEY": SANDBOX_KEY,  # takes precedence over every other credential, so that no real key can leave
        "FAL_KEY_ID": "",
        "FAL_KEY_SECRET": "",
        "FAL_FORCE_AUTH_BY_USER": "0",  # 1 would make fal_client prefer the tokens of `fal auth login` to FAL_KEY
        "FAL_HOME_DIR": str(directory / "home"),  # where fal_client would look for those tokens
        "FAL_RUN_HOST": "fal.run",  # fal_client reads these two once, at import: set them before
        "FAL_QUEUE_RUN_HOST": "queue.fal.run",
    }
