"""Implements `submit.platform.Platform` with fal_client."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import fal_client
import httpx
from fal_client.client import MULTIPART_THRESHOLD, FalClientHTTPError

from prep.errors import RefusedError, RemoteError
from submit.errors import Hopeless, NotSent, SubmitUncertain
from submit.fal import downloading
from submit.fal.answers import NOT_UNDERSTOOD, failure, refusal_of, remote_error, state_of, ticket_of
from submit.fal.counting import CountingClient
from submit.fal.one_post import NOT_SENT, GuardedClient
from submit.platform import Answer, Listed, State, Ticket

# The account's own requests, finished ones only: fal.ai/docs/platform-apis/v1/models/requests/by-endpoint
REQUESTS_URL = "https://api.fal.ai/v1/models/requests/by-endpoint"
LISTED_PAGES = 10


def key_from_environment() -> str:
    """FAL_KEY. Raises RefusedError saying what to set, and what needs none; it never repeats the key."""
    key = os.environ.get("FAL_KEY", "").strip()
    if not key:
        raise RefusedError(
            "FAL_KEY is not set; set it to a key of your account (fal.ai, dashboard, keys). "
            "None is needed for 'prep-and-submit run --sandbox', and none to check, plan and prepare"
        )
    if not all("!" <= char <= "~" for char in key):
        # in a header it would fail with a message that repeats it
        raise RefusedError("FAL_KEY holds a space, a line break or another character that no key has; copy it anew")
    return key


class Fal:
    """Implements `submit.platform.Platform`. Safe to use from several threads."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._client = GuardedClient(key=key)

    @property
    def account(self) -> str:
        return hashlib.sha256(f"prep-and-submit account {self._key}".encode()).hexdigest()[:16]

    def upload(self, path: Path, media_type: str, expires: str, told: Callable[[int], None]) -> str:
        client = CountingClient(self._client, told)
        lifecycle = fal_client.StorageSettings(expires_in=expires)  # type: ignore[arg-type]
        try:
            if path.stat().st_size > MULTIPART_THRESHOLD:
                # in memory the client's multipart upload sends the wrong bytes; by path it does not
                return str(client.upload_file(path, lifecycle=lifecycle))
            # the client guesses the type from the name, and the guess depends on the machine
            return str(client.upload(path.read_bytes(), media_type, file_name=path.name, lifecycle=lifecycle))
        except OSError as error:
            raise Hopeless(f"uploading {path.name} failed: {error.strerror}") from error
        except (httpx.HTTPError, fal_client.FalClientError, *NOT_UNDERSTOOD) as error:
            raise remote_error(error, f"uploading {path.name} failed") from error
        finally:
            client.close()

    def is_there(self, url: str, size_bytes: int) -> bool:
        return downloading.is_there(url, size_bytes)

    def submit(self, endpoint: str, arguments: Mapping[str, Any], webhook: str | None) -> Ticket:
        try:
            handle = self._client.submit(endpoint, dict(arguments), webhook_url=webhook)
            return ticket_of(handle)
        except NOT_SENT as error:
            raise NotSent(f"the platform can't be reached, nothing was submitted: {error}") from error
        except FalClientHTTPError as error:
            raise refusal_of(error.response, "the platform did not take the request", taken=False) from error
        except (httpx.HTTPError, *NOT_UNDERSTOOD) as error:
            raise SubmitUncertain(f"it is not known whether the request arrived: {error!r}") from error

    def ticket(self, endpoint: str, request_id: str) -> Ticket:
        return ticket_of(self._client.get_handle(endpoint, request_id))

    def state(self, endpoint: str, request_id: str) -> State:
        try:
            return state_of(self._client.get_handle(endpoint, request_id).status(with_logs=True))
        except (httpx.HTTPError, fal_client.FalClientError, *NOT_UNDERSTOOD) as error:
            raise remote_error(error, f"asking for the state of {request_id} failed") from error

    def result(self, endpoint: str, request_id: str) -> Answer:
        handle = self._client.get_handle(endpoint, request_id)
        try:
            response = handle.client.get(handle.response_url)
            if response.is_error:
                raise failure(response, f"request {request_id} failed")
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise remote_error(error, f"fetching the result of {request_id} failed") from error
        if not isinstance(body, dict):
            raise RemoteError(f"the result of {request_id} is not what the endpoint documents")
        return Answer(body=body, billed_units=response.headers.get("x-fal-billable-units"))

    def cancel(self, endpoint: str, request_id: str) -> bool:
        try:
            self._client.get_handle(endpoint, request_id).cancel()
        except FalClientHTTPError as error:
            if error.response.status_code == 400:  # ALREADY_COMPLETED
                return False
            raise remote_error(error, f"cancelling {request_id} failed") from error
        except (httpx.HTTPError, fal_client.FalClientError) as error:
            raise remote_error(error, f"cancelling {request_id} failed") from error
        return True

    def listed(self, endpoint: str, since: datetime) -> Iterator[Listed]:
        asked = {"endpoint_id": endpoint, "start": since.isoformat(), "expand": "payloads", "limit": "100"}
        for _ in range(LISTED_PAGES):
            try:
                response = self._client.listing(REQUESTS_URL, asked)
                if response.is_error:
                    raise refusal_of(response, "the platform does not list this account's requests")
                page = response.json()
                for item in page["items"]:
                    arguments = item.get("json_input")
                    yield Listed(
                        request_id=item["request_id"], arguments=arguments if isinstance(arguments, dict) else None
                    )
                if not page.get("has_more"):
                    return
                asked["cursor"] = page["next_cursor"]
            except (httpx.HTTPError, *NOT_UNDERSTOOD) as error:
                raise remote_error(error, "asking for the list of this account's requests failed") from error

    def download(self, url: str, target: Path, size_bytes: int | None, told: Callable[[int, int], None]) -> None:
        downloading.download(url, target, size_bytes, told)
