"""Locks that end with the process that holds them, whatever ends it: one run in a folder, one process on a job."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from prep.errors import UsageError

CLAIM = ".claim"

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Busy(UsageError):
    """Another process, which is alive, is at work on the same thing."""


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock file *path*, which stays; *busy* is said when somebody else holds it.

    The kernel keeps the lock, not the file: it is gone with its holder, after `kill -9` as well, and no other process
    can be taken for the holder. Raises Busy, and OSError when the file can't be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _take(descriptor)
            same = os.path.samestat(os.fstat(descriptor), os.stat(path))
        except OSError as error:
            raise Busy(busy) from error
        if not same:  # its last holder removed it between our opening and our locking, and somebody made it anew
            raise Busy(busy)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold *folder*, which is made if need be: what is uploaded must be what was verified, not what another run put
    in its place.

    Raises Busy when another run holds it, UsageError when it can't be used. A folder that is empty at the end is
    removed.
    """
    created = not folder.exists()
    busy = f"{folder}: another run is at work there; choose another folder, or wait for it"
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(folder / CLAIM, busy))
        except OSError as error:
            raise UsageError(f"{folder}: can't be used: {error.strerror}; choose another folder") from error
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no file that is open, and then it stays
                (folder / CLAIM).unlink(missing_ok=True)
            if created:
                with suppress(OSError):
                    folder.rmdir()  # fails when something was made there, and then it stays
