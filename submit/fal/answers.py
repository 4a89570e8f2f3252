"""Readers of the platform's answers, which come from outside and may have any shape."""

import fal_client
import httpx
from fal_client.client import FalClientHTTPError

from prep.errors import RemoteError
from prep.model.redact import shown
from submit.errors import Refusal
from submit.platform import State, Ticket

# Errors from reading an answer that is not as documented.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError)


def read_ticket(handle: fal_client.SyncRequestHandle) -> Ticket:
    return Ticket(
        request_id=handle.request_id,
        response_url=handle.response_url,
        status_url=handle.status_url,
        cancel_url=handle.cancel_url,
    )


def read_state(status: fal_client.Status) -> State:
    if isinstance(status, fal_client.Queued):
        return State(status="queued", position=status.position)
    lines = getattr(status, "logs", None)
    logs = (line.get("message", "") for line in lines if isinstance(line, dict)) if isinstance(lines, list) else ()
    completed = isinstance(status, fal_client.Completed)
    return State(status="completed" if completed else "running", logs=tuple(shown(str(line)) for line in logs))


def remote_error(error: Exception, action: str) -> RemoteError:
    if isinstance(error, FalClientHTTPError):
        return read_refusal(error.response, action)
    return RemoteError(f"{action}: {error or type(error).__name__}")


def result_error(response: httpx.Response, action: str) -> RemoteError:
    """A refusal of the request itself, or an error of this one fetch: then the result can still be fetched later."""
    refusal = read_refusal(response, action)
    final = response.status_code in (400, 404, 410, 422) or isinstance(refusal.detail, list) or refusal.error_type
    if final and response.status_code not in (401, 403, 429):
        return refusal
    return RemoteError(f"{refusal}; the request itself is not lost, ask for its result again later")


def read_refusal(response: httpx.Response, action: str, *, taken: bool = True) -> Refusal:
    try:
        body = response.json()
    except ValueError:
        body = {}
    detail = body.get("detail", "") if isinstance(body, dict) else ""
    error_type = body.get("error_type") if isinstance(body, dict) else None
    reason = detail if isinstance(detail, str) and detail else f"status {response.status_code}"
    error_type = error_type if isinstance(error_type, str) else None
    error_type = error_type or response.headers.get("x-fal-error-type")
    header = response.headers.get("x-fal-needs-retry", response.headers.get("x-fal-retryable", "")).lower()
    retryable = {"1": True, "true": True, "0": False, "false": False}.get(header)
    return Refusal(f"{action}: {reason}", response.status_code, detail, error_type, taken=taken, retryable=retryable)
