"""Access: opens the references of one call, each once, and keeps them open to its end."""

import re
import threading
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from prep.memoize import once
from prep.model.byte_source import Content, Opened
from prep.model.context import Where
from prep.model.media import MediaInfo
from prep.model.reference import Reference
from prep.validation import expect

if TYPE_CHECKING:
    from prep.execution.cache import Cache
    from prep.media.isolation.pool import Isolation
    from prep.net.network import Network

UNSAFE = re.compile(r"[^A-Za-z0-9._ -]+")


class Access:
    """Opens each URL and each content once, however many references name it; `close` closes them all.

    *network* says where URLs may lead, and *isolation* which process opens media. *cache* keeps what is seen in local
    files, and what is made. Raises UsageError for another value.
    """

    def __init__(self, network: "Network | None", isolation: Where = "process", cache: "Cache | None" = None) -> None:
        from prep.media.isolation.pool import isolation_of
        from prep.net.network import Network

        expect(Network, network=network)
        self.isolation: Isolation = isolation_of(isolation)
        self.cache = cache
        self._network = network
        self._lock = threading.Lock()
        self._opened: dict[object, Future[Content]] = {}
        self._saved: dict[object, Future[Path]] = {}
        self._folder: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Close everything and remove the temporary files."""
        for opened in self._opened.values():
            if opened.done() and opened.exception() is None:
                opened.result().close()
        self._opened.clear()
        if self._folder is not None:
            self._folder.cleanup()

    def of(self, reference: Reference) -> Opened:
        """Open *reference*. Raises PrepError when a URL may not be read or fails, or when content can't be read."""
        if reference.content is None and not reference.is_url:
            return Path(reference.location)
        key = reference.location if reference.is_url else id(reference.content)
        return once(self._opened, self._lock, key, lambda: self._open(reference))

    def path(self, reference: Reference) -> Path:
        """Return *reference* as a file, for readers that take nothing else; a temporary one where it was none."""
        item = self.of(reference)
        if isinstance(item, Path):
            return item
        return once(self._saved, self._lock, id(item), lambda: self._save(item, reference.label))

    def _save(self, item: Content, label: str) -> Path:
        with self._lock:
            self._folder = self._folder or TemporaryDirectory(prefix="prep-")
        path = Path(self._folder.name) / str(id(item)) / (UNSAFE.sub("-", label) or "file")
        path.parent.mkdir()
        item.save(path, lambda part: None, threading.Event())
        return path

    def url_of(self, reference: Reference, info: MediaInfo) -> str | None:
        """Return the URL that anybody can read *reference* at, served as what it is; None: it has to be uploaded."""
        if not reference.is_url:
            return None
        from prep.net.media_type import served_as
        from prep.net.remote_file import RemoteFile

        file = self.of(reference)
        assert isinstance(file, RemoteFile)
        return file.url if file.public and served_as(info.container, file.media_type, file.url) else None

    def _open(self, reference: Reference) -> Content:
        if reference.content is not None:
            from prep.media.io.in_memory import ContentCopy

            return ContentCopy(reference.content, reference.location)
        from prep.net.network import Network
        from prep.net.remote_file import RemoteFile

        return RemoteFile(reference.location, self._network or Network())
