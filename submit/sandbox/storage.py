"""Storage for uploaded and generated files: one file on disk for each object, the index in memory."""

import json
import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prep.model.value import Value
from submit.sandbox.clock import Clock
from submit.sandbox.loopback import fetch_copy, is_loopback

CDN_URL = "https://v3.fal.media"
MAX_UPLOAD_BYTES = 1_000_000_000


class StoredObject(Value):
    """One object that the sandbox serves. *lifecycle* is the client's preference as received; None: it sent none.

    *created_at* and *expires_at* are seconds of the sandbox's clock; *expires_at* None: never. Its URL answers
    *gone_status* after that.
    """

    name: str
    url: str
    file_name: str
    content_type: str
    size_bytes: int
    lifecycle: dict[str, Any] | None
    created_at: float
    expires_at: float | None
    gone_status: int = 404


@dataclass(frozen=True)
class Part:
    """One received part of a multipart upload."""

    path: Path
    etag: str
    size_bytes: int


@dataclass(frozen=True)
class Pending:
    """An announced object without content; *upload_id* is the secret that admits its content."""

    name: str
    upload_id: str
    file_name: str
    content_type: str
    lifecycle: dict[str, Any] | None
    parts: dict[int, Part] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{CDN_URL}/files/sandbox/{self.name}"


class Storage:
    """All objects of one sandbox. A client's file name never becomes a path on disk."""

    def __init__(self, directory: Path, clock: Clock, max_upload_bytes: int = MAX_UPLOAD_BYTES) -> None:
        self.max_upload_bytes = max_upload_bytes
        self._files = directory / "files"
        self._scratch = directory / "scratch"
        self._files.mkdir(parents=True, exist_ok=True)
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._pending: dict[str, Pending] = {}
        self._objects: dict[str, StoredObject] = {}
        self._paths: dict[str, Path] = {}

    def scratch(self) -> Path:
        """A new path for unfinished content; the caller removes or commits it."""
        return self._scratch / secrets.token_hex(12)

    def remove_scratch(self) -> None:
        """Remove whatever was never committed; nothing may be received afterwards."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def reserve(self, file_name: str, content_type: str, lifecycle: dict[str, Any] | None) -> Pending:
        """Announce an object and choose its public name."""
        shown = re.sub(r"[^A-Za-z0-9._-]+", "_", file_name)[-80:] or "upload.bin"
        pending = Pending(
            name=f"{secrets.token_hex(12)}_{shown}",
            upload_id=secrets.token_hex(16),
            file_name=file_name,
            content_type=content_type,
            lifecycle=lifecycle,
        )
        self._pending[pending.upload_id] = pending
        return pending

    def pending(self, upload_id: str) -> Pending | None:
        return self._pending.get(upload_id)

    def commit(self, pending: Pending, content: Path) -> StoredObject:
        """Make *content* the content of *pending* and serve it."""
        path = self._files / secrets.token_hex(12)
        content.rename(path)
        now = self._clock()
        lifetime_s = (pending.lifecycle or {}).get("expiration_duration_seconds")
        stored = StoredObject(
            name=pending.name,
            url=pending.url,
            file_name=pending.file_name,
            content_type=pending.content_type,
            size_bytes=path.stat().st_size,
            lifecycle=pending.lifecycle,
            created_at=now,
            expires_at=None if lifetime_s is None else now + lifetime_s,
        )
        self._paths[stored.name] = path
        self._objects[stored.name] = stored
        self._pending.pop(pending.upload_id, None)
        return stored

    def find(self, name: str) -> tuple[StoredObject, Path] | None:
        """Return the object of that public name and its file, unless it has expired."""
        stored = self._objects.get(name)
        if stored is None or (stored.expires_at is not None and self._clock() >= stored.expires_at):
            return None
        return stored, self._paths[name]

    def gone_status(self, name: str) -> int:
        """The status of a URL whose object is missing or has expired."""
        stored = self._objects.get(name)
        return stored.gone_status if stored else 404

    def expire(self, url: str, lifetime_s: float, gone_status: int) -> None:
        """Expire that object after *lifetime_s*, whatever its lifecycle says; its URL answers *gone_status* then."""
        name = url.rpartition("/")[2]
        changed = {"expires_at": self._clock() + lifetime_s, "gone_status": gone_status}
        self._objects[name] = self._objects[name].model_copy(update=changed)

    def path_of(self, url: str) -> Path | None:
        """Return the file behind a public URL of this storage, or a copy of one that another server of this machine
        serves; None for any other URL.
        """
        if is_loopback(url):
            return fetch_copy(url, self.scratch(), self.max_upload_bytes)
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        folder, _, name = parts.path.rpartition("/")
        if f"{parts.scheme}://{parts.netloc}" != CDN_URL or folder != "/files/sandbox":
            return None
        stored = self.find(name)
        return stored and stored[1]

    def objects(self) -> tuple[StoredObject, ...]:
        """List everything ever stored, oldest first, expired or not."""
        return tuple(self._objects.values())


def parse_lifecycle(header: str | None) -> dict[str, Any] | None:
    """Parse the lifecycle preference of an upload. Raises ValueError for what the platform would not accept."""
    if header is None:
        return None
    lifecycle = json.loads(header)
    if not isinstance(lifecycle, dict):
        raise ValueError("a lifecycle is a JSON object")
    lifetime_s = lifecycle.get("expiration_duration_seconds")
    if lifetime_s is not None and (type(lifetime_s) is not int or lifetime_s < 0):
        raise ValueError("expiration_duration_seconds is a whole number of seconds")
    # The platform reads 0 as "no expiration" (fal_client says so beside its own table).
    return {key: value for key, value in lifecycle.items() if (key, value) != ("expiration_duration_seconds", 0)}
