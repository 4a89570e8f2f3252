"""Run, submit, resume: from references to the generated video. Nothing here prints; the platform is a parameter."""

import os
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from prep.errors import RefusedError, UsageError
from prep.execution.cache import default_folder
from prep.execution.lock import claimed
from prep.inputs.resolve import References, resolve
from prep.model.finding import Finding
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec, Value
from prep.model.manifest import Manifest
from prep.model.plan import Options
from prep.model.progress import Progress
from prep.net.network import Network
from prep.rules import check_request
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.specs.parameters import with_defaults
from prep.stages import make_files, open_context, plan_sources, workplace
from submit.job.context import EXPIRES, POLL_S, Report, Setting
from submit.job.identity import by_content, key_of
from submit.job.lifecycle import carry_on
from submit.job.manage import find
from submit.job.poll import is_whole
from submit.job.prepared_folder import load_prepared
from submit.job.receipt import make_room, read_receipt, write_receipt
from submit.job.submission import Result, Submission, delivered, interruptible, unsent
from submit.job.upload import Uploading
from submit.journal import JobRecord, Journal
from submit.journal.states import UNSENT
from submit.platform import Platform
from submit.request.build import Request, build_request, compile_prompt
from submit.request.cost import Cost, price, refuse_over
from submit.request.preflight import probed_again, refuse_early

Confirm = Callable[[Cost | None], bool]


class Outcome(Value):
    """Everything about one run. *job* is its id in the journal; *found*: it was there already, so nothing was sent.

    *result* is None when it was not waited for. *timings_s* are seconds for each stage; *findings* are warnings.
    """

    job: str
    found: bool
    manifest: Manifest
    request: Request
    cost: Cost | None
    request_id: str
    result: Result | None
    timings_s: dict[str, float]
    findings: tuple[Finding, ...] = ()


def run(  # noqa: PLR0913  public: takes keyword options
    references: References,
    prompt: str,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    generation: Generation | None = None,
    options: Options | None = None,
    max_cost: Decimal | None = None,
    confirm: Confirm | None = None,
    again: bool = False,
    wait: bool = True,
    webhook: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    expires: str = EXPIRES,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: Report | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Outcome:
    """Prepare, price, upload, submit, wait and download, all into the folder *out*.

    A job that is in the journal of *state* already (None: the platform's place for state) is not paid for again: its
    video is fetched, or was; *again* asks for another one. *platform* None is fal with the key in FAL_KEY. *confirm* is
    asked with the price before something new is sent. *webhook* is a URL that the platform tells the result, with the
    job's id as a parameter. Without *wait* this returns when the job is submitted. *cache* is the folder for prepared
    files (None: the platform's place for caches), *expires* how long uploads are kept ("1h", "1d", "7d", "30d", "1y",
    "never"). *network* says where references by URL may lead (None: public ones).

    Raises what `prep.prepare` raises, NonCompliantError for the prompt, RefusedError (no key, a price over *max_cost*
    in USD, not confirmed; nothing was spent), Busy when another process is at work on the same, and RemoteError: the
    platform failed or refused, and the journal knows what of.
    """
    spec, report = load_spec(endpoint), progress or (lambda event: None)
    chosen = with_defaults(generation or Generation(), spec)
    cancel = cancel or threading.Event()
    setting = Setting(platform or _fal(), Journal(state), report, cancel, poll_s, timeout_s, expires)
    folder, started = Path(out), time.monotonic()
    with open_context(spec, options, network, report, cancel) as ctx:
        with unsent():
            planned, sources = plan_sources(resolve(references, ctx), ctx)
        refuse_early(planned, prompt, spec, chosen, max_cost)
        with claimed(folder), Uploading(setting) as uploading:
            read_receipt(folder)  # one that can't be read is told before any work
            with unsent():
                # each file is uploaded while others are still being made
                place = workplace(folder, default_folder() if cache is None else cache, uploading.start)
                manifest = make_files(planned, sources, place, ctx)
            ctx.access.close()  # what was fetched is not kept while the platform works
            prepared_s = time.monotonic() - started
            asked = _Asked(prompt, spec, chosen, max_cost, confirm, again, webhook)
            submission = _submit(folder, manifest, asked, setting, uploading)
            submitted_s = time.monotonic() - started
            result = submission.result(cancel, timeout_s) if wait else None
            done_s = time.monotonic() - started
    timings = {"prepare": prepared_s, "upload": submitted_s - prepared_s, "generate": done_s - submitted_s}
    return Outcome(
        job=submission.job,
        found=submission.found,
        manifest=manifest,
        request=submission.record.request.told(),
        cost=submission.record.cost,
        request_id=submission.request_id,
        result=result,
        timings_s={stage: round(seconds, 3) for stage, seconds in timings.items()},
        findings=(*manifest.findings, *submission.findings),
    )


def submit(  # noqa: PLR0913  public: takes keyword options
    folder: str | os.PathLike[str],
    prompt: str,
    *,
    generation: Generation | None = None,
    spec: EndpointSpec | None = None,
    max_cost: Decimal | None = None,
    confirm: Confirm | None = None,
    again: bool = False,
    webhook: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    expires: str = EXPIRES,
    poll_s: float = POLL_S,
    progress: Report | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Submission:
    """Upload and submit what `prep.prepare` made in *folder*; `.result()` of what is returned waits for the video.

    Takes and raises what `run` does, and UsageError when *folder* does not hold what its manifest says. *spec* is its
    endpoint, where that is not built in.
    """
    path = Path(folder)
    manifest = load_prepared(path)
    if spec is not None and spec.endpoint != manifest.endpoint:
        raise UsageError(f"{path} was prepared for {manifest.endpoint}; the spec is for {spec.endpoint}")
    spec = spec or load_spec(manifest.endpoint)
    chosen = with_defaults(generation or Generation(), spec)
    report = progress or (lambda event: None)
    setting = Setting(platform or _fal(), Journal(state), report, cancel or threading.Event(), poll_s, None, expires)
    with claimed(path), Uploading(setting) as uploading:
        with unsent():
            manifest = probed_again(path, manifest, spec, network)
        asked = _Asked(prompt, spec, chosen, max_cost, confirm, again, webhook)
        return _submit(path, manifest, asked, setting, uploading)


def resume(  # noqa: PLR0913  public: takes keyword options
    job: str | os.PathLike[str] | None = None,
    *,
    resubmit: bool = False,
    request_id: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: Report | None = None,
    cancel: threading.Event | None = None,
) -> Result:
    """Go on with *job*, an id or its beginning, a folder with a receipt, or None for the latest, to its video.

    A video that is there already is simply returned. What was certainly never sent is sent now. What may have arrived
    is looked for on the platform, and sent again only with *resubmit*; *request_id* says under which id it arrived.
    Raises UsageError when there is no such job, SubmitUncertain when nobody can tell, Refusal when it was refused,
    StillRunning after *timeout_s* seconds, RemoteError when the platform can't be asked.
    """
    journal = Journal(state)
    record = find(job, journal)
    if record.state == "downloaded" and is_whole(record):
        return delivered(record, record.folder)  # needs no key
    report = progress or (lambda event: None)
    setting = Setting(platform or _fal(), journal, report, cancel or threading.Event(), poll_s, timeout_s)
    record = interruptible(
        lambda: carry_on(record, setting, "downloaded", resubmit=resubmit, request_id=request_id), record, setting
    )
    return delivered(record, record.folder)


class _Asked(NamedTuple):
    prompt: str
    spec: EndpointSpec
    generation: Generation
    max_cost: Decimal | None
    confirm: Confirm | None
    again: bool
    webhook: str | None


def _submit(folder: Path, manifest: Manifest, asked: _Asked, setting: Setting, uploading: Uploading) -> Submission:
    """Enter the job, or find it, and bring it to "submitted"."""
    compiled, findings = compile_prompt(asked.prompt, manifest)
    findings += check_request(asked.generation, asked.spec)
    cost = price(asked.spec, asked.generation, manifest.totals.video_duration_s)
    refuse_over(cost, asked.max_cost)
    request = build_request(compiled, manifest, by_content(manifest), asked.generation)
    draft = JobRecord(
        id="",
        key=key_of(asked.spec.endpoint, request),
        account=setting.platform.account,
        endpoint=asked.spec.endpoint,
        state="prepared",
        folder=folder.absolute(),
        manifest=manifest.model_dump(mode="json"),
        request=request,
        cost=cost,
        webhook=asked.webhook,
    )
    job, new = setting.journal.begin(draft, again=asked.again)
    unsent = job.state in UNSENT
    setting.report(Progress(stage="job", label=job.id, message=_entered(job, new)))
    if unsent:
        job = interruptible(lambda: _begun(job, draft, new, asked.confirm, setting), job, setting)
    record = interruptible(lambda: carry_on(job, setting, "submitted", uploading=uploading), job, setting)
    return Submission(record, setting, folder, manifest, not unsent, findings)


def _begun(job: JobRecord, draft: JobRecord, new: bool, confirm: Confirm | None, setting: Setting) -> JobRecord:
    """*job*, of which nothing was sent, with what is prepared now. Raises Busy when another holds it."""
    with setting.journal.claim(job.id):
        if confirm is not None and not confirm(draft.cost):
            if new:
                setting.journal.move(job, "cancelled", note="not confirmed")
            raise RefusedError(f"job {job.id}: not confirmed; nothing was submitted")
        if not new:
            now = {"folder": draft.folder, "manifest": draft.manifest, "cost": draft.cost, "webhook": draft.webhook}
            job = setting.journal.move(job, job.state, note="prepared again", **now)
        make_room(job)
        write_receipt(job)
        return job


def _entered(job: JobRecord, new: bool) -> str:
    if new or job.state in UNSENT:
        return f"job {job.id}"
    told = {
        "submitting": "was being sent already",
        "uncertain": "may have been sent already",
        "submitted": "was submitted already, and is not paid for again",
        "completed": "is done already, and is not paid for again",
        "downloaded": "is done already, and is not paid for again",
    }
    return f"job {job.id} {told[job.state]}; `again` makes a new one"


def _fal() -> Platform:
    from submit.fal import Fal, key_from_environment

    return Fal(key_from_environment())
