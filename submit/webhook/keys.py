"""Public keys of the platform's webhooks: fetched when needed, kept for a day, renewed when they change."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from submit.errors import KeysUnavailable

JWKS_URL = "https://rest.fal.ai/.well-known/jwks.json"
KEPT_S = 24 * 3600  # the platform asks not to keep them for longer
# A forged webhook matches no key, and must not make us fetch the keys each time; nor while they can't be fetched.
RENEW_INTERVAL_S, RETRY_INTERVAL_S = 60, 5
TIMEOUT_S = 10
LARGEST_BYTES = 100_000


class PublishedKeys:
    """The JWKS at JWKS_URL. *clock* is in seconds and never goes back. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._jwks: Mapping[str, Any] | None = None
        self._fetched_at = 0.0
        self._asked_at = 0.0
        self._failure = ""

    def current(self) -> Mapping[str, Any]:
        """Return the kept keys, or fetch them. Raises KeysUnavailable."""
        with self._lock:
            if self._jwks is not None and self._clock() - self._fetched_at < KEPT_S:
                return self._jwks
            if self._failure and self._clock() - self._asked_at < RETRY_INTERVAL_S:
                raise KeysUnavailable(self._failure)
            return self._fetch()

    def renew(self) -> Mapping[str, Any] | None:
        """Fetch the keys again; None if that was done a moment ago. Raises KeysUnavailable."""
        with self._lock:
            if self._clock() - self._asked_at < RENEW_INTERVAL_S:
                return None
            return self._fetch()

    def _fetch(self) -> Mapping[str, Any]:
        self._asked_at = self._clock()
        try:
            self._jwks, self._failure = fetch_jwks(), ""
        except KeysUnavailable as error:
            self._failure = str(error)
            raise
        self._fetched_at = self._clock()
        return self._jwks


def fetch_jwks(url: str = JWKS_URL) -> Mapping[str, Any]:
    """Fetch at most LARGEST_BYTES within TIMEOUT_S, following no redirect. Raises KeysUnavailable."""
    import httpx

    from submit.fal.bounded import Patience, limit_time

    content = bytearray()
    try:
        with httpx.Client(timeout=TIMEOUT_S, headers={"Accept-Encoding": "identity"}) as client:
            limit_time(client, Patience(TIMEOUT_S))
            with client.stream("GET", url) as response:
                response.raise_for_status()
                for chunk in response.iter_raw():  # what is compressed all the same is no JSON
                    content += chunk
                    if len(content) > LARGEST_BYTES:
                        raise KeysUnavailable(f"{url}: the keys are larger than {LARGEST_BYTES:,} bytes")
        jwks = json.loads(content)
    except (httpx.HTTPError, OSError, ValueError, RecursionError) as error:
        raise KeysUnavailable(f"{url}: the keys can't be fetched: {type(error).__name__}; try again later") from error
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise KeysUnavailable(f"{url}: the answer is not a list of keys")
    return jwks


PUBLISHED = PublishedKeys()
