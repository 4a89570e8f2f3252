"""One run at a time in a folder: what is uploaded must be what was verified, not what another run put in its place."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prep.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows has no flock: two runs in one folder are not kept apart there
    fcntl = None  # type: ignore[assignment]

CLAIM = ".claim"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold *folder*, which is made if need be; a claim ends with its process, whatever ends that.

    Raises UsageError when another run holds it. A folder that is empty at the end is removed.
    """
    try:
        created = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / CLAIM, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"{folder}: can't be used: {error.strerror}; choose another --out") from error
    try:
        _lock(descriptor, folder)
        try:
            yield
        finally:
            with suppress(OSError):
                (folder / CLAIM).unlink(missing_ok=True)
                if created:
                    folder.rmdir()  # fails when something was made there, and then it stays
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise UsageError(f"{folder}: another run is at work there; choose another --out, or wait for it") from error
