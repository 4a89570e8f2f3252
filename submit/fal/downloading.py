"""Fetching a result: whole or not at all, and only from where results are served."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fal_client.client import USER_AGENT

from prep.errors import RemoteError
from submit.errors import Hopeless
from submit.platform import GONE

# An answer that names any other host is not followed.
RESULT_HOSTS = ("fal.media", "fal.ai", "fal.run")
LARGEST_RESULT_BYTES = 4_000_000_000
# Not compressed: the length that is announced is then the length that comes.
PLAIN = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}


def download(url: str, target: Path, size_bytes: int | None, told: Callable[[int, int], None]) -> None:
    """Stream to *target*, which appears only when it is as long as its header and *size_bytes* say; *told* gets the
    bytes so far, and how many there are.
    """
    if not is_result_url(url):
        raise Hopeless(f"the result is at {url}, which is not where results are served; fetch it by hand")
    part = target.with_name(target.name + ".part")
    try:
        with httpx.stream("GET", url, timeout=60, headers=PLAIN) as response:
            if response.status_code in GONE:
                raise Hopeless(f"{url} is no longer served ({response.status_code})")
            response.raise_for_status()
            expected = int(response.headers.get("content-length", -1))
            _save(response, part, lambda size: told(size, max(0, expected)))
        come = part.stat().st_size
        if expected >= 0 and come != expected:
            raise RemoteError(f"the download of {url} ended early; it can be fetched again")
        if size_bytes is not None and come != size_bytes:
            raise RemoteError(f"{url} gave {come:,} bytes, the answer says {size_bytes:,}; it can be fetched again")
        os.replace(part, target)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise RemoteError(f"downloading {url} failed: {error}; it can be fetched again") from error
    except OSError as error:
        raise Hopeless(f"{target}: can't be written: {error.strerror}; the result is at {url}") from error
    finally:
        part.unlink(missing_ok=True)


def is_there(url: str, size_bytes: int) -> bool:
    """Whether *url* gives a file of that size, by its headers alone; False as well when nobody can tell."""
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


def _save(response: httpx.Response, part: Path, told: Callable[[int], None]) -> None:
    size = 0
    with part.open("wb") as file:
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > LARGEST_RESULT_BYTES:
                raise RemoteError(f"the result is larger than {LARGEST_RESULT_BYTES:,} bytes; it was not fetched")
            file.write(chunk)
            told(size)
        file.flush()
        os.fsync(file.fileno())  # the journal will say that it is here
