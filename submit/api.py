"""The library: run, submit and resume, from references to the generated video. Prints nothing."""

import os
import threading
import time
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from prep.errors import UsageError
from prep.execution.cache import default_folder
from prep.inputs.file_name import refuse_bytes
from prep.inputs.references import References
from prep.inputs.resolve import Inputs, resolve, skipped_words
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Options, Plan
from prep.net.network import Network
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.specs.parameters import with_defaults
from prep.stages import make_files, open_context, plan_sources, workplace
from submit.job.context import EXPIRES, POLL_S, JobContext, OnProgress, ignore
from submit.job.entry import Terms, content_request, hold_folder_or_join, join_job, sent_job, submit_prepared
from submit.job.fetch import is_video_intact
from submit.job.identity import job_key, planned_urls
from submit.job.lifecycle import Decision, advance
from submit.job.manage import find
from submit.job.messages import ended_with_sandbox
from submit.job.prepared_folder import PreparedFolder, load_prepared
from submit.job.receipt import read_receipt
from submit.job.submission import Outcome, Result, Submission, deliver, interruptible, interruptible_before_job
from submit.job.upload import Uploader
from submit.journal import Journal
from submit.journal.states import OVER
from submit.journal.store import default_folder as default_journal_folder
from submit.platform import SANDBOX_ACCOUNT, Platform
from submit.request.offer import Consent, offer_plan
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
        terms = Terms(Consent(order), _plan_key(plan, proposal))
        with ExitStack() as stack:
            uploader = stack.enter_context(Uploader(ctx))
            if stack.enter_context(hold_folder_or_join(folder, order, ctx, terms)):
                read_receipt(folder)  # an unreadable one is an error before any work
                sent = sent_job(order, ctx, terms)
                if sent and sent.state in OVER:  # if it stays over, no file need be made
                    with interruptible(ctx.journal, sent.id):
                        advance(sent, ctx, "submitted", uploader=uploader)
                with interruptible_before_job():
                    if not sent:
                        terms.consent.require(proposal)
                    # each file is uploaded while others are still being made
                    place = workplace(
                        folder, default_folder() if cache is None else cache, None if sent else uploader.start
                    )
                    manifest = make_files(plan, sources, place, prep_ctx)
                prep_ctx.access.close()  # fetched references are not needed while the platform works
                prepared_s = time.monotonic() - started
                submission = submit_prepared(PreparedFolder(folder, manifest), order, ctx, uploader, terms)
            else:
                prep_ctx.access.close()
                prepared_s = time.monotonic() - started
                submission = join_job(folder, order, ctx, terms)
            submitted_s = time.monotonic() - started
            result = submission.result(cancel, timeout_s) if wait else None
            done_s = time.monotonic() - started
    timings = {"prepare": prepared_s, "upload": submitted_s - prepared_s, "generate": done_s - submitted_s}
    return Outcome(
        job=submission.job,
        found=submission.found,
        sandbox=submission.record.sandbox,
        manifest=submission.manifest,
        request=submission.record.request.redacted(),
        cost=submission.record.cost,
        bill=submission.record.bill,
        request_id=submission.request_id,
        result=result,
        timings_s={stage: round(seconds, 3) for stage, seconds in timings.items()},
        findings=(*submission.manifest.findings, *submission.findings),
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
    request, _ = content_request(prepared.manifest, order)
    terms = Terms(Consent(order), key=job_key(spec.endpoint, request))
    with Uploader(ctx) as uploader, hold_folder_or_join(prepared.path, order, ctx, terms) as held:
        if not held:
            return join_job(prepared.path, order, ctx, terms)
        with interruptible_before_job():
            manifest = probed_again(prepared.path, prepared.manifest, spec, network)
        return submit_prepared(PreparedFolder(prepared.path, manifest), order, ctx, uploader, terms)


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


def _journal(state: str | os.PathLike[str] | None, platform: Platform) -> Journal:
    """Open the journal in *state*; the default for a sandbox is one of its own, apart from paid jobs."""
    if state is None and platform.account == SANDBOX_ACCOUNT:
        return Journal(default_journal_folder() / "sandbox")
    return Journal(state)


def _fal() -> Platform:
    from submit.fal import Fal, key_from_environment

    return Fal(key_from_environment())
