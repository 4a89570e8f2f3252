"""Executor: the port that every executor implements, and the choice of one by its name."""

from collections.abc import Callable
from concurrent.futures import Future
from importlib.util import find_spec
from typing import Protocol

from prep.errors import UsageError
from prep.net.object_url import read_prefix
from prep.spelling import hint
from prep.validation import short
from submit.batches.preparation import Preparation, Prepared

LOCAL, RAY = "local", "ray"


class Executor(Protocol):
    """Carries out preparations, several at a time; each may be carried out again after a failure of a machine."""

    @property
    def workers(self) -> int:
        """How many preparations go on at a time."""
        ...

    def submit(self, task: Preparation) -> "Future[Prepared]":
        """Start *task*; the future raises what `prepare_row` raises, and RemoteError when machines fail."""
        ...

    def close(self) -> None:
        """Stop what is going on, and wait until nothing is left of it."""
        ...


def choose_executor(name: str, workers: int | None, work: str | None) -> Callable[[], Executor]:
    """The executor called *name*, as a function that starts it. *work* is where prepared files go between machines.

    Raises UsageError for a name that there is not, and for what it needs and is not installed.
    """
    kind, mark, address = name.partition("://")
    if kind == RAY and (address or not mark):
        if find_spec("ray") is None:
            raise UsageError("executor: ray is not installed: pip install 'prep-and-submit[ray]'")
        if work is not None:
            read_prefix(work)
        from submit.batches.executors.ray_cluster import RayExecutor

        return lambda: RayExecutor(address, workers, work)
    if work is not None:
        raise UsageError("work: only other machines need a place between them; it goes with the executor ray")
    if name == LOCAL:
        from submit.batches.executors.local import LocalExecutor

        return lambda: LocalExecutor(workers)
    raise UsageError(
        f"executor: {short(name)} is not one{hint(name, (LOCAL, RAY))}; choose from {LOCAL}, {RAY}, {RAY}://ADDRESS"
    )
