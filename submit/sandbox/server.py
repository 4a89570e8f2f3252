"""Starts and stops the sandbox: one thread with one event loop for the proxy, the application and the jobs."""

import asyncio
import secrets
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from prep.errors import UsageError
from submit.sandbox.billing import Charge
from submit.sandbox.clock import Clock
from submit.sandbox.faults.cut import Tunnels
from submit.sandbox.faults.plan import FaultPlan, Faults, Strike, parse_faults
from submit.sandbox.jobs import JobQueue, Submitted
from submit.sandbox.ledger import LEDGER, Ledger, Totals
from submit.sandbox.proxy import LOOPBACK, SERVED, proxying
from submit.sandbox.storage import Storage, StoredObject

if TYPE_CHECKING:
    from starlette.applications import Starlette

SANDBOX_KEY = "sandbox:this-is-not-a-key"
QUEUE_S = 0.3
_START_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox. *env* is what a process needs in its environment, before it imports fal_client, to use it."""

    env: dict[str, str]
    directory: Path
    _storage: Storage
    _jobs: JobQueue
    _ledger: Ledger
    _faults: Faults
    _stopped: threading.Event

    @property
    def ledger(self) -> tuple[Charge, ...]:
        """What would have been billed until now, oldest first."""
        return self._ledger.charges

    @property
    def ledger_file(self) -> Path:
        """What became of each job, one JSON object a line (docs/sandbox.md)."""
        return self._ledger.path

    def totals(self) -> Totals:
        """What became of the jobs until now."""
        return self._ledger.totals()

    def struck(self) -> tuple[Strike, ...]:
        """The faults that have happened until now, oldest first."""
        return self._faults.struck

    def requests(self) -> tuple[Submitted, ...]:
        """Every accepted submit, oldest first; a request that was sent twice is here twice."""
        return self._jobs.submitted()

    def objects(self) -> tuple[StoredObject, ...]:
        """Every file uploaded or generated, oldest first."""
        return self._storage.objects()

    def wait(self) -> None:
        """Block until the sandbox stops or KeyboardInterrupt is raised (``with running(...) as box: box.wait()``)."""
        while not self._stopped.wait(0.5):  # an endless wait could not be interrupted on Windows
            pass


@contextmanager
def running(
    directory: Path | None = None,
    *,
    port: int = 0,
    queue_s: float = QUEUE_S,
    clock: Clock = time.time,
    faults: FaultPlan | str = "",
) -> Iterator[Sandbox]:
    """A sandbox on 127.0.0.1 for the length of the block; nothing of it is left running afterwards.

    Files go under *directory*, or under a temporary one that is removed. *port* is the proxy's (0: any free one),
    *queue_s* how long each job waits, *clock* what the expiry of uploads and results and the length of faults is
    measured with, *faults* what is to go wrong (docs/sandbox.md).
    Raises UsageError when the extra ``sandbox`` is not installed, *port* is taken or *faults* is not understood.
    """
    plan = parse_faults(faults) if isinstance(faults, str) else faults
    missing = [name for name in ("starlette", "uvicorn", "trustme") if find_spec(name) is None]
    if missing:
        raise UsageError(f"the sandbox needs {', '.join(missing)}; pip install 'prep-and-submit[sandbox]'")
    with ExitStack() as stack:
        if directory is None:
            directory = Path(stack.enter_context(TemporaryDirectory(prefix="fal-sandbox-")))
        directory = directory.resolve()
        directory.mkdir(parents=True, exist_ok=True)
        ready: Future[tuple[Sandbox, Callable[[], None]]] = Future()
        serve = partial(_serve_in_thread, directory, port, queue_s, clock, Faults(plan), ready)
        thread = threading.Thread(target=serve, name="fal-sandbox", daemon=True)
        thread.start()
        box, stop = ready.result(_START_TIMEOUT_S)
        try:
            yield box
        finally:
            stop()
            thread.join()


def _serve_in_thread(
    directory: Path,
    port: int,
    queue_s: float,
    clock: Clock,
    faults: Faults,
    ready: "Future[tuple[Sandbox, Callable[[], None]]]",
) -> None:
    stopped = threading.Event()
    try:
        asyncio.run(_serve(directory, port, queue_s, clock, faults, ready, stopped))
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)
    finally:
        stopped.set()


async def _serve(
    directory: Path,
    port: int,
    queue_s: float,
    clock: Clock,
    faults: Faults,
    ready: "Future[tuple[Sandbox, Callable[[], None]]]",
    stopped: threading.Event,
) -> None:
    import trustme

    from submit.sandbox.faults.http import Means, failing
    from submit.sandbox.faults.jobs import ending, holding
    from submit.sandbox.http.app import build_app
    from submit.sandbox.judge.answer import answer
    from submit.sandbox.webhooks import Webhooks

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*SERVED).configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    authority_file = directory / "ca.pem"
    authority_file.write_bytes(authority.cert_pem.bytes())

    storage = Storage(directory, clock)
    ledger, tunnels, webhooks = Ledger(directory / LEDGER), Tunnels(), Webhooks()
    end = ending(faults, partial(answer, storage=storage))
    jobs = JobQueue(end, ledger, queue_s, hold=holding(faults, clock), tell=webhooks.tell, clock=clock)
    async with AsyncExitStack() as stack:
        at = failing(faults, Means(storage, tunnels, clock))
        app = build_app(storage, jobs, secrets.token_urlsafe(24), webhooks.jwks(), at)
        app_port = await stack.enter_async_context(_application(app))
        try:
            proxy_port = await stack.enter_async_context(proxying(app_port, context, port, tunnels))
        except OSError as error:
            raise UsageError(f"port {port}: {error.strerror}; choose another, or 0 for any free one") from error
        try:
            env = _environment(proxy_port, authority_file, directory)
            stopping, loop = asyncio.Event(), asyncio.get_running_loop()

            def stop() -> None:
                loop.call_soon_threadsafe(stopping.set)

            ready.set_result((Sandbox(env, directory, storage, jobs, ledger, faults, stopped), stop))
            await stopping.wait()
        finally:
            await jobs.stop()
            storage.remove_scratch()


@asynccontextmanager
async def _application(app: "Starlette") -> AsyncIterator[int]:
    """Serve *app* on a free port of loopback, which is yielded."""
    import uvicorn

    listener = socket.create_server((LOOPBACK, 0))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        proxy_headers=False,
        server_header=False,  # a fault that cuts a download counts the bytes of the headers: there may be no others
        date_header=False,
        timeout_keep_alive=75,  # longer than httpx keeps a connection: no request may meet one that is just closing
        timeout_graceful_shutdown=1,
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
    """Why each is set stands beside it; with both spellings where programs differ."""
    proxy = f"http://{LOOPBACK}:{proxy_port}"
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), proxy)
    proxies["NO_PROXY"] = ""  # an exception inherited from the shell would let a request past the sandbox
    return {
        **proxies,
        **{name.lower(): value for name, value in proxies.items()},
        "SSL_CERT_FILE": str(authority_file),  # replaces the usual authorities: a real host would not be trusted
        "FAL_KEY": SANDBOX_KEY,  # comes before every other credential that fal_client knows: no real key can travel
        "FAL_KEY_ID": "",
        "FAL_KEY_SECRET": "",
        "FAL_FORCE_AUTH_BY_USER": "0",  # 1 would make fal_client prefer the tokens of `fal auth login` to FAL_KEY
        "FAL_HOME_DIR": str(directory / "home"),  # where those tokens would be looked for
        "FAL_RUN_HOST": "fal.run",  # fal_client reads these two once, at import: set them before
        "FAL_QUEUE_RUN_HOST": "queue.fal.run",
    }
