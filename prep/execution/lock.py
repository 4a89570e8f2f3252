"""Locks that end with the process that holds them, whatever ends it: one process in a folder, one on a job."""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from prep.errors import Busy, UsageError

CLAIM = ".claim"
# Linux and macOS open no link with it; Windows has it not.
NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
# What the system says when somebody else holds it.
HELD = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock file *path*, which stays; *busy* is said when somebody else holds it.

    The kernel keeps the lock, not the file: it is gone with its holder, after `kill -9` as well, and no other process
    can be taken for the holder. Raises Busy, UsageError when somebody else's file has that name, and OSError when the
    file can't be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageError(f"{path}: a link where a lock file goes; move it, or choose another folder") from error
        raise
    try:
        _refuse_foreign(path, os.fstat(descriptor))
        try:
            _take(descriptor)
            same = os.path.samestat(os.fstat(descriptor), os.stat(path))
        except FileNotFoundError as error:  # its last holder removed it between our opening and our locking
            raise Busy(busy) from error
        except OSError as error:
            if error.errno not in HELD:
                raise
            raise Busy(busy) from error
        if not same:  # and somebody made it anew
            raise Busy(busy)
        yield
    finally:
        os.close(descriptor)


def _refuse_foreign(path: Path, status: os.stat_result) -> None:
    """Raise UsageError for what is no lock file of ours, such as a reference: those are empty and have one name."""
    if not stat.S_ISREG(status.st_mode) or status.st_size > 0 or status.st_nlink > 1:
        raise UsageError(f"{path}: a file of yours where a lock file goes; move it, or choose another folder")


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold *folder*, which is made if need be: what is put there, or uploaded from there, must be what was verified,
    not what another process put in its place.

    Raises Busy when another process holds it, UsageError when it can't be used. Folders that were made for it and are
    empty at the end are removed.
    """
    busy = f"{folder}: another process is using it; choose another folder, or wait for it"
    with ExitStack() as stack:
        created = make_folder(folder)
        stack.callback(_remove_empty, created)
        try:
            stack.enter_context(locked(folder / CLAIM, busy))
        except OSError as error:
            raise UsageError(f"{folder}: can't be written to: {error.strerror}; choose another folder") from error
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no file that is open, and then it stays
                (folder / CLAIM).unlink(missing_ok=True)


def make_folder(out: Path) -> list[Path]:
    """Make *out*, and return the folders that were not there before, innermost first."""
    try:
        missing = [folder for folder in (out, *out.parents) if not folder.exists()]
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{out}: a file, not a folder; choose another folder") from error
    except OSError as error:
        raise UsageError(f"{out}: can't be made: {error.strerror}; choose another folder") from error
    return missing


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):  # not empty: it was needed, or somebody else uses it by now
            folder.rmdir()
