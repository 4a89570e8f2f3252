"""Job record: everything known about one job. The journal keeps it; `receipt.json` is the same as a document."""

import re
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, ConfigDict, computed_field, model_validator

from prep.model.finding import Finding
from prep.model.limits import Endpoint
from prep.model.redact import without_secrets
from prep.model.value import Value
from prep.pricing.bill import Bill, read_bill
from prep.pricing.cost import Cost
from prep.rules.catalogue.refusal import Billed
from submit.journal.states import UNSENT, JobState
from submit.platform import SANDBOX_ACCOUNT, RequestId, Ticket
from submit.request.build import Request

LEFT_OUT = "…"
# A computer without a battery for its clock starts in 1970.
FIRST_YEAR, LAST_YEAR = 1970, 9999


def _check_id(job_id: str) -> str:
    if not re.fullmatch(r"[0-9a-z]{0,32}", job_id):
        raise ValueError("not the id of a job")
    return job_id


def _check_name(name: str) -> str:
    if re.search(r"[/\\\0]", name) or name in ("", ".", ".."):
        raise ValueError("not a plain file name")
    return name


def _check_time(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year < LAST_YEAR:  # hours are added and subtracted, and time zones changed
        raise ValueError("not a time at which a job can have been made")
    return at


# Records also come from receipts, which anybody may have written: ids and names are joined to folders and URLs.
JobId = Annotated[str, AfterValidator(_check_id)]
PlainName = Annotated[str, AfterValidator(_check_name)]
Time = Annotated[AwareDatetime, AfterValidator(_check_time)]


class Moment(Value):
    """A state and when it was reached; *note* gives a reason that the state alone does not."""

    state: JobState
    at: Time
    note: str = ""


class Video(Value):
    """The downloaded file; *path* is a name in the job's folder."""

    path: PlainName
    sha256: str
    bytes: int


class Failure(Value):
    """The platform's refusal; *billed*: "unknown" if it may charge for what it refused."""

    message: str
    findings: tuple[Finding, ...] = ()
    billed: Billed = "unknown"


class SentFile(NamedTuple):
    """One prepared file, *name* in the job's folder; with a *url* there is none, and the platform fetches that."""

    tag: str
    kind: str
    name: str
    sha256: str
    bytes: int
    media_type: str
    url: str | None = None


class StandIn(Value):
    """A sandbox: the port of its proxy on this computer, and its certificate authority, which is made for it."""

    port: int
    authority: Path
    sha256: str


class JobRecord(Value):
    """*key* identifies the same request about the same content, whatever its URLs are (`submit.job.identity`).

    *account* is a hash of the key it was submitted with, *folder* absolute, *manifest* the content of manifest.json.
    *request* names files as `sha256:...` until they have URLs, and from then on is what is sent. *own_uploads*: the
    caller's own function uploads the files; *upload_to*: the bucket of the user's that they are uploaded to; *expires*:
    how long they are kept there. *result* is the endpoint's answer, *billed_units* what the platform says it charged,
    if it does. *hint* is a request id that came with a doubtful answer. *plan_key* identifies the same request about
    the same sources and steps, before the files are made. *batch* is the batch that sent it, if one did. *stand_in* is
    the sandbox that it was sent to; a receipt does not have it.
    """

    # a newer version of the same schema may have written more
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: JobId
    key: str
    account: str
    endpoint: Endpoint
    state: JobState
    folder: Path
    manifest: dict[str, Any]  # as JSON: a later version must be able to read what an earlier one wrote
    request: Request
    plan_key: str = ""
    batch: str = ""
    stand_in: StandIn | None = None
    cost: Cost | None = None
    webhook: str | None = None
    own_uploads: bool = False
    upload_to: str | None = None
    expires: str | None = None
    ticket: Ticket | None = None
    hint: RequestId | None = None
    result: dict[str, Any] | None = None
    billed_units: str | None = None
    video: Video | None = None
    failure: Failure | None = None
    history: tuple[Moment, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sandbox(self) -> bool:
        """Whether the job ran in a sandbox, where nothing costs."""
        return self.account == SANDBOX_ACCOUNT

    @computed_field  # type: ignore[prop-decorator]
    @property
    def bill(self) -> Bill | None:
        """The bill, in dollars where the quotation has a unit price; None: the platform has not stated one."""
        return read_bill(self.billed_units, self.cost)

    @property
    def owed_microusd(self) -> int:
        """Millionths of a dollar: the bill, or the most it may be while there is none; 0 if certainly nothing."""
        bill = self.bill
        if bill is not None and self.cost is not None and self.cost.unit_usd is not None:
            return _microusd(bill.units * self.cost.unit_usd)
        not_accepted = self.state in UNSENT or (self.state == "cancelled" and self.ticket is None)
        if not_accepted or self.cost is None or (self.failure is not None and self.failure.billed == "no"):
            return 0
        return _microusd(self.cost.max_usd)

    @model_validator(mode="after")
    def _check_files(self) -> Self:
        """Whatever else is wrong with the manifest, its files lie in the job's folder."""
        entries = self.manifest.get("entries")
        for entry in entries if isinstance(entries, list | tuple) else ():
            output = entry.get("output") if isinstance(entry, dict) else None
            path = output.get("path") if isinstance(output, dict) else None
            if path is not None:
                _check_name(str(path))
        return self

    @model_validator(mode="after")
    def _check_video(self) -> Self:
        """A downloaded video is named, and so is where it came from."""
        if self.state == "downloaded" and (self.video is None or self.video_url is None):
            raise ValueError("it is downloaded, but names no video")
        return self

    @property
    def answered_video(self) -> dict[str, Any]:
        """What the platform's answer says of the video; empty: nothing, or there is no answer."""
        video = (self.result or {}).get("video")
        return video if isinstance(video, dict) else {}

    @property
    def video_url(self) -> str | None:
        """Where the platform keeps the video that it answered with; None: there is none."""
        url = self.answered_video.get("url")
        return url if isinstance(url, str) else None

    @property
    def sources(self) -> tuple[tuple[str, str, str], ...]:
        """The tag and the content of each source: its hash, or its fingerprint where only a part of it was read."""
        return tuple(
            (entry["tag"], source.get("sha256") or "", source.get("fingerprint") or "")
            for entry in self.manifest["entries"]
            if isinstance(source := entry.get("source") or {}, dict)
        )

    @property
    def created_at(self) -> datetime:
        return self.history[0].at

    def reached(self, state: JobState) -> datetime | None:
        """When the job last reached *state*; None: never."""
        return next((moment.at for moment in reversed(self.history) if moment.state == state), None)

    @property
    def sent_at(self) -> datetime | None:
        """When its request was first sent, unless that one certainly did not arrive; None: never."""
        after = [moment.state for moment in self.history[1:]]
        sent = zip(self.history, [*after, self.state], strict=True)
        return next((moment.at for moment, then in sent if moment.state == "submitting" and then != "uploaded"), None)

    def redacted(self) -> "JobRecord":
        """The same without what must not be shown or kept in a receipt: the queries and passwords of references' URLs,
        which may give access to the files, and all but the host of the webhook's URL.
        """
        entries = [
            entry | {"output": entry["output"] | {"url": without_secrets(entry["output"].get("url") or "") or None}}
            for entry in self.manifest["entries"]
        ]
        return self.model_copy(
            update={
                "request": self.request.redacted(),
                "manifest": self.manifest | {"entries": entries},
                "history": tuple(
                    moment.model_copy(update={"note": without_secrets(moment.note)}) for moment in self.history
                ),
                "webhook": _host_only(self.webhook) if self.webhook else None,
                "stand_in": None,
            }
        )

    @property
    def files(self) -> tuple[SentFile, ...]:
        return tuple(
            SentFile(
                tag=entry["tag"],
                kind=entry["kind"],
                name=entry["output"]["path"] or "",
                sha256=entry["output"]["sha256"] or "",
                bytes=entry["output"]["bytes"],
                media_type=entry["output"]["media_type"],
                url=entry["output"].get("url"),
            )
            for entry in self.manifest["entries"]
        )


def _microusd(usd: Decimal) -> int:
    return int((usd * 1_000_000).to_integral_value(ROUND_CEILING))


def _host_only(url: str) -> str:
    """`https://me.example/…`: a token may be in the path as well as in the query."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{LEFT_OUT}"
    except ValueError:
        return LEFT_OUT
