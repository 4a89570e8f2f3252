"""Fal: the platform port implemented with fal_client."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import fal_client
import httpx
from fal_client.client import MULTIPART_THRESHOLD, FalClientHTTPError

from prep.errors import RefusedError, RemoteError
from prep.model.redact import shown
from prep.validation import short
from submit.errors import Hopeless, NotSent, SubmitUncertain
from submit.fal import downloading
from submit.fal.answers import (
    MALFORMED,
    UNREACHABLE,
    in_words,
    read_state,
    read_ticket,
    remote_error,
    response_error,
    result_error,
    storable,
    submit_refusal,
    upload_error,
)
from submit.fal.counting import CountingClient
from submit.fal.guarded_client import GuardedClient
from submit.fal.proxies import refuse_unusable_proxy
from submit.platform import REQUEST_ID, Answer, ListedRequest, State, Ticket, account_of, is_https_url

# Without a handler Python prints the client's records, which hold whole answers of the platform.
logging.getLogger("fal_client").addHandler(logging.NullHandler())

# Lists the account's own finished requests: fal.ai/docs/platform-apis/v1/models/requests/by-endpoint
REQUESTS_URL = "https://api.fal.ai/v1/models/requests/by-endpoint"
MAX_PAGES = 100
# How long a silent platform is waited for; a cancellation waits as long.
STATE_S, RESULT_S = 30.0, 60.0


def key_from_environment(*, otherwise: str = "") -> str:
    """Return FAL_KEY. Raises RefusedError, which says what to set, and *otherwise*, and never repeats the key."""
    key = os.environ.get("FAL_KEY", "").strip()
    if not key:
        raise RefusedError(f"FAL_KEY is not set; set it to a key of your account (fal.ai, Dashboard, Keys){otherwise}")
    if not all("!" <= char <= "~" for char in key):
        # as a header it would fail with a message that repeats it
        raise RefusedError("FAL_KEY contains a space, a line break or another character that no key has; copy it again")
    return key


class Fal:
    """Implements `submit.platform.Platform`. Safe to use from several threads.

    Raises UsageError when the environment names a proxy that can't be used.
    """

    def __init__(self, key: str) -> None:
        refuse_unusable_proxy()
        self._key = key
        self._client = GuardedClient(key=key)

    @property
    def account(self) -> str:
        return account_of(self._key)

    def upload(self, path: Path, media_type: str, expires: str, on_bytes: Callable[[int], None]) -> str:
        action = shown(f"uploading {path.name}")
        client = CountingClient(self._client, action, on_bytes)
        lifecycle = fal_client.StorageSettings(expires_in=expires)  # type: ignore[arg-type]
        try:
            if path.stat().st_size > MULTIPART_THRESHOLD:
                # in memory the client's multipart upload sends the wrong bytes; by path it does not
                url: Any = client.upload_file(path, lifecycle=lifecycle)
            else:
                # the client would guess the type from the name, and the guess depends on the machine
                url = client.upload(path.read_bytes(), media_type, file_name=path.name, lifecycle=lifecycle)
        except OSError as error:
            raise Hopeless(f"{action} failed: {error.strerror}") from error
        except (httpx.HTTPError, fal_client.FalClientError, *MALFORMED) as error:
            raise upload_error(error, f"{action} failed") from error
        finally:
            client.close()
        if not is_https_url(url):  # it would go into the paid request
            raise RemoteError(f"{action} failed: the platform answered {shown(short(url))}, not an https:// URL")
        return url

    def has_upload(self, url: str, size_bytes: int) -> bool:
        return downloading.serves(url, size_bytes)

    def submit(self, endpoint: str, arguments: Mapping[str, Any], webhook: str | None) -> Ticket:
        try:
            handle = self._client.submit(endpoint, dict(arguments), webhook_url=webhook)
            return read_ticket(handle)
        except UNREACHABLE as error:
            raise NotSent(f"the platform can't be reached, nothing was submitted: {in_words(error)}") from error
        except httpx.InvalidURL as error:  # the platform's address, which the environment may name
            raise NotSent(f"the platform's address can't be read, nothing was submitted: {shown(error)}") from error
        except FalClientHTTPError as error:
            raise submit_refusal(error.response) from error
        except (httpx.HTTPError, *MALFORMED) as error:
            raise SubmitUncertain(f"it is not known whether the request arrived: {in_words(error)}") from error

    def ticket(self, endpoint: str, request_id: str) -> Ticket:
        return read_ticket(self._client.get_handle(endpoint, request_id))

    def state(self, endpoint: str, request_id: str) -> State:
        try:
            # the handle's own method repeats a silent GET for 20 minutes, and takes no answer without logs
            response = self._client.fetch(
                self._client.get_handle(endpoint, request_id).status_url, {"logs": "true"}, STATE_S
            )
            if response.is_error:
                raise response_error(response, f"asking for the state of {request_id} failed")
            return read_state(response.json())
        except (httpx.HTTPError, fal_client.FalClientError, *MALFORMED) as error:
            raise remote_error(error, f"asking for the state of {request_id} failed") from error

    def result(self, endpoint: str, request_id: str) -> Answer:
        try:
            response = self._client.fetch(self._client.get_handle(endpoint, request_id).response_url, {}, RESULT_S)
            if response.is_error:
                raise result_error(response, request_id)
            body = response.json()
        except (httpx.HTTPError, *MALFORMED) as error:
            raise remote_error(error, f"fetching the result of {request_id} failed") from error
        if not isinstance(body, dict):
            raise RemoteError(f"the result of {request_id} is not what the endpoint documents")
        return Answer(body=storable(body), billed_units=response.headers.get("x-fal-billable-units"))

    def cancel(self, endpoint: str, request_id: str) -> bool:
        try:
            self._client.get_handle(endpoint, request_id).cancel()
        except FalClientHTTPError as error:
            if error.response.status_code == 400:  # ALREADY_COMPLETED
                return False
            raise remote_error(error, f"cancelling {request_id} failed") from error
        except (httpx.HTTPError, fal_client.FalClientError, *MALFORMED) as error:
            raise remote_error(error, f"cancelling {request_id} failed") from error
        return True

    def list_requests(self, endpoint: str, since: datetime) -> Iterator[ListedRequest]:
        parameters = {"endpoint_id": endpoint, "start": since.isoformat(), "expand": "payloads", "limit": "100"}
        for _ in range(MAX_PAGES):
            try:
                response = self._client.fetch(REQUESTS_URL, parameters)
                if response.is_error:
                    error = response_error(response, "listing this account's requests failed")
                    raise Hopeless(str(error)) if response.status_code in (401, 403) else error
                page = response.json()
                for item in page["items"]:
                    arguments, name = item.get("json_input"), item["request_id"]
                    if isinstance(name, str) and REQUEST_ID.fullmatch(name):  # any other can't be asked for
                        arguments = arguments if isinstance(arguments, dict) else None
                        yield ListedRequest(request_id=name, arguments=arguments)
                if not page.get("has_more"):
                    return
                parameters["cursor"] = page["next_cursor"]
            except (httpx.HTTPError, *MALFORMED) as error:
                raise remote_error(error, "listing this account's requests failed") from error
        raise RemoteError("this account has more requests since then than are looked through")

    def download(self, url: str, target: Path, size_bytes: int | None, on_bytes: Callable[[int, int], None]) -> None:
        downloading.download(url, target, size_bytes, on_bytes)
