"""What the flow asks of a platform. `submit.fal` is the real one; tests have one in memory."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from prep.model.limits import Value

# What the platform names things with: printable ASCII.
Plain = Annotated[str, Field(pattern=r"^[ -~]{0,2000}$")]

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
# The statuses of what the platform does not have, or has no longer.
GONE = (404, 410)


class Ticket(Value):
    """What a submission leaves in the hand: enough to find the result again. It is shown, so it must be plain text."""

    request_id: Plain
    response_url: Plain
    status_url: Plain
    cancel_url: Plain


class State(Value):
    """*position* is how many are ahead in the queue; *logs* all lines so far."""

    status: Literal["queued", "running", "completed"]
    position: int | None = None
    logs: tuple[str, ...] = ()


class Answer(Value):
    """What a completed request gave. *billed_units* is what it was charged as, where the platform says so by now."""

    body: dict[str, Any]
    billed_units: str | None = None


class Listed(Value):
    """A request in the platform's own list; *arguments* is None where the list does not show them."""

    request_id: Plain
    arguments: dict[str, Any] | None = None


class Platform(Protocol):
    """All methods raise RemoteError (Refusal, SubmitUncertain) and nothing of the client library's own."""

    @property
    def account(self) -> str:
        """Tells one account from another without telling its key: jobs and uploads of two are kept apart."""
        ...

    def upload(self, path: Path, media_type: str, expires: str, told: Callable[[int], None]) -> str:
        """The URL under which the file can be fetched until it *expires* ("7d"); *told* gets the bytes sent so far."""
        ...

    def is_there(self, url: str, size_bytes: int) -> bool:
        """Whether *url* still gives a file of that size; False as well when nobody can tell."""
        ...

    def submit(self, endpoint: str, arguments: Mapping[str, Any], webhook: str | None) -> Ticket:
        """Send the request: once. Raises SubmitUncertain when it is not known whether it arrived, NotSent when it
        certainly did not, Refusal when it was not taken.
        """
        ...

    def ticket(self, endpoint: str, request_id: str) -> Ticket:
        """The ticket of a request of which only the id is known; nothing is sent."""
        ...

    def state(self, endpoint: str, request_id: str) -> State: ...

    def result(self, endpoint: str, request_id: str) -> Answer:
        """The answer of a completed request; raises Refusal when the request was bad after all."""
        ...

    def cancel(self, endpoint: str, request_id: str) -> bool:
        """Ask that the request be stopped; False when it was too late."""
        ...

    def listed(self, endpoint: str, since: datetime) -> Iterable[Listed]:
        """The account's own finished requests to *endpoint* sent after *since*, as far as the platform lists them."""
        ...

    def download(self, url: str, target: Path, size_bytes: int | None, told: Callable[[int, int], None]) -> None:
        """*target* appears only when it is whole, and *size_bytes* long where that is known; *told* gets the bytes so
        far, and how many there are (0: unknown). Raises RemoteError.
        """
        ...
