"""Work: preparing the files, submitting the job and waiting for its video, one at a time, in a thread."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from prep.api import prepare
from prep.errors import Cancelled, PrepError, UsageError
from prep.execution.cache import default_folder
from prep.flag_names import in_flags
from prep.inputs.manifests import read_manifest
from prep.log import get_logger
from prep.model.finding import Finding
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Plan
from prep.model.progress import Progress
from prep.model.redact import shown
from prep.model.value import Value
from prep.net.network import Network
from prep.render.text import made_text
from submit import managing
from submit.api import submit
from submit.job.identity import content_urls
from submit.job.submission import Result
from submit.journal import Journal
from submit.request.offer import Offer

logger = get_logger(__name__)
Stage = Literal["idle", "preparing", "prepared", "submitting", "waiting", "done", "failed", "cancelled"]
BUSY: tuple[Stage, ...] = ("preparing", "submitting", "waiting")
MOST_LINES = 40
POLL_S = 0.5


class FileProgress(Value):
    """How far the work on one file is: *doing* is "prepare" or "upload", *part* 0..1."""

    tag: str
    label: str
    doing: str
    part: float


class WorkState(Value):
    """What is being done, or was done last. *since* and *until* are seconds of the system's clock.

    *job* is an id of the journal, *lines* are messages of the job, the latest last; *error* says why the work ended.
    """

    stage: Stage = "idle"
    files: tuple[FileProgress, ...] = ()
    summary: str = ""
    findings: tuple[Finding, ...] = ()
    error: str = ""
    job: str = ""
    position: int | None = None
    usual_s: float | None = None
    lines: tuple[str, ...] = ()
    video: bool = False
    since: float = 0.0
    until: float | None = None


@dataclass(frozen=True)
class Places:
    """Where a session works: *out* is the folder for files and video, *state* that of the journal (None: the default).

    *spec* describes the endpoint, *network* says where references by URL may lead, *upload_to* names a bucket to upload
    to, *expires* says how long uploads are kept.
    """

    out: Path
    state: Path | str | None
    spec: EndpointSpec
    network: Network | None
    expires: str = "7d"
    upload_to: str | None = None


class Wish(NamedTuple):
    """A job to submit, and the most that may be paid for it: the upper end of the price that was shown.

    *prompt* has the endpoint's tags in the place of names, which the page may have changed since the files were made.
    *most_usd* None: no price is known, and that was shown. *again*: generate, and pay for, another video of a job that
    is done.
    """

    prompt: str
    generation: Generation
    most_usd: Decimal | None
    again: bool = False

    def agrees(self, offer: Offer) -> bool:
        """Whether *offer* is to send the same prompt, and costs no more."""
        if offer.request.prompt != self.prompt:
            return False
        if self.most_usd is None or offer.cost is None:
            return self.most_usd is None and offer.cost is None
        return offer.cost.max_usd <= self.most_usd


class Prepared(NamedTuple):
    """The plan whose files are in the folder, by its *key*, their *content* by tag, and the seconds of its videos."""

    key: object
    content: Mapping[str, str]
    video_s: float


class Work:
    """The work of one session; *touch* is called whenever `state` is another one."""

    def __init__(self, places: Places, touch: Callable[[], None]) -> None:
        self._places = places
        self._touch = touch
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._cancel = threading.Event()
        self.state = WorkState()
        self.prepared: Prepared | None = None
        self.video: Path | None = None
        self.sent: object = None  # what was submitted last

    @property
    def busy(self) -> bool:
        return self.state.stage in BUSY

    def prepare(self, plan: Plan, key: object) -> None:
        """Begin to make the files of *plan*, which *key* identifies. Raises UsageError while something else is done."""

        def work() -> None:
            self.prepared = None
            place = self._places
            manifest = prepare(
                plan,
                place.spec,
                out=place.out,
                cache=default_folder(),
                progress=self._show,
                cancel=self._cancel,
                network=place.network,
            )
            self.prepared = Prepared(key, content_urls(manifest), manifest.totals.video_duration_s)
            self._update(
                stage="prepared", summary=f"{made_text(manifest)}, in {shown(place.out)}/", findings=manifest.findings
            )

        files = tuple(FileProgress(tag=e.tag, label=e.label, doing="prepare", part=0.0) for e in plan.entries)
        self._begin(work, WorkState(stage="preparing", files=files))

    def submit(self, wish: Wish) -> None:
        """Begin to submit what was prepared and wait for its video. Raises UsageError while something else is done."""
        place, prepared = self._places, self.prepared

        def confirm(offer: Offer) -> bool:
            self._refuse_other_files(prepared, offer.content)
            return wish.agrees(offer)

        def work() -> None:
            self._refuse_other_files(prepared, content_urls(read_manifest(place.out)))
            submission = submit(
                place.out,
                wish.prompt,
                generation=wish.generation,
                spec=place.spec,
                confirm=confirm,
                again=wish.again,
                state=place.state,
                expires=place.expires,
                upload_to=place.upload_to,
                poll_s=POLL_S,
                progress=self._show,
                cancel=self._cancel,
                network=place.network,
            )
            self._update(stage="waiting", job=submission.job, files=())
            self._finish(submission.result(self._cancel))

        fresh = {"stage": "submitting", "error": "", "findings": (), "lines": (), "video": False, "job": ""}
        self._begin(work, self.state.model_copy(update=fresh), (prepared, wish.prompt, wish.generation))

    def fetch(self, job: str) -> None:
        """Begin to wait for the job with exactly that id, which was sent before; sends and pays nothing.

        Raises UsageError when the journal has none: other names of a job are those of folders.
        """
        if not Journal(self._places.state, writable=False).has(job):
            raise UsageError(f"{shown(job)}: no job in the journal has this id")

        def work() -> None:
            result = managing.resume(
                job,
                confirm=lambda offer: False,
                state=self._places.state,
                poll_s=POLL_S,
                progress=self._show,
                cancel=self._cancel,
            )
            self._finish(result)

        self._begin(work, WorkState(stage="waiting", job=job))

    def cancel(self) -> None:
        """Stop preparing; ask the platform to stop a job that was sent."""
        if self.state.stage == "waiting" and self.state.job:
            managing.cancel(self.state.job, state=self._places.state)
            return  # the thread that waits sees it
        self._cancel.set()

    def close(self) -> None:
        """Stop waiting, and wait for the thread. A job that was sent goes on: the journal has it."""
        self._cancel.set()
        if self._thread is not None:
            self._thread.join()

    def farewell(self) -> str:
        """What to say of a job that was left at the end of the session; empty when none was."""
        return self.state.error if self.state.job and self.state.stage == "cancelled" else ""

    def _begin(self, work: Callable[[], None], state: WorkState, sent: object = None) -> None:
        with self._lock:
            if self.busy:
                raise UsageError("something else is being done; wait for it, or cancel it")
            self._cancel = threading.Event()
            self.video, self.sent = None, sent
            self.state = state.model_copy(update={"since": time.time(), "until": None})
            self._thread = threading.Thread(target=self._run, args=(work,), name="review-work", daemon=True)
        self._touch()
        self._thread.start()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled as error:
            self._update(stage="cancelled", error=in_flags(str(error)))
        except PrepError as error:
            stage = "cancelled" if self._is_cancelled_job() else "failed"
            self._update(stage=stage, error=in_flags(str(error)), findings=error.findings)
        except Exception as error:
            logger.exception("the work failed")
            self._update(stage="failed", error=f"a bug in prep-and-submit: {type(error).__name__}: {error}")
        self._update(until=time.time(), files=())

    def _is_cancelled_job(self) -> bool:
        if not self.state.job:
            return False
        try:
            record, *_ = managing.status(self.state.job, state=self._places.state)
        except PrepError:
            return False
        return record.state == "cancelled"

    def _refuse_other_files(self, prepared: Prepared | None, content: Mapping[str, str]) -> None:
        """Raise UsageError when *content* is that of other files than *prepared*, which the page shows."""
        if prepared is None or content != prepared.content:
            self.prepared = None
            raise UsageError(f"{shown(self._places.out)}: another command put other files there; prepare them again")

    def _finish(self, result: Result) -> None:
        self.video = Path(result.path)
        self._update(stage="done", video=True, position=None, files=())

    def _update(self, **fields: object) -> None:
        with self._lock:
            self.state = self.state.model_copy(update=fields)
        self._touch()

    def _show(self, event: Progress) -> None:
        """Take one event of the library into the state; it comes from several threads."""
        with self._lock:
            fields = self._changes(event)
            if fields:
                self._update(**fields)

    def _changes(self, event: Progress) -> dict[str, object]:
        fields: dict[str, object] = {}
        if event.stage in ("prepare", "upload", "download") and event.tag:
            doing = "upload" if event.stage == "upload" else "prepare"
            new = FileProgress(tag=event.tag, label=event.label, doing=doing, part=event.part)
            others = tuple(new if file.tag == event.tag else file for file in self.state.files)
            fields["files"] = others if new in others else (*others, new)
        elif event.stage == "job":
            fields["job"] = event.label
        elif event.stage in ("queue", "generate"):
            fields |= {"position": event.position, "usual_s": event.usual_s, "stage": "waiting", "files": ()}
        if event.message:
            fields["lines"] = (*self.state.lines, event.message)[-MOST_LINES:]
        return fields
