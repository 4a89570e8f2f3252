"""The library: run, offer and submit, from references to the generated video. Prints nothing."""

import os
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from prep.errors import UsageError
from prep.execution.cache import Cache
from prep.inputs.access import Access
from prep.inputs.file_name import refuse_bytes
from prep.inputs.references import References
from prep.model.context import Where
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.manifest import Manifest
from prep.model.plan import Options
from prep.model.progress import OnProgress, ignore
from prep.net.network import Network
from prep.pricing.dollars import Dollars, dollars
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.specs.parameters import for_generation, with_defaults
from prep.stages import make_files, open_context, workplace
from prep.telemetry import names
from prep.telemetry.spans import annotate, traced
from prep.validation import expect_function
from submit.bucket_uploads import UploadFile, check_upload_to, uploads_to
from submit.job.context import EXPIRES, POLL_S, JobContext, check_expires
from submit.job.defaults import open_journal, platform_for_new_jobs
from submit.job.entry import Terms, content_request, hold_folder_or_join, join_job, sent_job, submit_prepared
from submit.job.identity import job_key
from submit.job.lookup import adopt_receipts
from submit.job.prepared_folder import PreparedFolder, load_prepared
from submit.job.proposal import open_references, propose
from submit.job.remote.upload import Uploader
from submit.job.submission import Outcome, Submission, interruptible_before_job, outcome_of
from submit.journal import JobRecord
from submit.journal.telemetry import job_facts
from submit.platform import SANDBOX_ACCOUNT, Platform
from submit.request.agreement import Consent, offer_files
from submit.request.offer import Confirm, Offer, Order
from submit.request.preflight import check_webhook, people_in_files, probed_again, with_findings


@traced(names.RUN)
def run(  # noqa: PLR0913  public: takes keyword options
    references: References,
    prompt: str,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    generation: Generation | None = None,
    options: Options | None = None,
    skip_unreadable: bool = False,
    max_cost: Dollars | None = None,
    confirm: Confirm | None = None,
    again: bool = False,
    wait: bool = True,
    webhook: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    uploader: UploadFile | None = None,
    upload_to: str | None = None,
    expires: str = EXPIRES,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
    isolation: Where = "process",
) -> Outcome:
    """Look, plan, price, ask, prepare, upload, submit, wait and download, all into the folder *out*.

    Nothing leaves the machine before *confirm* has returned True for the offer: the plan, its findings and the
    price (`submit.Offer`). It is called once, and again, before anything is paid, if the price has risen or making
    the files has shown damage; None agrees. A job that is in the journal of *state* already (None: the default
    folder) is not paid for again, and nobody is asked: its video is waited for or returned; *again* submits another
    one. *platform* None is fal with the key in FAL_KEY. The platform posts the result to the URL *webhook*, with
    the job's id as a parameter. Without *wait* this returns when the job is submitted. *cache* is as in
    `prep.prepare` (None: the default folder), *expires* how long the platform keeps uploads ("1h", "1d", "7d",
    "30d", "1y", "never"), *network* where references by URL may lead (None: public addresses).

    *uploader* uploads the files in the place of the platform: called with the path of a file, from several threads, it
    returns an https URL that the platform can read until the job is finished. What it raises ends the run as a
    RemoteError that names the file; it is not called again. *upload_to*, `s3://bucket/prefix` (also gs, az), uploads
    them to a bucket of your own instead, with the credentials of the environment: the platform gets signed URLs, which
    work for as long as *expires* says, and 7 days at most.

    *isolation* is as in `prep.check`. *skip_unreadable* goes on without references that can't be read; the findings
    name them, and a prompt that names one, or a tag that counts differently without it, is refused.

    Raises what `prep.prepare` raises, NonCompliantError for the prompt, RefusedError before anything is spent (no key,
    a price over *max_cost* in USD, not agreed to), Busy when another process works on the same, and RemoteError when
    the platform failed or refused, which the journal records.
    """
    spec = load_spec(endpoint)
    chosen, cap = with_defaults(generation or Generation(), spec), dollars("max_cost", max_cost)
    order = Order(prompt, spec, chosen, cap, confirm, again, webhook, own_uploads=uploader is not None)
    options = for_generation(options or Options(), chosen, spec)
    expect_function(uploader=uploader)
    check_upload_to(upload_to, uploader)
    check_webhook(webhook)
    check_expires(expires)
    cancel = cancel or threading.Event()
    folder, started = Path(out), time.monotonic()
    refuse_bytes(folder)
    with open_context(spec, Access(network, isolation, Cache(cache)), options, progress, cancel) as prep_ctx:
        with interruptible_before_job():
            inputs = open_references(references, prep_ctx, skip_unreadable=skip_unreadable, out=folder)
            proposal = propose(inputs, order, prep_ctx)
        platform = platform or platform_for_new_jobs()  # what is wrong with the job is said before a key is asked for
        journal = open_journal(state, platform)
        upload = uploads_to(upload_to, uploader, expires, sandbox=platform.account == SANDBOX_ACCOUNT)
        ctx = JobContext(platform, journal, progress or ignore, cancel, poll_s, timeout_s, expires, upload)
        terms = Terms(Consent(order), proposal.key)
        with ExitStack() as stack:
            uploads = stack.enter_context(Uploader(ctx))
            if stack.enter_context(hold_folder_or_join(folder, order, ctx, terms)):
                sent = sent_job(order, ctx, terms)
                with interruptible_before_job():
                    if not sent:
                        terms.consent.require(proposal.offer)
                    # each file is uploaded while others are still being made
                    place = workplace(folder, prep_ctx, None if sent else uploads.start)
                    manifest = make_files(proposal.plan, proposal.sources, place, prep_ctx)
                prep_ctx.access.close()  # fetched references are not needed while the platform works
                prepared_s = time.monotonic() - started
                submission = submit_prepared(PreparedFolder(folder, manifest), order, ctx, uploads, terms)
            else:
                prep_ctx.access.close()
                prepared_s = time.monotonic() - started
                submission = join_job(folder, order, ctx, terms)
            submitted_s = time.monotonic() - started
            result = submission.result(cancel, timeout_s) if wait else None
            done_s = time.monotonic() - started
    annotate(job_facts(submission.record))
    timings = {"prepare": prepared_s, "upload": submitted_s - prepared_s, "generate": done_s - submitted_s}
    outcome = outcome_of(submission, result)
    return outcome.model_copy(
        update={
            "timings_s": {stage: round(seconds, 3) for stage, seconds in timings.items()},
            "findings": (*outcome.manifest.findings, *outcome.findings),
        }
    )


@traced(names.OFFER)
def offer(  # noqa: PLR0913  public: takes keyword options
    references: References,
    prompt: str,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str] | None = None,
    generation: Generation | None = None,
    options: Options | None = None,
    skip_unreadable: bool = False,
    max_cost: Dollars | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
    isolation: Where = "process",
) -> Offer:
    """Return what `run` would prepare, send and pay, and stop there: no file is made, and no key is needed.

    *out* is the folder that `run` would fill; None: it is not looked at. *cache* is as in `run`. Raises as `run` does
    before it asks for consent.
    """
    spec = load_spec(endpoint)
    order = Order(prompt, spec, with_defaults(generation or Generation(), spec), dollars("max_cost", max_cost))
    options = for_generation(options or Options(), order.generation, spec)
    with open_context(spec, Access(network, isolation, Cache(cache)), options, progress, cancel) as ctx:
        folder = None if out is None else Path(out)
        inputs = open_references(references, ctx, skip_unreadable=skip_unreadable, out=folder)
        return propose(inputs, order, ctx).offer


def offer_prepared(
    folder: str | os.PathLike[str],
    prompt: str,
    *,
    generation: Generation | None = None,
    spec: EndpointSpec | None = None,
    network: Network | None = None,
) -> Offer:
    """Return what `submit` would send and pay, and stop there: the files are checked, and no key is needed.

    Raises as `submit` does before it asks for consent; there is no cap, the caller compares `cost`.
    """
    prepared, order = _order_for(folder, prompt, generation, spec)
    content_request(prepared.manifest, order)  # a wrong prompt is refused before the files are opened
    manifest, new = _checked_again(prepared, order.spec, network)
    offer = offer_files(manifest, *content_request(manifest, order), order)
    return offer.model_copy(update={"recorded": len(manifest.findings) - new})


def sent_before(
    folder: str | os.PathLike[str],
    prompt: str,
    *,
    generation: Generation | None = None,
    state: str | os.PathLike[str] | None = None,
) -> JobRecord | None:
    """Return the job that `submit` would find rather than send; None: it would ask, send and pay.

    Raises as `submit` does before it asks for consent, RefusedError without a key among it.
    """
    prepared, order = _order_for(folder, prompt, generation, None)
    request, _ = content_request(prepared.manifest, order)
    platform = platform_for_new_jobs()
    key, journal = job_key(order.spec.endpoint, request), open_journal(state, platform)
    adopt_receipts(prepared.path, platform.account, journal)
    return journal.sent_job(platform.account, key=key)


@traced(names.SUBMIT_CALL)
def submit(  # noqa: PLR0913  public: takes keyword options
    folder: str | os.PathLike[str],
    prompt: str,
    *,
    generation: Generation | None = None,
    spec: EndpointSpec | None = None,
    max_cost: Dollars | None = None,
    confirm: Confirm | None = None,
    again: bool = False,
    webhook: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    uploader: UploadFile | None = None,
    upload_to: str | None = None,
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
    check_webhook(webhook)
    check_expires(expires)
    prepared, order = _order_for(folder, prompt, generation, spec)
    cap = dollars("max_cost", max_cost)
    order = order._replace(
        max_cost=cap, confirm=confirm, again=again, webhook=webhook, own_uploads=uploader is not None
    )
    expect_function(uploader=uploader)
    request, _ = content_request(prepared.manifest, order)  # wrong prompts are refused before a key is asked for
    platform = platform or platform_for_new_jobs()
    ctx = JobContext(
        platform,
        open_journal(state, platform),
        progress or ignore,
        cancel or threading.Event(),
        poll_s,
        expires=expires,
        upload=uploads_to(upload_to, uploader, expires, sandbox=platform.account == SANDBOX_ACCOUNT),
    )
    terms = Terms(Consent(order), key=job_key(order.spec.endpoint, request))
    with Uploader(ctx) as uploads, hold_folder_or_join(prepared.path, order, ctx, terms) as held:
        if not held:
            return join_job(prepared.path, order, ctx, terms)
        with interruptible_before_job():
            manifest, _ = _checked_again(prepared, order.spec, network)
        return submit_prepared(PreparedFolder(prepared.path, manifest), order, ctx, uploads, terms)


def _order_for(
    folder: str | os.PathLike[str], prompt: str, generation: Generation | None, spec: EndpointSpec | None
) -> tuple[PreparedFolder, Order]:
    """Load *folder*, and order its files with its endpoint's defaults. Raises UsageError when *spec* is of another."""
    prepared = load_prepared(Path(folder))
    refuse_bytes(prepared.path)
    spec = spec or load_spec(prepared.manifest.endpoint)
    if spec.endpoint != prepared.manifest.endpoint:
        raise UsageError(f"{folder} was prepared for {prepared.manifest.endpoint}; the spec is for {spec.endpoint}")
    return prepared, Order(prompt, spec, with_defaults(generation or Generation(), spec))


def _checked_again(prepared: PreparedFolder, spec: EndpointSpec, network: Network | None) -> tuple[Manifest, int]:
    """The manifest of the files as they are now, with findings about people in them last, and the number of these."""
    manifest = probed_again(prepared.path, prepared.manifest, spec, network)
    people = people_in_files(prepared.path, manifest, spec)
    return with_findings(manifest, people), len(people)
