"""Result downloads: complete or not at all, and only from hosts that serve results."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx
from fal_client.client import USER_AGENT

from prep.errors import RemoteError
from prep.media.io.files import replacing
from prep.model.redact import shown
from submit.errors import Hopeless, SizeDiffers
from submit.fal.answers import in_words
from submit.fal.bounded import ANSWER_S, Patience, limit_time
from submit.platform import GONE

# An answer that names any other host is not followed.
RESULT_HOSTS = ("fal.media", "fal.ai", "fal.run")
LARGEST_RESULT_BYTES = 4_000_000_000
SLOWEST_BYTES_PER_S = 16_000
HEAD_S = 20.0
# Without compression the announced length is the length that arrives.
PLAIN = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}


def download(url: str, target: Path, size_bytes: int | None, on_bytes: Callable[[int, int], None]) -> None:
    """Stream to *target*, which appears only when it is as long as its header and *size_bytes* say.

    *on_bytes* gets the bytes received so far and the total.
    """
    place = shown(url)
    if not is_result_url(url):
        raise Hopeless(f"the result is at {place}, which is not a host that serves results; download it by hand")
    try:
        with replacing(target) as file, _requested(url) as response:
            if response.status_code in GONE:
                raise Hopeless(f"{place} is no longer served ({response.status_code})")
            response.raise_for_status()
            if coding := response.headers.get("content-encoding", ""):
                raise RemoteError(f"{place} is sent compressed ({shown(coding)}), though asked not to; try again later")
            announced = int(response.headers.get("content-length", -1))
            size = _save(response, file, lambda size: on_bytes(size, max(0, announced)))
            if announced >= 0 and size != announced:
                raise RemoteError(f"the download of {place} ended early; it can be fetched again")
            if size_bytes is not None and size != size_bytes:
                raise SizeDiffers(f"{place} gave {size:,} bytes, the answer says {size_bytes:,}")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise RemoteError(f"downloading {place} failed: {in_words(error)}; it can be fetched again") from error
    except OSError as error:
        raise Hopeless(f"{target}: can't be written: {error.strerror}; the result is at {place}") from error


@contextmanager
def _requested(url: str) -> Iterator[httpx.Response]:
    """The answer for *url*; its body may be long, but not slower than SLOWEST_BYTES_PER_S."""
    patience = Patience(ANSWER_S, SLOWEST_BYTES_PER_S, 2 * LARGEST_RESULT_BYTES)
    with httpx.Client(timeout=ANSWER_S, headers=PLAIN) as client:
        limit_time(client, patience)
        with client.stream("GET", url) as response:
            yield response


def serves(url: str, size_bytes: int) -> bool:
    """Return whether *url* serves a file of that size, by its headers; False as well when that can't be determined."""
    if not is_result_url(url):
        return False
    try:
        with httpx.Client(timeout=HEAD_S, headers=PLAIN) as client:
            limit_time(client, Patience(HEAD_S))
            response = client.head(url)
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
