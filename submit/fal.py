"""The platform, through fal_client. The only module that imports it."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fal_client
import httpx
from fal_client.client import MULTIPART_THRESHOLD, USER_AGENT, BackupDomainTransport, FalClientHTTPError, SyncClient

from prep.errors import RefusedError, RemoteError
from prep.model.shown import shown
from submit.ports import Refusal, State, SubmitUncertain, Ticket

# Where results are served from. An answer that names any other host is not followed.
RESULT_HOSTS = ("fal.media", "fal.ai", "fal.run")
LARGEST_RESULT_BYTES = 4_000_000_000
# Answers after which the platform may have taken the request all the same.
# Not compressed: the length that is announced is then the length that comes.
PLAIN = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
DOUBTFUL_STATUS = (408, 409)  # and every 5xx
# What reading an answer of another shape than documented raises.
NOT_UNDERSTOOD = (KeyError, TypeError, ValueError, AttributeError)
# Tokens and uploads; a POST to any other host, also by a redirect, submits.
UNBILLED_HOSTS = (".fal.ai", ".fal.media")
# Failures before a byte of the request left.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def key_from_environment() -> str:
    """FAL_KEY. Raises RefusedError saying what to set, and what needs none; it never repeats the key."""
    key = os.environ.get("FAL_KEY", "").strip()
    if not key:
        raise RefusedError(
            "FAL_KEY is not set; set it to a key of your account (fal.ai, dashboard, keys). "
            "No key is needed for --sandbox, and none for check, plan and prep"
        )
    if not all("!" <= char <= "~" for char in key):
        # in a header it would fail with a message that repeats it
        raise RefusedError("FAL_KEY holds a space, a line break or another character that no key has; copy it anew")
    return key


class Fal:
    """Implements `submit.ports.Platform`. Safe to use from several threads."""

    def __init__(self, key: str) -> None:
        self._client = _GuardedClient(key=key)

    def upload(self, path: Path, media_type: str) -> str:
        try:
            if path.stat().st_size > MULTIPART_THRESHOLD:
                # in memory the client's multipart upload sends the wrong bytes; by path it does not
                return str(self._client.upload_file(path))
            # the client guesses the type from the name, and the guess depends on the machine
            return str(self._client.upload(path.read_bytes(), media_type, file_name=path.name))
        except (httpx.HTTPError, fal_client.FalClientError, *NOT_UNDERSTOOD) as error:
            raise _remote(error, f"uploading {path.name} failed") from error

    def submit(self, endpoint: str, arguments: Mapping[str, Any]) -> Ticket:
        try:
            handle = self._client.submit(endpoint, dict(arguments))
            return Ticket(
                request_id=handle.request_id,
                response_url=handle.response_url,
                status_url=handle.status_url,
                cancel_url=handle.cancel_url,
            )
        except NOT_SENT as error:
            raise RemoteError(f"the platform can't be reached, nothing was submitted: {error}") from error
        except FalClientHTTPError as error:
            raise _refusal(error.response, "the platform did not take the request", taken=False) from error
        except (httpx.HTTPError, *NOT_UNDERSTOOD) as error:
            raise SubmitUncertain(f"it is not known whether the request arrived: {error!r}") from error

    def state(self, endpoint: str, request_id: str) -> State:
        try:
            return _state_of(self._client.get_handle(endpoint, request_id).status(with_logs=True))
        except (httpx.HTTPError, fal_client.FalClientError, *NOT_UNDERSTOOD) as error:
            raise _remote(error, f"asking for the state of {request_id} failed") from error

    def result(self, endpoint: str, request_id: str) -> dict[str, Any]:
        handle = self._client.get_handle(endpoint, request_id)
        try:
            response = handle.client.get(handle.response_url)
            if response.is_error:
                raise _failure(response, f"request {request_id} failed")
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _remote(error, f"fetching the result of {request_id} failed") from error
        if not isinstance(answer, dict):
            raise RemoteError(f"the result of {request_id} is not what the endpoint documents")
        return answer

    def download(self, url: str, target: Path) -> None:
        """Stream to *target*, which appears only when it is whole. Only results' own hosts are asked."""
        if not _is_result_url(url):
            raise RemoteError(f"the result is at {url}, which is not where results are served; fetch it by hand")
        part = target.with_name(target.name + ".part")
        try:
            with httpx.stream("GET", url, timeout=60, headers=PLAIN) as response:
                response.raise_for_status()
                expected = int(response.headers.get("content-length", -1))
                _save(response, part)
            if expected >= 0 and part.stat().st_size != expected:
                raise RemoteError(f"the download of {url} ended early; it can be fetched again")
            os.replace(part, target)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise RemoteError(f"downloading {url} failed: {error}; it can be fetched again") from error
        except OSError as error:
            raise RemoteError(
                f"{target}: can't be written: {error.strerror}; the result is at {url} for about an hour"
            ) from error
        finally:
            part.unlink(missing_ok=True)


def _state_of(status: fal_client.Status) -> State:
    if isinstance(status, fal_client.Queued):
        return State(status="queued", position=status.position)
    lines = getattr(status, "logs", None)
    logs = (line.get("message", "") for line in lines if isinstance(line, dict)) if isinstance(lines, list) else ()
    done = isinstance(status, fal_client.Completed)
    return State(status="completed" if done else "running", logs=tuple(shown(str(line)) for line in logs))


def _is_result_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and any(host == known or host.endswith(f".{known}") for known in RESULT_HOSTS)


def _save(response: httpx.Response, part: Path) -> None:
    size = 0
    with part.open("wb") as file:
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > LARGEST_RESULT_BYTES:
                raise RemoteError(f"the result is larger than {LARGEST_RESULT_BYTES:,} bytes; it was not fetched")
            file.write(chunk)


class _GuardedClient(SyncClient):
    """The client, whose submitting POST leaves at most once.

    By itself it repeats that POST up to ten times after transport errors and some statuses; the platform has no
    idempotency key, so each repeat may be a second paid job (measured: one dropped answer made two queue entries).
    """

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=_OnePost(BackupDomainTransport()),
            headers={"Authorization": self._auth.header_value, "User-Agent": USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=True,
        )


class _OnePost(httpx.BaseTransport):
    """Lets failures pass that certainly sent nothing; every other becomes SubmitUncertain, which nobody repeats."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or request.url.host.endswith(UNBILLED_HOSTS):
            return self._transport.handle_request(request)
        # a kept-alive connection that the server has closed looks like an uncertain send
        request.headers["Connection"] = "close"
        try:
            response = self._transport.handle_request(request)
        except NOT_SENT:
            raise
        except httpx.TransportError as error:
            raise SubmitUncertain(f"the connection broke while the request was sent: {error!r}") from error
        try:
            response.read()
        except httpx.TransportError as error:
            raise SubmitUncertain(f"the connection broke while the answer was read: {error!r}") from error
        status = response.status_code
        if status in DOUBTFUL_STATUS or status >= 500:
            raise SubmitUncertain(f"the platform answered {status}, which leaves open whether it took the request")
        return response

    def close(self) -> None:
        self._transport.close()


def _remote(error: Exception, what: str) -> RemoteError:
    if isinstance(error, FalClientHTTPError):
        return _refusal(error.response, what)
    return RemoteError(f"{what}: {error or type(error).__name__}")


def _failure(response: httpx.Response, what: str) -> RemoteError:
    """A refusal of the request itself, or only of asking for it now: then the result can still be fetched later."""
    refusal = _refusal(response, what)
    final = response.status_code in (400, 404, 410, 422) or isinstance(refusal.detail, list) or refusal.error_type
    if final and response.status_code not in (401, 403, 429):
        return refusal
    return RemoteError(f"{refusal}; the request itself is not lost, ask for its result again later")


def _refusal(response: httpx.Response, what: str, *, taken: bool = True) -> Refusal:
    try:
        body = response.json()
    except ValueError:
        body = {}
    detail = body.get("detail", "") if isinstance(body, dict) else ""
    error_type = body.get("error_type") if isinstance(body, dict) else None
    said = detail if isinstance(detail, str) and detail else f"status {response.status_code}"
    error_type = error_type if isinstance(error_type, str) else None
    error_type = error_type or response.headers.get("x-fal-error-type")
    header = response.headers.get("x-fal-needs-retry", response.headers.get("x-fal-retryable", "")).lower()
    retryable = {"1": True, "true": True, "0": False, "false": False}.get(header)
    return Refusal(f"{what}: {said}", response.status_code, detail, error_type, taken=taken, retryable=retryable)
