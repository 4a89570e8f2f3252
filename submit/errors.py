"""Errors of submission, each with the exit code of the command. Errors of preparation are in `prep.errors`."""

from typing import TYPE_CHECKING, Any, Literal

from prep.errors import ExitCode, PrepError, RefusedError, RemoteError, UsageError
from prep.model.redact import shown
from submit.verdict import verdict_of

if TYPE_CHECKING:
    from prep.model.plan import Plan
    from prep.pricing.cost import Cost
    from submit.batches.row import BadRow
    from submit.request.cheaper import Cheaper
    from submit.request.offer import Offer


class NoSuchJob(UsageError):
    """The journal has no such job."""


class DamagedRecord(UsageError):
    """The journal's record of the job *job_id* can't be read; other jobs are not affected."""

    def __init__(self, job_id: str) -> None:
        name = shown(job_id)
        super().__init__(
            f"job {name}: its record on this computer is damaged, and it may have been paid for. "
            "'prep-and-submit resume DIR' restores it from its --out folder, "
            f"'prep-and-submit forget {name} --yes' forgets it"
        )
        self.job_id = job_id


class TakenRequest(UsageError):
    """The request belongs to another job."""


class JournalUnavailable(RemoteError):
    """The server of the journal can't be reached, or was lost on the way; running the same again continues."""


# What a call of the journal may raise when it can't be used, or another process moved the job.
JOURNAL_ERRORS = (UsageError, JournalUnavailable)


class TooExpensive(RefusedError):
    """The price of *offer* is over the cap. *plan* is what would have been prepared, *cheaper* what keeps the cap."""

    def __init__(self, message: str, offer: "Offer", cheaper: "tuple[Cheaper, ...]") -> None:
        super().__init__(message)
        assert offer.cost is not None
        assert offer.plan is not None
        self.offer = offer
        self.cost: Cost = offer.cost
        self.plan: Plan = offer.plan
        self.cheaper = cheaper

    @property
    def data(self) -> dict[str, Any]:
        """What `--json` adds beside the error."""
        return {
            "cost": self.cost.model_dump(mode="json"),
            "cheaper": [item.model_dump(mode="json") for item in self.cheaper],
            "plan": self.plan.model_dump(mode="json"),
        }


class BadRows(PrepError):
    """Rows of a batch that can't be sent, all of them; nothing was started. *rows* has them in order.

    *others*: there are rows that can be sent. The exit code is 1 if they only break rules.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, rows: "tuple[BadRow, ...]", *, others: bool = True) -> None:
        lines = [str(row) for row in rows]
        if others:
            number = f"{len(rows)} row{'' if len(rows) == 1 else 's'} can't be sent"
            way = f"; `skip_bad=True` continues without {'it' if len(rows) == 1 else 'them'}"
        else:
            number = "the only row can't be sent" if len(rows) == 1 else f"none of the {len(rows)} rows can be sent"
            way = ""
        super().__init__("\n".join([*lines, f"{number}; nothing was started{way}"]))
        self.rows = rows
        self.exit_code = max(row.error.exit_code for row in rows)


class OverBudget(RefusedError):
    """The job may cost more than is left of its batch's budget; it was not sent."""


class BatchPaused(RemoteError):
    """A batch stopped before all rows were sent, as the platform takes no more now; running it again continues it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.data: dict[str, Any] = {}  # what `--json` adds beside the error


class NotSent(RemoteError):
    """The platform could not be reached: the request was certainly not sent."""


class Unreachable(RemoteError):
    """The platform could not be reached: the network is down, or a proxy refuses."""


class SubmitUncertain(RemoteError):
    """The request may or may not have been accepted. Sending it again could pay twice.

    *hint* is the request id that came with the doubtful answer, if one did.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Unasked(SubmitUncertain):
    """The platform can't be asked now whether the request arrived: it is not sent again, whatever the user decides."""


class Refusal(RemoteError):
    """The platform refused the request. *detail* is its answer, *status_code* the status of the response.

    *taken* is False when the submission itself was refused, *request_id* the id that it got all the same. *retryable*
    is what a header says about sending the same request again. *verdict* says whether the refusal was billed and
    whether another attempt can help; *findings* name the user's files.
    """

    def __init__(  # noqa: PLR0913 - public
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
        self.reason = shown(message)
        self.verdict = verdict_of(status_code, types, taken=taken, retryable=retryable)
        super().__init__(f"{self.reason}; {self.verdict}")
        self.status_code = status_code
        self.detail = detail
        self.error_type = error_type
        self.taken = taken
        self.request_id: str | None = None

    def say_not_billed(self) -> None:
        """Let the message say so, as of a sandbox; *verdict* stays what it would be on the platform."""
        self.args = (f"{self.reason}; {self.verdict.model_copy(update={'billed': 'no'})}",)


class RefusedBefore(RemoteError):
    """The same job was refused earlier; *findings* are those of that refusal."""


class UnknownRequest(RemoteError):
    """The platform does not know the request, or no longer has it; or the key belongs to another account."""


class ResultUnavailable(RemoteError):
    """The request is finished and may be billed, but its result can't be fetched. *findings* say if it is gone."""


class StillRunning(RemoteError):
    """The waiting time is over; the job goes on."""


class Hopeless(RemoteError):
    """A failure that another attempt can't change, such as a full disk."""


class SizeDiffers(Hopeless):
    """A file arrived whole, and not as long as the platform's answer says."""


class KeysUnavailable(RemoteError):
    """The platform's public keys can't be fetched now, so the webhook could not be checked."""


class Unverified(PrepError):
    """A webhook that must not be believed. *check* is the first check that failed.

    The message holds nothing of what was received or expected.
    """

    exit_code = ExitCode.REMOTE

    def __init__(self, check: Literal["headers", "timestamp", "signature", "replay", "body"], message: str) -> None:
        super().__init__(f"webhook not verified: {message}")
        self.check = check


class Replayed(Unverified):
    """A genuine webhook whose *request_id* was verified before."""

    def __init__(self, request_id: str) -> None:
        super().__init__("replay", "this request was reported before")
        self.request_id = request_id
