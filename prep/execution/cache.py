"""The cache: what was seen in a file, and what was made of it. The same is looked at, and prepared, once."""

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_path

from prep.errors import Busy, Cancelled
from prep.execution.lock import locked
from prep.media.io import files
from prep.media.io.special import special_kind
from prep.media.versions import tool_versions
from prep.model.plan import PlanEntry
from prep.model.value import Value

MAX_BYTES = 5_000_000_000
SEEN, MOST_SEEN_BYTES, MOST_FILES = ".look", 5_000_000, 20_000
DIGEST_BYTES = 65  # in hexadecimal, with the end of its line
AGAIN_S = 0.05  # between attempts to hold a key that somebody else holds
HALF_MADE_S = 86_400  # whoever left a half-made file for a day is gone
# A caller's folder may have other files, which are never counted or removed.
OURS = re.compile(rf"[0-9a-f]{{64}}\.([0-9a-f]{{64}}|look)|\.[0-9a-f]{{64}}\.lock|{files.TEMPORARY.pattern}")


class Contents(Value):
    """What a cache holds: prepared *files*, *looks* at sources, and the bytes of both."""

    files: int
    looks: int
    bytes: int


def default_folder() -> Path:
    """The cache when nobody names another (on Linux ~/.cache/prep-and-submit/prepared)."""
    try:
        folder = user_cache_path("prep-and-submit", appauthor=False)
    except RuntimeError:  # a user without a home has no cache: nothing can be kept below a device
        folder = Path(os.devnull)
    return folder / "prepared"


class Cache:
    """Files in *folder* (None: the platform's place for caches), at most *max_bytes*; the longest unused go.

    A prepared file is `KEY.SHA256 OF ITS CONTENT`; what was seen is `KEY.look`, JSON behind a line with its SHA-256.
    Each appears whole and is never changed: several processes need no lock. A cache that can't be read or written is an
    empty one.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, max_bytes: int = MAX_BYTES) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        self._max_bytes = max_bytes

    def fetch(self, key: str, target: Path) -> bool:
        """Copy what is kept under *key* to *target*; False when there is nothing, or not what was put there."""
        for path in self._of(key):
            try:
                shutil.copyfile(path, target)
                if files.sha256(target) == path.name.partition(".")[2]:
                    os.utime(path)
                    return True
                path.unlink(missing_ok=True)
            except OSError:  # pruned by another process, or no room
                pass
            target.unlink(missing_ok=True)
        return False

    def keep(self, key: str, made: Path) -> None:
        """Put a copy of *made* under *key*, and prune."""
        with suppress(OSError):
            if made.stat().st_size > self._max_bytes or self._of(key):
                return
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with made.open("rb") as file, files.replacing(self.folder / f"{key}.{files.sha256(made)}") as copy:
                shutil.copyfileobj(file, copy)
            self.prune()

    def recall(self, key: str) -> bytes | None:
        """The JSON that is kept under *key*; None: there is none, or not what was put there."""
        path = self._seen(key)
        with suppress(OSError):
            if special_kind(path) is None:
                with path.open("rb") as file:
                    checksum, data = file.readline(DIGEST_BYTES), file.read(MOST_SEEN_BYTES)
                os.utime(path)
                return data if checksum == _checksum(data) else None
        return None

    def remember(self, key: str, data: bytes) -> None:
        """Keep *data*, which is JSON, under *key*."""
        if len(data) > MOST_SEEN_BYTES:
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with files.replacing(self._seen(key), mode=0o600) as file:
                file.write(_checksum(data) + data)
        if key.startswith("0"):  # looks are small: one in sixteen is soon enough
            self.prune()

    @contextmanager
    def alone(self, key: str, cancel: threading.Event) -> Iterator[None]:
        """Hold *key* while making what belongs there: whoever else needs it waits, and then fetches it.

        Raises Cancelled when *cancel* is set while it waits.
        """
        with ExitStack() as stack:
            path = self.folder / f".{key}.lock"
            try:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                while not _take(stack, path):
                    if cancel.wait(AGAIN_S):
                        raise Cancelled("cancelled")
            except OSError:  # a folder that can't be written keeps nothing: everybody makes their own
                pass
            yield

    def contents(self) -> Contents:
        kept = [(size, path.suffix == SEEN) for _, size, path in self._files() if not path.name.startswith(".")]
        looks = sum(is_look for _, is_look in kept)
        return Contents(files=len(kept) - looks, looks=looks, bytes=sum(size for size, _ in kept))

    def prune(self, max_bytes: int | None = None) -> int:
        """Remove the longest unused until at most *max_bytes* (None: the cache's own bound) in MOST_FILES are left.

        Returns how many went.
        """
        bound = self._max_bytes if max_bytes is None else max_bytes
        kept, gone = sorted(self._files()), 0
        left, more = sum(size for _, size, _ in kept), len(kept) - MOST_FILES
        for used_at, size, path in kept:
            at_work = path.name.startswith(".")  # a copy that is being made, or a lock
            if used_at < time.time() - HALF_MADE_S if at_work else left > bound or more > 0:
                with suppress(OSError):
                    path.unlink()
                    gone += 1
                left, more = left - size, more - 1
        return gone

    def _seen(self, key: str) -> Path:
        return self.folder / f"{key}{SEEN}"

    def _of(self, key: str) -> list[Path]:
        try:
            return [path for path in self.folder.glob(f"{key}.*") if OURS.fullmatch(path.name)]
        except OSError:
            return []

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each was last used, its bytes, its path."""
        found = []
        with suppress(OSError):
            for path in self.folder.iterdir():
                if not OURS.fullmatch(path.name):
                    continue
                with suppress(OSError):
                    stat = path.stat()
                    found.append((stat.st_mtime, stat.st_size, path))
        return found


def _checksum(data: bytes) -> bytes:
    return f"{sha256(data).hexdigest()}\n".encode()


def _take(stack: ExitStack, path: Path) -> bool:
    """Hold the lock file *path* until the end of *stack*, which removes it; False when somebody else holds it."""
    try:
        stack.enter_context(locked(path, "another process is making the same file"))
    except Busy:
        return False
    stack.callback(_remove, path)
    return True


def _remove(path: Path) -> None:
    with suppress(OSError):  # Windows removes no file that is open, and then it stays
        path.unlink()


def key_of(source: str, entry: PlanEntry) -> str:
    """The same for the same *source*, its content's hash, steps and tools; its name and place do not matter."""
    asked = entry.model_dump_json(exclude={"tag": True, "fingerprint": True, "reference": {"location", "name"}})
    return sha256("\n".join([source, asked, tool_versions()]).encode()).hexdigest()
