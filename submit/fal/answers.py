"""What the platform's answers mean. They come from outside and may have any shape."""

import fal_client
import httpx
from fal_client.client import FalClientHTTPError

from prep.errors import RemoteError
from prep.model.redact import shown
from submit.errors import Refusal
from submit.platform import State, Ticket

# What reading an answer of another shape than documented raises.
NOT_UNDERSTOOD = (KeyError, TypeError, ValueError, AttributeError)


def ticket_of(handle: fal_client.SyncRequestHandle) -> Ticket:
    return Ticket(
        request_id=handle.request_id,
        response_url=handle.response_url,
        status_url=handle.status_url,
        cancel_url=handle.cancel_url,
    )


def state_of(status: fal_client.Status) -> State:
    if isinstance(status, fal_client.Queued):
        return State(status="queued", position=status.position)
    lines = getattr(status, "logs", None)
    logs = (line.get("message", "") for line in lines if isinstance(line, dict)) if isinstance(lines, list) else ()
    done = isinstance(status, fal_client.Completed)
    return State(status="completed" if done else "running", logs=tuple(shown(str(line)) for line in logs))


def remote_error(error: Exception, what: str) -> RemoteError:
    if isinstance(error, FalClientHTTPError):
        return refusal_of(error.response, what)
    return RemoteError(f"{what}: {error or type(error).__name__}")


def failure(response: httpx.Response, what: str) -> RemoteError:
    """A refusal of the request itself, or only of asking for it now: then the result can still be fetched later."""
    refusal = refusal_of(response, what)
    final = response.status_code in (400, 404, 410, 422) or isinstance(refusal.detail, list) or refusal.error_type
    if final and response.status_code not in (401, 403, 429):
        return refusal
    return RemoteError(f"{refusal}; the request itself is not lost, ask for its result again later")


def refusal_of(response: httpx.Response, what: str, *, taken: bool = True) -> Refusal:
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
