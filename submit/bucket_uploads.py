"""Uploads to a bucket of the user's own: the platform gets signed URLs, which nobody else is shown."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from mimetypes import guess_type
from pathlib import Path

from prep.errors import RemoteError, UsageError
from prep.media.io.files import sha256
from prep.memoize import once
from prep.net.bucket import Bucket
from prep.net.object_url import ObjectUrl, read_prefix

# The longest that a signed URL of S3 and Azure works.
MOST_S = 604_800.0
LIFETIMES_S: dict[str, float | None] = {
    "1h": 3600,
    "1d": 86_400,
    "7d": 604_800,
    "30d": 2_592_000,
    "1y": 31_536_000,
    "never": None,
}

# Uploads the file at a path and returns its URL.
UploadFile = Callable[[Path], str]


class BucketUploads:
    """Implements UploadFile. Each content is written once: its hash is its key, and a put that would replace it fails.

    *to* is the address of the bucket and the beginning of the keys. URLs work for as long as *expires* says, and 7 days
    at most. Raises UsageError for an address where the platform could not read; a *sandbox* reads nothing.
    """

    def __init__(self, to: str, expires: str, *, sandbox: bool) -> None:
        self._prefix = read_prefix(to)
        self.to = str(self._prefix)
        self._bucket = Bucket(self._prefix)
        if sandbox and not self._bucket.local:
            raise UsageError(f"{self._prefix}: the sandbox lets nothing out of this machine; leave `upload_to` out")
        if not sandbox and not self._bucket.reachable:
            raise UsageError(
                f"{self._prefix}: the platform can't read there: the endpoint in the environment is this machine, "
                "or not https://"
            )
        self._lifetime_s = min(LIFETIMES_S[expires] or MOST_S, MOST_S)
        self._lock = threading.Lock()
        self._written: dict[str, Future[ObjectUrl]] = {}

    def __call__(self, path: Path) -> str:
        digest = sha256(path)
        key = f"{digest}{path.suffix.lower()}"
        url = once(self._written, self._lock, key, lambda: self._write(path, key), again=True)
        return self._bucket.signed_url(url.key, self._lifetime_s)

    def _write(self, path: Path, name: str) -> ObjectUrl:
        url, size = self._prefix.child(name), path.stat().st_size
        there = self._bucket.size_of(url.key)
        if there is None and not self._bucket.create(url.key, path, guess_type(path.name)[0] or ""):
            there = self._bucket.size_of(url.key)  # another process was faster
        if there is not None and there != size:
            raise RemoteError(f"{url}: another file is there under the hash of {path.name}; choose another prefix")
        return url


def uploads_to(to: str | None, uploader: UploadFile | None, expires: str, *, sandbox: bool) -> UploadFile | None:
    """The function that uploads in the place of the platform; None: the platform does. Raises UsageError."""
    if to is None:
        return uploader
    return BucketUploads(to, expires, sandbox=sandbox)


def check_upload_to(to: str | None, uploader: UploadFile | None = None) -> None:
    """Raise UsageError for an address that is none, and for two places to upload to."""
    if to is None:
        return
    read_prefix(to)
    if uploader is not None:
        raise UsageError("upload_to: names where to upload, and so does `uploader`; leave one out")
