"""Readers of the platform's answers, which come from outside and may have any shape."""

import math
from typing import Any, Literal

import fal_client
import httpx
from fal_client.client import FalClientHTTPError

from prep.errors import RemoteError
from prep.model.redact import shown
from prep.rules.catalogue.refusal import DOCUMENTED, REQUEST_ERRORS
from submit.answer_json import read_answer
from submit.errors import Hopeless, Refusal, UnknownRequest, Unreachable
from submit.platform import GONE, REQUEST_ID, State, Ticket

DEEPEST = 20
STATES: dict[str, Literal["queued", "running", "completed"]] = {
    "IN_QUEUE": "queued",
    "IN_PROGRESS": "running",
    "COMPLETED": "completed",
}
LONGEST_QUEUE = 10**9
# Failures before a byte was sent.
UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# Errors from reading an answer that is not as documented.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError, httpx.InvalidURL)
# Flat errors that only the request itself can have ended with; the others may be those of one fetch.
NOT_OUTCOMES = ("bad_request", "client_disconnected", "internal_error")
OUTCOMES = frozenset(error.error_type for error in REQUEST_ERRORS) - frozenset(NOT_OUTCOMES)


class ReadableResponse(httpx.Response):
    """A response whose JSON is read by `read_answer`, also where the client library reads it."""

    @classmethod
    def of(cls, response: httpx.Response) -> "ReadableResponse":
        """*response*, whose body has not been read."""
        return cls(
            response.status_code, headers=response.headers, stream=response.stream, extensions=response.extensions
        )

    def json(self, **_: Any) -> Any:
        return read_answer(self.content)


def read_ticket(handle: fal_client.SyncRequestHandle) -> Ticket:
    return Ticket.model_validate(handle, from_attributes=True)


def has_ticket(response: httpx.Response) -> bool:
    """Return whether the answer to a submission is as documented."""
    try:
        ticket = Ticket.model_validate({name: response.json()[name] for name in Ticket.model_fields})
    except MALFORMED:
        return False
    return REQUEST_ID.fullmatch(ticket.request_id) is not None


def request_id_of(response: httpx.Response) -> str | None:
    """The request id that the answer names anywhere: in its body, or, when that can't be read, in a header."""
    ids = (_fields(response).get("request_id"), response.headers.get("x-fal-request-id"))
    return next((name for name in ids if isinstance(name, str) and REQUEST_ID.fullmatch(name)), None)


def read_state(answer: Any) -> State:
    """The state in *answer*, parsed from JSON; all but the status may be missing. Raises one of MALFORMED."""
    status = STATES[answer["status"]]
    if status == "queued":
        position = answer.get("queue_position")
        known = type(position) is int and 0 <= position <= LONGEST_QUEUE
        return State(status=status, position=position if known else None)
    lines = answer.get("logs")
    logs = (line.get("message", "") for line in lines if isinstance(line, dict)) if isinstance(lines, list) else ()
    return State(status=status, logs=tuple(shown(str(line)) for line in logs))


def storable(value: Any, depth: int = 0) -> Any:
    """*value*, parsed from JSON, as the journal can keep it: half characters replaced, no number that JSON does not
    have, and nothing nested deeper than DEEPEST levels. No answer that was paid for is lost for what else is in it.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if not isinstance(value, dict | list):
        return None if isinstance(value, float) and not math.isfinite(value) else value
    if depth == DEEPEST:
        return None
    if isinstance(value, list):
        return [storable(item, depth + 1) for item in value]
    return {storable(name): storable(item, depth + 1) for name, item in value.items()}


def remote_error(error: Exception, action: str) -> RemoteError:
    """The error of one call; it says nothing about the request that the call was about."""
    if isinstance(error, FalClientHTTPError):
        return response_error(error.response, action)
    if isinstance(error, UNREACHABLE):
        return Unreachable(shown(f"{action}: the platform can't be reached ({in_words(error)}); check your network"))
    return RemoteError(shown(f"{action}: {in_words(error)}"))


def in_words(error: Exception) -> str:
    """*error* of the connection, or of reading an answer, as users are told: never the name of its class."""
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "no connection in time"
        case httpx.TimeoutException():
            return "no answer in time"
        case httpx.RemoteProtocolError() if "without sending a response" in str(error):
            return "the server closed the connection without an answer"
        case httpx.RemoteProtocolError() if "peer closed" in str(error):
            return "the server closed the connection before its answer was complete"
        case httpx.HTTPStatusError():
            return f"status {error.response.status_code}"
        case httpx.DecodingError():
            return "the answer can't be decompressed"
        case httpx.NetworkError() if not str(error) or str(error).startswith("[Errno"):
            return "the connection was lost"
        case _ if isinstance(error, MALFORMED):
            return "the answer is not as documented"
    return shown(str(error)) or "the connection failed"


def response_error(response: httpx.Response, action: str) -> RemoteError:
    message = shown(f"{action}: {_reason(response)}")
    return UnknownRequest(message) if response.status_code in GONE else RemoteError(message)


def result_error(response: httpx.Response, request_id: str) -> RemoteError:
    """A Refusal when the answer certainly is one; otherwise the error of this one fetch, which may be repeated."""
    refusal = read_refusal(response, f"request {request_id} failed")
    return refusal if _is_certain(refusal) else response_error(response, f"fetching the result of {request_id} failed")


def upload_error(error: Exception, action: str) -> RemoteError:
    """Hopeless when the platform refuses the upload itself, so that repeating it can't help."""
    status = error.response.status_code if isinstance(error, FalClientHTTPError) else 0
    if 400 <= status < 500 and status not in (408, 429):
        return Hopeless(str(remote_error(error, action)))
    return remote_error(error, action)


def _is_certain(refusal: Refusal) -> bool:
    """Return whether this is a refusal as documented: anything else may come from a gateway, and pass."""
    if not isinstance(refusal.detail, list):
        return refusal.error_type in OUTCOMES
    problems = [item for item in refusal.detail if isinstance(item, dict)]
    types = [item.get("type") for item in problems]
    if any(isinstance(name, str) and name in DOCUMENTED for name in types):
        return True
    # the limits that have no documented type are reported in the documented form all the same
    return refusal.status_code == 422 and any(
        isinstance(item.get("type"), str) and isinstance(item.get("msg"), str) for item in problems
    )


def submit_refusal(response: httpx.Response) -> Refusal:
    """The refusal of a submission itself: nothing was accepted."""
    request_id = request_id_of(response)
    refusal = read_refusal(
        response, f"the platform did not accept {f'request {request_id}' if request_id else 'the request'}", taken=False
    )
    refusal.request_id = request_id
    return refusal


def read_refusal(response: httpx.Response, action: str, *, taken: bool = True) -> Refusal:
    body = _fields(response)
    error_type = body.get("error_type")
    error_type = error_type if isinstance(error_type, str) else None
    error_type = error_type or response.headers.get("x-fal-error-type")
    header = response.headers.get("x-fal-needs-retry", response.headers.get("x-fal-retryable", "")).lower()
    retryable = {"1": True, "true": True, "0": False, "false": False}.get(header)
    reason, detail = f"{action}: {_reason(response)}", body.get("detail", "")
    return Refusal(reason, response.status_code, detail, error_type, taken=taken, retryable=retryable)


def _reason(response: httpx.Response) -> str:
    detail = _fields(response).get("detail")
    return detail if isinstance(detail, str) and detail else f"status {response.status_code}"


def _fields(response: httpx.Response) -> dict[str, Any]:
    """The JSON object in the body; empty where there is none."""
    try:
        body = response.json()
    except (*MALFORMED, httpx.StreamError):  # a stream that broke off was never read
        return {}
    return body if isinstance(body, dict) else {}
