"""Result downloads: complete or not at all, and only from hosts that serve results."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx
from fal_client.client import USER_AGENT

from prep.errors import RemoteError
from prep.media.io.files import replacing
from submit.errors import Hopeless
from submit.fal.answers import in_words
from submit.platform import GONE

# An answer that names any other host is not followed.
RESULT_HOSTS = ("fal.media", "fal.ai", "fal.run")
LARGEST_RESULT_BYTES = 4_000_000_000
# Without compression the announced length is the length that arrives.
PLAIN = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}


def download(url: str, target: Path, size_bytes: int | None, on_bytes: Callable[[int, int], None]) -> None:
    """Stream to *target*, which appears only when it is as long as its header and *size_bytes* say.

    *on_bytes* gets the bytes received so far and the total.
    """
    if not is_result_url(url):
        raise Hopeless(f"the result is at {url}, which is not a host that serves results; download it by hand")
    try:
        with replacing(target) as file, httpx.stream("GET", url, timeout=60, headers=PLAIN) as response:
            if response.status_code in GONE:
                raise Hopeless(f"{url} is no longer served ({response.status_code})")
            response.raise_for_status()
            announced = int(response.headers.get("content-length", -1))
            size = _save(response, file, lambda size: on_bytes(size, max(0, announced)))
            if announced >= 0 and size != announced:
                raise RemoteError(f"the download of {url} ended early; it can be fetched again")
            if size_bytes is not None and size != size_bytes:
                raise RemoteError(f"{url} gave {size:,} bytes, the answer says {size_bytes:,}; it can be fetched again")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise RemoteError(f"downloading {url} failed: {in_words(error)}; it can be fetched again") from error
    except OSError as error:
        raise Hopeless(f"{target}: can't be written: {error.strerror}; the result is at {url}") from error


def serves(url: str, size_bytes: int) -> bool:
    """Return whether *url* serves a file of that size, by its headers; False as well when that can't be determined."""
    if not is_result_url(url):
        return False
    try:
        response = httpx.head(url, timeout=20, headers=PLAIN)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return response.status_code == 200 and response.headers.get("content-length") == str(size_bytes)


def is_result_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and any(host == known or host.endswith(f".{known}") for known in RESULT_HOSTS)


def _save(response: httpx.Response, file: BinaryIO, on_bytes: Callable[[int], None]) -> int:
    """Write the body to *file*, and return its size in bytes."""
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > LARGEST_RESULT_BYTES:
            raise RemoteError(f"the result is larger than {LARGEST_RESULT_BYTES:,} bytes; it was not downloaded")
        file.write(chunk)
        on_bytes(size)
    file.flush()
    os.fsync(file.fileno())  # before the journal says that it is here
    return size
