"""Uploading: several files at once, each content once, from the moment that it is made."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Self

from prep.errors import Cancelled, RemoteError
from prep.model.manifest import ManifestEntry
from prep.model.progress import Progress
from submit.errors import Hopeless
from submit.job.context import Setting
from submit.job.retry import retried
from submit.journal.record import SentFile
from submit.journal.uploads import Upload

UPLOADS_AT_ONCE = 4
LIFETIMES_S: dict[str, float | None] = {
    "1h": 3600,
    "1d": 86_400,
    "7d": 604_800,
    "30d": 2_592_000,
    "1y": 31_536_000,
    "never": None,
}
LOOK_S = 0.2  # an endless wait could not be interrupted on Windows


class Uploading:
    """The uploads of one run; leaving the block ends those that are not done."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._pool = ThreadPoolExecutor(max_workers=UPLOADS_AT_ONCE, thread_name_prefix="upload")
        self._stop = threading.Event()
        self._started: dict[tuple[str, str], Future[str]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, entry: ManifestEntry, path: Path) -> None:
        """Begin with a file that is made and verified, while others are still being made.

        *path* may be renamed at any time, to the name of its output in the folder above.
        """
        output = entry.output
        if output.path is None or output.sha256 is None:
            return  # it stays at its own URL
        file = SentFile(
            entry.tag, entry.kind, output.path, output.sha256, output.info.bytes, output.media_type, output.path
        )
        self._begin(path, file, path.parent.parent / output.path)

    def all(self, folder: Path, files: tuple[SentFile, ...]) -> dict[str, str]:
        """The URLs of *files* in *folder*, by the hash of their content. Raises RemoteError, or Cancelled."""
        begun = [(file, self._begin(folder / file.name, file)) for file in files]
        urls = {}
        for file, future in begun:
            try:
                urls[file.sha256] = self._wait(future)
            except RemoteError:
                with self._lock:
                    self._started.pop((file.sha256, file.media_type), None)
                urls[file.sha256] = self._wait(self._begin(folder / file.name, file))
        return urls

    def _begin(self, path: Path, file: SentFile, renamed: Path | None = None) -> Future[str]:
        with self._lock:
            known = file.sha256, file.media_type
            if known not in self._started:
                self._started[known] = self._pool.submit(self._one, path, file, renamed)
            return self._started[known]

    def _wait(self, future: Future[str]) -> str:
        while not future.done() and not self._setting.cancel.is_set():
            wait([future], timeout=LOOK_S)
        if self._setting.cancel.is_set():
            raise Cancelled("cancelled before everything was uploaded; nothing was submitted")
        return future.result()

    def _one(self, path: Path, file: SentFile, renamed: Path | None) -> str:
        """The URL of that content: the one it has, when that still works, or a new one."""
        platform, uploads = self._setting.platform, self._setting.journal.uploads
        asked = platform.account, file.sha256, file.media_type
        known = uploads.find(*asked)
        if known is not None and platform.is_there(known.url, known.bytes):
            self._told(file, file.bytes)
            return known.url
        at, lifetime_s = time.time(), LIFETIMES_S[self._setting.expires]
        self._told(file, 0)

        def sent_from(where: Path) -> str:
            return platform.upload(where, file.media_type, self._setting.expires, lambda sent: self._told(file, sent))

        def upload() -> str:
            try:
                return sent_from(path)
            except (OSError, Hopeless) as error:
                if renamed is not None and not path.exists():
                    return sent_from(renamed)
                if isinstance(error, OSError):
                    raise Hopeless(f"uploading {file.name} failed: {error.strerror}") from error
                raise

        url = retried(upload, self._stop)
        expires_at = None if lifetime_s is None else at + lifetime_s
        uploads.keep(*asked, Upload(url=url, bytes=file.bytes, uploaded_at=at, expires_at=expires_at))
        self._told(file, file.bytes)
        return url

    def _told(self, file: SentFile, sent: int) -> None:
        if self._stop.is_set() or self._setting.cancel.is_set():
            raise Cancelled("cancelled before everything was uploaded; nothing was submitted")
        sent = min(sent, file.bytes)  # what the client itself sends (tokens) counts as well
        part = sent / file.bytes if file.bytes else 1.0
        event = Progress(stage="upload", tag=file.tag, label=file.name, part=part, bytes=sent, of_bytes=file.bytes)
        self._setting.report(event)
