"""What the flow asks of a platform. `submit.fal` is the real one; tests have one in memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from prep.errors import RemoteError
from prep.model.finding import Finding
from prep.model.limits import Value
from prep.model.shown import shown
from submit.verdict import verdict_of

# What the platform names things with: printable ASCII.
Plain = Annotated[str, Field(pattern=r"^[ -~]{0,2000}$")]


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


class SubmitUncertain(RemoteError):
    """The request may or may not have been accepted. It must not be sent again unasked: that could pay twice."""


class Refusal(RemoteError):
    """The platform answered that the request is refused. *detail* is its answer, *status_code* that of the
    response; *taken* is False when the submit itself was refused, *retryable* what a header says about sending the same
    again. *verdict* says whether it costs and whether that can help; *findings* tell all about the user's files.
    """

    def __init__(
        self,
        message: str,
        status_code: int,
        detail: Any,
        error_type: str | None = None,
        *,
        taken: bool = True,
        retryable: bool | None = None,
    ) -> None:
        problems = detail if isinstance(detail, list) else [{"type": error_type}]
        types = [str(item.get("type")) for item in problems if isinstance(item, dict)]
        self.verdict = verdict_of(status_code, types, taken=taken, retryable=retryable)
        super().__init__(f"{shown(message)}; {self.verdict}")
        self.status_code = status_code
        self.detail = detail
        self.error_type = error_type
        self.taken = taken
        self.findings: tuple[Finding, ...] = ()


class Platform(Protocol):
    """All methods raise RemoteError (Refusal, SubmitUncertain) and nothing of the client library's own."""

    def upload(self, path: Path, media_type: str) -> str:
        """The URL under which the file can be fetched."""
        ...

    def submit(self, endpoint: str, arguments: Mapping[str, Any]) -> Ticket:
        """Send the request: once. Raises SubmitUncertain when it is not known whether it arrived."""
        ...

    def state(self, endpoint: str, request_id: str) -> State: ...

    def result(self, endpoint: str, request_id: str) -> dict[str, Any]:
        """The answer of a completed request; raises Refusal when the request was bad after all."""
        ...

    def download(self, url: str, target: Path) -> None: ...
