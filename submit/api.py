"""The library: run, submit and resume, from references to the generated video. Prints nothing."""

import os
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from prep.errors import RefusedError, UsageError
from prep.execution.cache import default_folder
from prep.execution.lock import claimed
from prep.inputs.file_name import refuse_bytes
from prep.inputs.references import References
from prep.inputs.resolve import Inputs, resolve, skipped_words
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Options, Plan
from prep.model.progress import Progress
from prep.net.network import Network
from prep.rules import check_request
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.specs.parameters import with_defaults
from prep.stages import make_files, open_context, plan_sources, workplace
from submit.job.context import EXPIRES, POLL_S, JobContext, OnProgress, ignore
from submit.job.fetch import is_video_intact
from submit.job.identity import content_urls, job_key, planned_urls
from submit.job.lifecycle import Decision, advance
from submit.job.manage import find
from submit.job.messages import ended_with_sandbox
from submit.job.prepared_folder import PreparedFolder, load_prepared
from submit.job.receipt import make_room, read_receipt, write_receipt
from submit.job.submission import Outcome, Result, Submission, deliver, interruptible, interruptible_before_job
from submit.job.upload import Uploader
from submit.journal import JobRecord, JobState, Journal
from submit.journal.states import OVER, UNSENT
from submit.journal.store import default_folder as default_journal_folder
from submit.platform import SANDBOX_ACCOUNT, Platform
from submit.request.build import build_request, compile_prompt
from submit.request.cap import refuse_over
from submit.request.offer import Consent, offer_files, offer_plan
from submit.request.order import Confirm, Offer, Order
from submit.request.preflight import probed_again, refuse_over_cap


def run(  # noqa: PLR0913  public: takes keyword options
    references: References,
    prompt: str,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    generation: Generation | None = None,
    options: Options | None = None,
    skip_unreadable: bool = False,
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
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Outcome:
    """Look, plan, price, ask, prepare, upload, submit, wait and download, all into the folder *out*.

    Nothing leaves the machine before *confirm* has returned True for the offer: the plan, its findings and the price
    (`submit.Offer`). It is called once, and again only if the price has risen; None agrees. A job that is in the
    journal of *state* already (None: the default folder) is not paid for again, and nobody is asked: its video is
    waited for or returned; *again* submits another one. *platform* None is fal with the key in FAL_KEY. The platform
    posts the result to the URL *webhook*, with the job's id as a parameter. Without *wait* this returns when the job is
    submitted. *cache* is the folder for prepared files (None: the default folder), *expires* how long the platform
    keeps uploads ("1h", "1d", "7d", "30d", "1y", "never"), *network* where references by URL may lead (None: public
    addresses).

    *skip_unreadable* goes on without references that can't be read; the findings name them, and a prompt that names
    one, or a tag that counts differently without it, is refused.

    Raises what `prep.prepare` raises, NonCompliantError for the prompt, RefusedError before anything is spent (no key,
    a price over *max_cost* in USD, not confirmed), Busy when another process works on the same, and RemoteError when
    the platform failed or refused, which the journal records.
    """
    spec = load_spec(endpoint)
    order = Order(prompt, spec, with_defaults(generation or Generation(), spec), max_cost, confirm, again, webhook)
    cancel = cancel or threading.Event()
    platform = platform or _fal()
    journal = _journal(state, platform)
    ctx = JobContext(platform, journal, progress or ignore, cancel, poll_s, timeout_s, expires)
    folder, started = Path(out), time.monotonic()
    refuse_bytes(folder)
    with open_context(spec, options, network, ctx.progress, cancel) as prep_ctx:
        with interruptible_before_job():
            inputs = resolve(references, prep_ctx).readable(skip_unreadable=skip_unreadable)
            inputs.refuse_output(folder)
            plan, sources = plan_sources(inputs.sources, prep_ctx, inputs.notes)
        proposal = _propose(plan, order, inputs)
        with claimed(folder), Uploader(ctx) as uploader:
            read_receipt(folder)  # an unreadable one is an error before any work
            consent = Consent(order)
            sent = not again and ctx.journal.sent_job_of_plan(ctx.platform.account, _plan_key(plan, proposal))
            if sent and sent.state in OVER:  # if it stays over, no file need be made
                with interruptible(ctx.journal, sent.id):
                    advance(sent, ctx, "submitted", uploader=uploader)
            with interruptible_before_job():
                if not sent:
                    consent.require(proposal)
                # each file is uploaded while others are still being made
                place = workplace(
                    folder, default_folder() if cache is None else cache, None if sent else uploader.start
                )
                manifest = make_files(plan, sources, place, prep_ctx)
            prep_ctx.access.close()  # fetched references are not needed while the platform works
            prepared_s = time.monotonic() - started
            prepared = PreparedFolder(folder, manifest)
            submission = _submit(prepared, order, ctx, uploader, _Asked(consent, _plan_key(plan, proposal)))
            submitted_s = time.monotonic() - started
            result = submission.result(cancel, timeout_s) if wait else None
            done_s = time.monotonic() - started
    timings = {"prepare": prepared_s, "upload": submitted_s - prepared_s, "generate": done_s - submitted_s}
    return Outcome(
        job=submission.job,
        found=submission.found,
        sandbox=submission.record.sandbox,
        manifest=manifest,
        request=submission.record.request.told(),
        cost=submission.record.cost,
        bill=submission.record.bill,
        request_id=submission.request_id,
        result=result,
        timings_s={stage: round(seconds, 3) for stage, seconds in timings.items()},
        findings=(*manifest.findings, *submission.findings),
    )


def offer(  # noqa: PLR0913  public: takes keyword options
    references: References,
    prompt: str,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    generation: Generation | None = None,
    options: Options | None = None,
    skip_unreadable: bool = False,
    max_cost: Decimal | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Offer:
    """Return what `run` would prepare, send and pay, and stop there: no file is made, and no key is needed.

    Raises as `run` does before it asks for consent.
    """
    spec = load_spec(endpoint)
    order = Order(prompt, spec, with_defaults(generation or Generation(), spec), max_cost)
    with open_context(spec, options, network, progress, cancel) as ctx:
        inputs = resolve(references, ctx).readable(skip_unreadable=skip_unreadable)
        plan, _ = plan_sources(inputs.sources, ctx, inputs.notes)
    return _propose(plan, order, inputs)


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
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
) -> Submission:
    """Upload and submit what `prep.prepare` made in *folder*; `.result()` of the return value waits for the video.

    Takes and raises what `run` does, and UsageError when *folder* does not match its manifest. *spec* describes the
    endpoint of the manifest if that is not built in.
    """
    prepared = load_prepared(Path(folder))
    refuse_bytes(prepared.path)
    spec = spec or load_spec(prepared.manifest.endpoint)
    if spec.endpoint != prepared.manifest.endpoint:
        raise UsageError(f"{folder} was prepared for {prepared.manifest.endpoint}; the spec is for {spec.endpoint}")
    order = Order(prompt, spec, with_defaults(generation or Generation(), spec), max_cost, confirm, again, webhook)
    platform = platform or _fal()
    ctx = JobContext(
        platform,
        _journal(state, platform),
        progress or ignore,
        cancel or threading.Event(),
        poll_s,
        expires=expires,
    )
    with claimed(prepared.path), Uploader(ctx) as uploader:
        with interruptible_before_job():
            manifest = probed_again(prepared.path, prepared.manifest, spec, network)
        return _submit(PreparedFolder(prepared.path, manifest), order, ctx, uploader, _Asked(Consent(order)))


def resume(  # noqa: PLR0913  public: takes keyword options
    job: str | os.PathLike[str] | None = None,
    *,
    resubmit: bool = False,
    request_id: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Result:
    """Continue *job* to its video. *job* is an id, the beginning of one, or a folder with a receipt; None: the latest.

    A video that is there already is simply returned. A request that was certainly never sent is sent now. One that may
    have arrived is looked for on the platform, and sent again only with *resubmit*; *request_id* says where it arrived.
    Raises UsageError when there is no such job, SubmitUncertain when it is not known whether it arrived, Refusal when
    it was refused, StillRunning after *timeout_s* seconds, RemoteError when the platform can't be asked.
    """
    journal = Journal(state, writable=False)
    record = find(job, journal)
    if record.state == "downloaded" and is_video_intact(record):
        return deliver(record, record.folder)  # needs no key
    if record.sandbox and not journal.has(record.id):
        raise UsageError(ended_with_sandbox(record))
    cancel, journal = cancel or threading.Event(), Journal(state)  # from here on it has to be writable
    ctx = JobContext(platform or _fal(), journal, progress or ignore, cancel, poll_s, timeout_s)
    with interruptible(journal, record.id):
        record = advance(record, ctx, "downloaded", decision=Decision(resubmit, request_id))
    return deliver(record, record.folder)


class _Asked(NamedTuple):
    """The consent so far, and the key of the plan, empty when there is none."""

    consent: Consent
    plan_key: str = ""


def _propose(plan: Plan, order: Order, inputs: Inputs) -> Offer:
    proposal = offer_plan(plan, order, skipped_words(inputs))
    refuse_over_cap(plan, proposal.cost, order)
    return proposal


def _plan_key(plan: Plan, proposal: Offer) -> str:
    urls = planned_urls(plan)
    lists = {
        f"{kind}_urls": tuple(urls[tag] for tag, one in plan.kinds.items() if one == kind)
        for kind in ("image", "video", "audio")
    }
    return job_key(plan.endpoint, proposal.request.model_copy(update=lists))


def _submit(prepared: PreparedFolder, order: Order, ctx: JobContext, uploader: Uploader, asked: _Asked) -> Submission:
    """Enter the job in the journal, or find it there, and advance it to "submitted"."""
    manifest = prepared.manifest
    compiled, findings = compile_prompt(order.prompt, manifest)
    findings += check_request(order.generation, order.spec)
    request = build_request(compiled, manifest, content_urls(manifest), order.generation)
    proposal = offer_files(manifest, request, findings, order)
    refuse_over(proposal.cost, order)
    draft = JobRecord(
        id="",
        key=job_key(order.spec.endpoint, request),
        account=ctx.platform.account,
        endpoint=order.spec.endpoint,
        state="prepared",
        folder=prepared.path.absolute(),
        manifest=manifest.model_dump(mode="json"),
        request=request,
        plan_key=asked.plan_key,
        cost=proposal.cost,
        webhook=order.webhook,
    )
    job, new = ctx.journal.begin(draft, again=order.again)
    found = job.state not in UNSENT
    note = f" {_FOUND[job.state]}; `again` makes a new one" if found else ""
    ctx.progress(Progress(stage="job", label=job.id, message=f"job {job.id}{note}"))
    with interruptible(ctx.journal, job.id):
        if not found:
            with ctx.journal.claim(job.id):
                _require(asked.consent, proposal, job, new, ctx)
                job = _update(job, draft, new, ctx)
        job = advance(job, ctx, "submitted", uploader=uploader)
    return Submission(job, ctx, prepared, found, findings)


_FOUND: dict[JobState, str] = {
    "submitting": "is being sent already",
    "uncertain": "may have been sent already",
    "submitted": "was submitted already and is not paid for again",
    "completed": "is finished already and is not paid for again",
    "downloaded": "is finished already and is not paid for again",
    "failed": "was refused",
    "cancelled": "was cancelled",
}


def _require(consent: Consent, proposal: Offer, job: JobRecord, new: bool, ctx: JobContext) -> None:
    """Ask for consent, unless it was given already, before anything of *job* leaves the machine."""
    try:
        consent.require(proposal)
    except RefusedError:
        if new:
            ctx.journal.move(job, "cancelled", note="not confirmed")
        raise


def _update(job: JobRecord, draft: JobRecord, new: bool, ctx: JobContext) -> JobRecord:
    """Put what is prepared now into a job that was not sent yet."""
    if not new:
        facts = {name: getattr(draft, name) for name in ("folder", "manifest", "plan_key", "cost", "webhook")}
        job = ctx.journal.move(job, job.state, note="prepared again", **facts)
    make_room(job)
    write_receipt(job)
    return job


def _journal(state: str | os.PathLike[str] | None, platform: Platform) -> Journal:
    """Open the journal in *state*; the default for a sandbox is one of its own, apart from paid jobs."""
    if state is None and platform.account == SANDBOX_ACCOUNT:
        return Journal(default_journal_folder() / "sandbox")
    return Journal(state)


def _fal() -> Platform:
    from submit.fal import Fal, key_from_environment

    return Fal(key_from_environment())
