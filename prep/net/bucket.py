"""Buckets of object storage: the only module that knows obstore. Its messages, which quote requests, stay here."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from prep.errors import Cancelled, PrepError, RemoteError, UnreadableError, UsageError
from prep.model.redact import shown
from prep.net.bucket_settings import Settings, settings_of
from prep.net.http import Answer, Broke
from prep.net.object_url import ObjectUrl

if TYPE_CHECKING:
    from obstore.store import AzureStore, GCSStore, S3Store

CONNECT_S, SILENCE_S, WHOLE_S = 10, 20, 3600
RETRIES, RETRY_S = 3, 30
CHUNK_BYTES = 262_144
STATUS = re.compile(r"status code: (\d{3})")
# Where clouds look for credentials when the environment has none: servers of the machine that are not there.
METADATA = ("169.254.169.254", "metadata.google.internal", "MissingCredential", "no credential")
KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; AWS_REGION",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY",
}
TOOLS = {"s3": "aws s3 ls", "gs": "gcloud storage ls", "az": "az storage blob list"}


class Bucket:
    """One bucket, opened as the environment says. Safe for several threads. All methods raise PrepError."""

    def __init__(self, url: ObjectUrl) -> None:
        self.url = url._replace(key="")
        self._settings = settings_of(url.scheme)
        self._store = _open(url, self._settings)

    @property
    def local(self) -> bool:
        """Whether it is on this machine, as the environment says."""
        return self._settings.local

    @property
    def reachable(self) -> bool:
        """Whether others may read there, as far as the environment says: over https, and not on this machine."""
        return not self._settings.allow_http and not self._settings.local

    def read(self, key: str, start: int, stop: int) -> Answer:
        """Read the bytes from *start* to *stop*, or to the end. Raises UnreadableError for an empty object."""
        import obstore

        with self._explained(key):
            answer = obstore.get(self._store, key, options={"range": (start, stop)})
            meta = answer.meta
            headers = {
                "etag": meta["e_tag"] or meta["version"] or "",
                "last-modified": meta["last_modified"].isoformat(),
                "content-type": str(answer.attributes.get("Content-Type", "")),
            }
            body = self._chunks(key, answer.stream(CHUNK_BYTES))
            return Answer(headers, body, start=answer.range[0], total=meta["size"])

    def fetch(self, key: str, most_bytes: int) -> bytes:
        """Read a whole object. Raises UnreadableError when it is larger than *most_bytes*."""
        answer = self.read(key, 0, most_bytes)
        if (answer.total or 0) > most_bytes:
            raise UnreadableError(f"{self._label(key)}: larger than the {most_bytes:,} bytes that are fetched")
        return b"".join(answer.body)

    def save(self, key: str, target: Path, cancel: threading.Event) -> None:
        """Write a whole object to *target*, which must not be there yet; after an error it is gone."""
        import obstore

        with self._explained(key), target.open("xb") as file:
            try:
                for chunk in obstore.get(self._store, key).stream(CHUNK_BYTES):
                    if cancel.is_set():
                        raise Cancelled("cancelled; nothing was made")
                    file.write(chunk)
            except BaseException:
                target.unlink()
                raise

    def size_of(self, key: str) -> int | None:
        """The size of an object; None when there is none."""
        import obstore

        with self._explained(key):
            try:
                return int(obstore.head(self._store, key)["size"])
            except FileNotFoundError:
                return None

    def put(self, key: str, content: bytes | Path, media_type: str = "application/octet-stream") -> None:
        """Write an object whole, in the place of one that is there."""
        import obstore

        with self._explained(key, "written"):
            obstore.put(self._store, key, content, attributes={"Content-Type": media_type})

    def create(self, key: str, content: bytes | Path, media_type: str = "application/octet-stream") -> bool:
        """Write an object unless it is there; of several that do so at once, one is told True."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with self._explained(key, "written"):
            data = content.read_bytes() if isinstance(content, Path) else content  # a put in parts has no condition
            try:
                obstore.put(self._store, key, data, attributes={"Content-Type": media_type}, mode="create")
            except AlreadyExistsError:
                return False
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below *prefix*."""
        import obstore

        with self._explained(prefix):
            for page in obstore.list(self._store, prefix):
                yield from (item["path"] for item in page)

    def delete(self, key: str) -> None:
        import obstore

        with self._explained(key, "deleted"):
            obstore.delete(self._store, key)

    def signed_url(self, key: str, lifetime_s: float) -> str:
        """A URL that lets its bearer read the object for *lifetime_s* seconds: a secret."""
        import obstore

        with self._explained(key, "shared"):
            return str(obstore.sign(self._store, "GET", key, timedelta(seconds=lifetime_s)))

    def _chunks(self, key: str, stream: Iterator[Any]) -> Iterator[bytes]:
        with self._explained(key):
            for chunk in stream:
                yield bytes(chunk)

    def _label(self, key: str) -> str:
        return shown(str(self.url._replace(key=key)))

    @contextmanager
    def _explained(self, key: str, done: str = "read") -> Iterator[None]:
        """Say in own words what is wrong: the library quotes requests and answers, which may hold keys."""
        from obstore import exceptions

        label, scheme = self._label(key), self.url.scheme
        try:
            yield
        except PrepError:
            raise
        except FileNotFoundError:
            raise UnreadableError(
                f"{label}: no such object or bucket, or it is in another region; "
                f"'{TOOLS[scheme]}' shows what these credentials see"
            ) from None
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
            raise UnreadableError(
                f"{label}: can't be {done} with the credentials in the environment ({KEYS[scheme]})"
            ) from None
        except exceptions.BaseError as error:
            raise _judged(label, scheme, done, str(error)) from None
        except ValueError:  # the library refuses the key
            raise UsageError(f"{label}: not a key that can be used") from None


def _judged(label: str, scheme: str, done: str, text: str) -> PrepError:
    """The error for what the library says in *text*; none of it is repeated."""
    status = match[1] if (match := STATUS.search(text)) else ""
    if any(word in text for word in METADATA):
        return UsageError(f"{label}: no credentials; set {KEYS[scheme]}, as for the cloud's own tools")
    if status == "416":
        return UnreadableError(f"{label}: the object is empty (0 bytes) or has changed")
    if status in ("301", "307", "400"):
        return UnreadableError(f"{label}: the storage answers {status}; is the region right ({KEYS[scheme]})?")
    if status:
        return RemoteError(f"{label}: the storage answers {status}; try again later")
    return Broke(f"{label}: can't be {done}: no connection to the storage, or it broke; try again later")


def _open(url: ObjectUrl, settings: Settings) -> "S3Store | GCSStore | AzureStore":
    """Open the bucket of *url*. Raises UsageError without the library, or for settings that it does not take."""
    try:
        from obstore import exceptions, store
    except ImportError:
        raise UsageError(
            f"{url.scheme}:// needs obstore, which is not installed: pip install 'prep-and-submit[cloud]'"
        ) from None
    kinds: dict[str, Callable[..., S3Store | GCSStore | AzureStore]] = {
        "s3": store.S3Store,
        "gs": store.GCSStore,
        "az": store.AzureStore,
    }
    client = {
        "allow_http": settings.allow_http,
        "connect_timeout": f"{CONNECT_S}s",
        "read_timeout": f"{SILENCE_S}s",
        "timeout": f"{WHOLE_S}s",
        "user_agent": "prep-and-submit",
    }
    if settings.local and settings.endpoint:  # no proxy leads to this machine: name one that this host is exempt from
        client |= {"proxy_url": settings.endpoint, "proxy_excludes": urlsplit(settings.endpoint).hostname or ""}
    retries = {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_S)}
    try:
        return kinds[url.scheme](url.bucket, config=dict(settings.config), client_options=client, retry_config=retries)
    except (exceptions.BaseError, ValueError, TypeError):  # the message may quote a setting
        raise UsageError(f"{url}: the settings in the environment can't be used ({KEYS[url.scheme]})") from None
