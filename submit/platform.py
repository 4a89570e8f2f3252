"""Platform port: what submission needs from a platform. `submit.fal` implements it; tests have one in memory."""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeGuard

from pydantic import AfterValidator, Field

from prep.model.value import Value

# Printable ASCII: the platform's names are shown to people.
Plain = Annotated[str, Field(pattern=r"^[ -~]{0,2000}$")]

# A URL that goes into a request: whatever gives it, it may be anything.
HTTPS_URL = re.compile(r"https://[^\s/\x00-\x1f\x7f][^\s\x00-\x1f\x7f]*")
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


def _check_request_id(name: str) -> str:
    """Part of the platform's URLs, also when it comes from a receipt."""
    if not REQUEST_ID.fullmatch(name):
        raise ValueError("not a request id")
    return name


def is_https_url(url: object) -> TypeGuard[str]:
    return isinstance(url, str) and HTTPS_URL.fullmatch(url) is not None


RequestId = Annotated[Plain, AfterValidator(_check_request_id)]
# Statuses for what the platform does not have, or no longer has.
GONE = (404, 410)
# Every sandbox has this key, so its jobs are recognised wherever they turn up.
SANDBOX_KEY = "sandbox:this-is-not-a-key"


def account_of(key: str) -> str:
    """An id of the account that *key* belongs to; it does not reveal the key."""
    return hashlib.sha256(f"prep-and-submit account {key}".encode()).hexdigest()[:16]


SANDBOX_ACCOUNT = account_of(SANDBOX_KEY)


def environment_account() -> str:
    """The account of the key in FAL_KEY."""
    return account_of(os.environ.get("FAL_KEY", "").strip())


class Ticket(Value):
    """What the platform returns for a submission: enough to find the result later."""

    request_id: RequestId
    response_url: Plain
    status_url: Plain
    cancel_url: Plain


class State(Value):
    """The state of a request on the platform. *position* counts the requests ahead; *logs* are all lines so far."""

    status: Literal["queued", "running", "completed"]
    position: int | None = None
    logs: tuple[str, ...] = ()


class Answer(Value):
    """The answer to a completed request. *billed_units* is what the platform says it charged; None: not known yet."""

    body: dict[str, Any]
    billed_units: str | None = None


class ListedRequest(Value):
    """A request in the platform's own list; *arguments* is None where the list does not show them."""

    request_id: RequestId
    arguments: dict[str, Any] | None = None


class Platform(Protocol):
    """Every method raises RemoteError or a subclass (`submit.errors`), never an error of the client library."""

    @property
    def account(self) -> str:
        """An id of the account that does not reveal its key; jobs and uploads of two accounts are kept apart."""
        ...

    def upload(self, path: Path, media_type: str, expires: str, on_bytes: Callable[[int], None]) -> str:
        """Upload a file and return its URL, valid until it *expires* ("7d"). *on_bytes* gets the bytes sent so far."""
        ...

    def has_upload(self, url: str, size_bytes: int) -> bool:
        """Return whether *url* still serves a file of that size; False as well when that can't be determined."""
        ...

    def submit(self, endpoint: str, arguments: Mapping[str, Any], webhook: str | None) -> Ticket:
        """Send the request, once. Raises SubmitUncertain when it may have arrived, NotSent when it certainly did not,
        Refusal when the platform did not accept it.
        """
        ...

    def ticket(self, endpoint: str, request_id: str) -> Ticket:
        """Return the ticket of a request whose id is known; sends nothing."""
        ...

    def state(self, endpoint: str, request_id: str) -> State: ...

    def result(self, endpoint: str, request_id: str) -> Answer:
        """Return the answer to a completed request; raises Refusal when the platform refused the request after all."""
        ...

    def cancel(self, endpoint: str, request_id: str) -> bool:
        """Ask the platform to stop the request; return False when it is too late."""
        ...

    def list_requests(self, endpoint: str, since: datetime) -> Iterable[ListedRequest]:
        """Yield the account's finished requests to *endpoint* since *since*, as far as the platform lists them."""
        ...

    def download(self, url: str, target: Path, size_bytes: int | None, on_bytes: Callable[[int, int], None]) -> None:
        """Download to *target*, which appears only when it is complete, and *size_bytes* long if that is known.

        *on_bytes* gets the bytes received so far and the total (0: unknown). Raises RemoteError; SizeDiffers when it is
        complete by its transfer, and not by *size_bytes*.
        """
        ...
