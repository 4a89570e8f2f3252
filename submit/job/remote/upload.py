"""Uploads: several files at once, each content once, each as soon as it is made."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from contextvars import Context, copy_context
from pathlib import Path
from types import TracebackType
from typing import Self

from prep.errors import Busy, Cancelled, RemoteError
from prep.log import get_logger, logged_about
from prep.model.manifest import ManifestEntry
from prep.model.progress import Progress
from prep.model.redact import shown
from prep.telemetry import names
from prep.telemetry.api import Attributes
from prep.telemetry.metrics import record
from prep.telemetry.spans import annotate, span
from prep.validation import short
from submit.bucket_uploads import LIFETIMES_S, BucketUploads, UploadFile
from submit.errors import Hopeless
from submit.job.context import JobContext
from submit.job.remote.retry import retry
from submit.journal.record import SentFile
from submit.journal.uploads import Upload
from submit.platform import SANDBOX_ACCOUNT, is_https_url

logger = get_logger(__name__)
UPLOADS_AT_ONCE = 4
AGAIN_S = 0.05  # between attempts to hold a content that somebody else uploads
TICK_S = 0.2  # an endless wait can't be interrupted on Windows


class Uploader:
    """The uploads of one run; leaving the block stops those that are not finished."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx
        self._pool = ThreadPoolExecutor(max_workers=UPLOADS_AT_ONCE, thread_name_prefix="upload")
        self._stop = threading.Event()
        self._started: dict[tuple[str, str], Future[str]] = {}
        self._lock = threading.Lock()
        self._context = copy_context()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def is_platform(self) -> bool:
        """Whether the platform stores the files; otherwise a function of the caller's does."""
        return self._ctx.upload is None

    def start(self, entry: ManifestEntry, path: Path) -> None:
        """Start with a file that is made and verified, while others are still being made.

        *path* may be renamed at any time, to the name of its output in the folder above.
        """
        output = entry.output
        if output.path is None or output.sha256 is None:
            return  # it stays at its own URL
        if self._ctx.upload is not None:
            return  # a function of the caller's gets files under their final names
        file = SentFile(entry.tag, entry.kind, output.path, output.sha256, output.info.bytes, output.media_type)
        # in the context of the run: that of the file's preparation is over before
        self._start(path, file, self._context.copy(), path.parent.parent / output.path)

    def urls(self, folder: Path, files: tuple[SentFile, ...]) -> dict[str, str]:
        """Map the hash of each of *files* in *folder* to its URL. Raises RemoteError, or Cancelled."""
        started = [(file, self._start(folder / file.name, file, copy_context())) for file in files]
        urls = {}
        for file, future in started:
            try:
                urls[file.sha256] = self._wait(future)
            except RemoteError:
                if self._ctx.upload is not None:
                    raise
                with self._lock:
                    self._started.pop((file.sha256, file.media_type), None)
                urls[file.sha256] = self._wait(self._start(folder / file.name, file, copy_context()))
        return urls

    def _start(self, path: Path, file: SentFile, context: Context, renamed: Path | None = None) -> Future[str]:
        with self._lock:
            content = file.sha256, file.media_type
            if content not in self._started:
                self._started[content] = self._pool.submit(context.run, self._upload, path, file, renamed)
            return self._started[content]

    def _wait(self, future: Future[str]) -> str:
        while not future.done() and not self._ctx.cancel.is_set():
            wait([future], timeout=TICK_S)
        if self._ctx.cancel.is_set():
            raise Cancelled("cancelled before everything was uploaded; nothing was submitted")
        return future.result()

    def _upload(self, path: Path, file: SentFile, renamed: Path | None) -> str:
        about: Attributes = {names.TAG: file.tag, names.KIND: file.kind, names.FILE_SIZE: file.bytes}
        with logged_about(reference=file.name), span(names.UPLOAD_FILE, about):
            started = time.monotonic()
            url = self._url(path, file, renamed)
            logger.info("uploaded, %.1f MB in %.1f s", file.bytes / 1e6, time.monotonic() - started)
            return url

    def _url(self, path: Path, file: SentFile, renamed: Path | None) -> str:
        """Return the URL of that content: the known one if it still works, or a new one."""
        if self._ctx.upload is not None:
            return self._upload_elsewhere(self._ctx.upload, path, file)
        url = self._known(file)
        if url is None:
            with self._alone(file):  # others that need the same content wait, and find it
                url = self._known(file) or self._new(path, file, renamed)
        self._report(file, file.bytes)
        return url

    def _known(self, file: SentFile) -> str | None:
        """Return the URL of an earlier upload if it still works."""
        platform = self._ctx.platform
        known = self._ctx.journal.uploads.find(platform.account, file.sha256, file.media_type)
        usable = known is not None and platform.has_upload(known.url, known.bytes)
        annotate({names.CACHED: usable})
        if known is None or not usable:
            return None
        logger.debug("known since an earlier upload")
        return known.url

    @contextmanager
    def _alone(self, file: SentFile) -> Iterator[None]:
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._ctx.journal.uploads.claim(file.sha256))
                    break
                except Busy:
                    self._report(file, 0)
                    self._stop.wait(AGAIN_S)
            yield

    def _new(self, path: Path, file: SentFile, renamed: Path | None) -> str:
        platform = self._ctx.platform
        at, lifetime_s = self._ctx.journal.uploads.now_s(), LIFETIMES_S[self._ctx.expires]
        self._report(file, 0)

        def upload_from(source: Path) -> str:
            return platform.upload(source, file.media_type, self._ctx.expires, lambda sent: self._report(file, sent))

        def upload() -> str:
            try:
                return upload_from(path)
            except (OSError, Hopeless) as error:
                if renamed is not None and not path.exists():
                    return upload_from(renamed)
                if isinstance(error, OSError):
                    raise Hopeless(f"uploading {file.name} failed: {error.strerror}") from error
                raise

        def say(message: str) -> None:
            self._ctx.progress(Progress(stage="upload", tag=file.tag, label=file.name, message=message))

        url = retry(upload, self._stop, if_unreachable=1, say=say)
        expires_at = None if lifetime_s is None else at + lifetime_s
        upload_made = Upload(url=url, bytes=file.bytes, uploaded_at=at, expires_at=expires_at)
        self._ctx.journal.uploads.keep(platform.account, file.sha256, file.media_type, upload_made)
        self._record(file)
        return url

    def _record(self, file: SentFile) -> None:
        sandbox = self._ctx.platform.account == SANDBOX_ACCOUNT
        record(names.UPLOADED, file.bytes, {names.KIND: file.kind, names.SANDBOX: sandbox})

    def _upload_elsewhere(self, upload: UploadFile, path: Path, file: SentFile) -> str:
        """Return the URL from the caller's own function, which is called once: it knows itself what may be repeated."""
        self._report(file, 0)
        try:
            url = upload(path)
        except Cancelled:
            raise
        except Exception as error:
            reason = shown(error) or type(error).__name__  # it may quote a URL with its signature
            raise Hopeless(f"uploading {file.name} failed: {reason}") from error
        if not isinstance(upload, BucketUploads) and not is_https_url(url):
            raise Hopeless(
                f"uploading {file.name} failed: the uploader returned {shown(short(url))}, not an https:// URL"
            )
        self._record(file)
        self._report(file, file.bytes)
        return url

    def _report(self, file: SentFile, sent: int) -> None:
        if self._stop.is_set() or self._ctx.cancel.is_set():
            raise Cancelled("cancelled before everything was uploaded; nothing was submitted")
        sent = min(sent, file.bytes)  # the client's own requests (tokens) are counted as well
        part = sent / file.bytes if file.bytes else 1.0
        event = Progress(stage="upload", tag=file.tag, label=file.name, part=part, bytes=sent, of_bytes=file.bytes)
        self._ctx.progress(event)
