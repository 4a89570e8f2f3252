"""Other servers of this machine: the only ones that a sandbox reaches."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT_S = 20.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK
    except ValueError:
        return False


def fetch_copy(url: str, target: Path, most_bytes: int) -> Path | None:
    """Write what *url* serves to *target*; None when it can't be fetched, or is larger than *most_bytes*."""
    import httpx

    size = 0
    with (
        suppress(httpx.HTTPError),
        httpx.Client(trust_env=False, timeout=TIMEOUT_S) as http,
        http.stream("GET", url) as answer,
        target.open("wb") as file,
    ):
        for chunk in answer.iter_bytes():
            size += file.write(chunk)
            if size > most_bytes:
                return None
        return target if answer.is_success else None
    return None
