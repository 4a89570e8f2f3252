"""Addresses in object storage: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`."""

import re
from typing import NamedTuple, Self

from prep.errors import UsageError
from prep.model.redact import shown
from prep.model.reference import OBJECTS

# Letters, digits and what no host name or path can be made of; each cloud is stricter in its own way.
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,220}")
LONGEST_KEY = 1024


class ObjectUrl(NamedTuple):
    """*key* is the name in the *bucket*, or the beginning of names; it neither begins nor ends with a slash."""

    scheme: str
    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}" + (f"/{self.key}" if self.key else "")

    def child(self, name: str) -> Self:
        """The address of *name* below this one."""
        return self._replace(key=f"{self.key}/{name}" if self.key else name)

    @property
    def parent(self) -> Self:
        return self._replace(key=self.key.rpartition("/")[0])

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]


def is_object_url(text: str) -> bool:
    return text.lower().startswith(OBJECTS)


def read_object_url(text: str) -> ObjectUrl:
    """Read the address of one object. Raises UsageError."""
    url = read_prefix(text)
    if not url.key or text.endswith("/"):
        raise UsageError(f"{shown(text)}: names no object; expected {url.scheme}://{url.bucket}/KEY, which is one file")
    return url


def read_prefix(text: str) -> ObjectUrl:
    """Read the address of a bucket, or of the objects whose keys begin alike. Raises UsageError."""
    scheme, _, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    if not is_object_url(text) or not BUCKET.fullmatch(bucket) or ".." in bucket:
        raise UsageError(f"{shown(text)}: not an address in object storage; expected s3://, gs:// or az://BUCKET/KEY")
    key = key.removesuffix("/")
    parts = key.split("/") if key else []
    if any(part in ("", ".", "..") for part in parts) or "?" in key or not key.isprintable():
        raise UsageError(f"{shown(text)}: keys with empty parts, '.', '..', '?' or control characters can't be used")
    if len(key.encode()) > LONGEST_KEY:
        raise UsageError(f"{shown(text[:80])}…: a key of more than {LONGEST_KEY:,} bytes")
    return ObjectUrl(scheme.lower(), bucket, key)
