"""Executor of a Ray cluster: preparing is a task there; uploading, paying and the journal stay with this process."""

import logging
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from prep.errors import Cancelled, PrepError, UsageError
from prep.log import get_logger
from prep.net.object_url import ObjectUrl, read_prefix
from submit.batches.executors.parcel import Delivery, Input, Order, carry_out, order_for, pieces_of
from submit.batches.executors.receiving import receive, remove_leftovers
from submit.batches.preparation import Preparation, Prepared, made_before
from submit.errors import Hopeless, Unreachable

MAX_RETRIES = 3  # preparing may be repeated: after a crash of a worker or a node Ray does so by itself
POLL_S = 0.2
MOST_THREADS = 1000

logger = get_logger(__name__)


class _Pieces(list[Any]):
    """References to the pieces of one file in the cluster, which forgets them when nobody has this any more."""


class RayExecutor:
    """Implements Executor. *address* is that of the cluster, "auto" the one of this machine; empty: RAY_ADDRESS names
    it, or Ray is started on this machine for as long as the batch runs. *work* is a prefix in object storage.

    Raises Unreachable when there is no cluster.
    """

    def __init__(self, address: str, workers: int | None, work: str | None, *, shared: bool = True) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray

        self._ray = ray
        self._work: ObjectUrl | None = read_prefix(work) if work else None
        self._shared = shared  # until a worker does not see this machine's files
        self._cancel = threading.Event()
        self._lock = threading.Lock()
        self._running: set[Any] = set()
        self._putting = threading.Lock()
        self._pieces: WeakValueDictionary[Input, _Pieces] = WeakValueDictionary()
        self._tokens: dict[Path, Path] = {}
        self._own = not ray.is_initialized()
        if self._own:
            _connect(ray, address or os.environ.get("RAY_ADDRESS") or "local")
        self.workers = workers or _processors(ray)
        self._task: Any = ray.remote(max_retries=MAX_RETRIES, num_cpus=1)(_remote)
        # a thread for each preparation that is ahead: it waits, and puts the files in place
        self._pool = ThreadPoolExecutor(max_workers=MOST_THREADS, thread_name_prefix="ray")
        self._slots = threading.Semaphore(2 * self.workers)  # what waits in the cluster is ready as soon as a worker is

    def submit(self, task: Preparation) -> "Future[Prepared]":
        return self._pool.submit(copy_context().run, self._prepare, task)

    def close(self) -> None:
        self._cancel.set()
        with self._lock:
            running = list(self._running)
        for reference in running:
            with suppress(Exception):  # it has just ended, or its node is gone
                self._ray.cancel(reference, force=True)
        self._pool.shutdown(wait=True, cancel_futures=True)
        for token in self._tokens.values():
            token.unlink(missing_ok=True)
        if self._own:
            self._ray.shutdown()

    def _prepare(self, task: Preparation) -> Prepared:
        if (earlier := made_before(task)) is not None:
            return earlier
        remove_leftovers(task.folder)
        order = order_for(task, self._token(task.folder.parent), self._work)
        with self._slot():
            delivery = None if not self._shared else self._carried_out(order, None)
            if delivery is None or delivery.lacking:
                self._shared = False
                delivery = self._carried_out(order, self._contents(order))
        try:
            if delivery.error is not None:
                raise delivery.error
            return receive(delivery, task, self._cancel)
        finally:
            remove_leftovers(task.folder)  # of attempts that ended with their worker

    @contextmanager
    def _slot(self) -> Iterator[None]:
        while not self._slots.acquire(timeout=POLL_S):
            self._stop_if_cancelled()
        try:
            yield
        finally:
            self._slots.release()

    def _contents(self, order: Order) -> dict[str, list[Any]]:
        """Put the content of the inputs into the cluster, for as long as the order takes."""
        contents: dict[str, list[Any]] = {}
        for item in order.inputs:
            with self._putting:  # several rows may need the same file
                pieces = self._pieces.get(item)
                if pieces is None:
                    try:
                        pieces = _Pieces(self._ray.put(piece) for piece in pieces_of(item.path))
                    except OSError as error:
                        raise UsageError(f"{item.path}: {error.strerror}") from error
                    except Exception as error:
                        raise Hopeless(f"{item.path}: the Ray cluster can't take it: {_named(error)}") from None
                    self._pieces[item] = pieces
            contents[item.path] = pieces
        return contents

    def _carried_out(self, order: Order, contents: dict[str, list[Any]] | None) -> Delivery:
        self._stop_if_cancelled()
        exceptions = self._ray.exceptions
        try:
            reference = self._task.remote(order, contents)
        except Exception as error:  # whatever it is, it ends this row only
            raise Hopeless(f"the Ray cluster can't take the preparation: {_named(error)}") from None
        with self._lock:
            self._running.add(reference)
        try:
            while not self._ray.wait([reference], timeout=POLL_S)[0]:
                self._stop_if_cancelled()
            delivery: Delivery = self._ray.get(reference)
        except PrepError:
            raise
        except exceptions.RayTaskError as error:
            raise _explained(error) from None
        except exceptions.TaskCancelledError:
            raise Cancelled("cancelled; nothing was made") from None
        except exceptions.RayError as error:
            self._stop_if_cancelled()
            times = f"{MAX_RETRIES + 1} times ({type(error).__name__})"
            raise Hopeless(f"the Ray cluster lost the preparation {times}; run again") from None
        finally:
            with self._lock:
                self._running.discard(reference)
        return delivery

    def _stop_if_cancelled(self) -> None:
        if self._cancel.is_set():
            raise Cancelled("cancelled; nothing was made")

    def _token(self, folder: Path) -> Path:
        """A file in *folder* that a worker finds only if that is a folder of its machine too."""
        with self._lock:
            if folder not in self._tokens:
                token = folder / f".shared-{secrets.token_hex(8)}"
                token.touch()
                self._tokens[folder] = token
            return self._tokens[folder]


def _remote(order: Order, contents: dict[str, list[Any]] | None) -> Delivery:
    """The task: runs on a worker."""
    import ray

    if contents is None:
        return carry_out(order, None)
    return carry_out(order, {path: (ray.get(piece) for piece in pieces) for path, pieces in contents.items()})


def _processors(ray: Any) -> int:
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _connect(ray: Any, address: str) -> None:
    """Join the cluster at *address*. Ray takes SIGTERM for itself, which is ours: the batch says how it stands."""
    _quieten()
    main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, include_dashboard=False)
    except Exception as error:
        raise Unreachable(f"no Ray cluster at {address}: {_named(error)}") from None
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)


def _quieten() -> None:
    """Log what Ray would print: it tells of each task that it repeats on stdout, which is for results."""
    from ray._private import worker

    logging.getLogger("ray").setLevel(logging.ERROR)
    if hasattr(worker, "print_to_stdstream"):  # there is no option for it
        worker.print_to_stdstream = lambda data, **_: logger.info("ray: %s", " ".join(data.get("lines", ())))


def _named(error: Exception) -> str:
    """The first line of *error*, which Ray may go on for pages about."""
    return str(error).partition("\n")[0] or type(error).__name__


def _explained(error: Any) -> Exception:
    """The error for what went wrong in a task before or behind our own code."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, ModuleNotFoundError):
        return UsageError(f"a worker of the Ray cluster lacks {cause.name}; install prep-and-submit on all nodes")
    last = str(cause).strip().splitlines()[-1:]
    return RuntimeError(f"on a worker: {type(cause).__name__}: {''.join(last)}")
