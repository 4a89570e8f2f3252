"""Requests for parts of one object, as `Exchange` makes them to a URL."""

from collections.abc import Iterator
from contextlib import contextmanager

from prep.model.redact import shown
from prep.net.bucket import Bucket
from prep.net.http import Answer
from prep.net.object_url import read_object_url


class ObjectExchange:
    """Has what `Exchange` has. *public* is False: the platform can't read the object without a signature."""

    def __init__(self, location: str) -> None:
        url = read_object_url(location)
        self._key, self._bucket = url.key, Bucket(url)
        self.location = str(url)
        self.label = shown(self.location)
        self.public = False

    @contextmanager
    def get(self, start: int, stop: int) -> Iterator[Answer]:
        """Request the bytes from *start* to *stop*. Raises as `Bucket.read` does; messages name the object."""
        yield self._bucket.read(self._key, start, stop)

    def close(self) -> None:
        """Nothing to close: the library keeps connections for all buckets."""
