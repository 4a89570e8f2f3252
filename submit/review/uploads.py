"""Uploads: files that the page brings, in a folder of the session that goes away with it, or by the next start."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from prep.errors import Busy, UsageError
from prep.execution.lock import locked
from prep.media.io.files import leftovers, temporary_path, writing
from prep.model.redact import shown
from prep.rules.amounts import amount

MOST_FILES = 60
MOST_BYTES, MOST_BYTES_TOGETHER = 4_000_000_000, 12_000_000_000
FREE_BYTES = 500_000_000  # of the disk, which stay free
LOCK = ".session"
UNSAFE = re.compile(r"[^\w. ()+-]+")
LONGEST_NAME, LONGEST_EXTENSION = 120, 20  # bytes; file systems take 255


def default_root() -> Path:
    """The folder of all sessions (on Linux ~/.cache/prep-and-submit/review)."""
    return user_cache_path("prep-and-submit", appauthor=False) / "review"


@contextmanager
def session_folder(root: Path | None = None) -> Iterator[Path]:
    """A new folder for the length of the block. Folders of sessions that were killed are removed first."""
    root = root or default_root()
    with writing(root):
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_leftovers(root)
    with ExitStack() as stack:
        folder = _new_folder(root, stack)
        yield folder


def _new_folder(root: Path, stack: ExitStack) -> Path:
    """Make a folder of this session, which is held, and removed, with *stack*."""
    while True:
        folder = temporary_path(root)
        with writing(root):
            folder.mkdir(mode=0o700)
            with suppress(Busy, FileNotFoundError):  # another session that begins took it for a leftover
                stack.enter_context(_removed_at_the_end(folder))
                return folder


@contextmanager
def _removed_at_the_end(folder: Path) -> Iterator[None]:
    with locked(folder / LOCK, "another session uses this folder"):
        try:
            yield
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(root: Path) -> None:
    """Remove folders of sessions that were killed; whatever else lies there, or where a link leads, is not ours."""
    for folder in leftovers(root):
        if folder.is_symlink() or not (folder / LOCK).exists():
            continue
        with suppress(Busy, UsageError, OSError), locked(folder / LOCK, "in use"):
            shutil.rmtree(folder, ignore_errors=True)


class Uploads:
    """The files of one session, each in a folder of its own below *folder*, so that equal names don't meet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "uploads"
        self._folder.mkdir(mode=0o700)
        self._paths = re.compile(rf"{re.escape(shown(self._folder))}{re.escape(os.sep)}\d+{re.escape(os.sep)}")
        self._files = 0
        self._bytes = 0

    async def receive(self, name: str, size_bytes: int, chunks: AsyncIterator[bytes]) -> Path:
        """Write *chunks* to a new file and return its path; it is called *name*, as far as that is a plain file name.

        Raises UsageError when it is larger than announced or than is allowed, or one file too many; then nothing of it
        is left.
        """
        self._refuse(size_bytes)
        self._files += 1
        self._bytes += size_bytes
        place = self._folder / str(self._files)
        place.mkdir(mode=0o700)
        path, written = place / plain_name(name), 0
        try:
            with path.open("xb") as file:
                async for chunk in chunks:
                    written += len(chunk)
                    if written > size_bytes:
                        raise UsageError(f"{name}: longer than announced; drop it again")
                    file.write(chunk)
            if written < size_bytes:
                raise UsageError(f"{name}: only {amount(written, 'bytes')} arrived; drop it again")
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            self._bytes -= size_bytes
            raise
        return path

    def by_name(self, value: Any) -> Any:
        """*value*, a JSON document, with the names of uploaded files in place of their paths, which nobody knows."""
        match value:
            case str():
                return self._paths.sub("", value)
            case list():
                return [self.by_name(item) for item in value]
            case dict():
                return {key: self.by_name(item) for key, item in value.items()}
            case _:
                return value

    def remove(self, path: Path) -> None:
        """Remove a file that was received."""
        with suppress(OSError):
            self._bytes -= path.stat().st_size
            shutil.rmtree(path.parent)

    def _refuse(self, size_bytes: int) -> None:
        if self._files >= MOST_FILES:
            raise UsageError(
                f"{MOST_FILES} files were dropped already; restart the page, or name files on the command line"
            )
        if size_bytes <= 0:
            raise UsageError("an empty file; use another copy")
        if size_bytes > MOST_BYTES:
            raise UsageError(
                f"{amount(size_bytes, 'bytes')}; at most {amount(MOST_BYTES, 'bytes')} can be dropped: "
                "name the file on the command line, which copies nothing"
            )
        room = shutil.disk_usage(self._folder).free - FREE_BYTES
        if self._bytes + size_bytes > MOST_BYTES_TOGETHER or size_bytes > room:
            raise UsageError("no room for it; name the file on the command line, which copies nothing")


def plain_name(name: str) -> str:
    """*name* as a file name without folders, and without what file systems or shells trip over."""
    base = UNSAFE.sub("-", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    stem, extension = os.path.splitext(base)
    extension = _within(extension, LONGEST_EXTENSION)
    return (_within(stem, LONGEST_NAME - len(extension.encode())) + extension) or "file"


def _within(text: str, size_bytes: int) -> str:
    """The beginning of *text* that takes at most *size_bytes*: file systems count bytes, not characters."""
    return text.encode()[:size_bytes].decode(errors="ignore")
