"""Requests for parts of one object, as `Exchange` makes them to a URL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from prep.model.redact import shown
from prep.net.bucket import Bucket
from prep.net.http import Answer
from prep.net.object_url import read_object_url

RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class ObjectExchange:
    """Has what `Exchange` has. *public* is False: the platform can't read the object without a signature."""

    def __init__(self, location: str) -> None:
        url = read_object_url(location)
        self._key, self._bucket = url.key, Bucket(url)
        self.location = str(url)
        self.label = shown(self.location)
        self.public = False

    @contextmanager
    def get(self, wanted: str) -> Iterator[Answer]:
        """Request the range *wanted* ("bytes=0-99"). Raises as `Bucket.read` does; messages name the object."""
        span = RANGE.fullmatch(wanted)
        assert span is not None
        part = self._bucket.read(self._key, int(span[1]), int(span[2]) + 1)
        headers = {"etag": part.version[0], "last-modified": part.version[1], "content-type": part.media_type}
        yield Answer(206, headers, part.body, start=part.start, total=part.size_bytes)

    def close(self) -> None:
        """Nothing to close: the library keeps connections for all buckets."""
