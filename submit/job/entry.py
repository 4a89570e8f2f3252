"""Entry: a prepared set becomes a job in the journal, once, and is submitted."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from prep.errors import Busy, RefusedError
from prep.execution.lock import claimed
from prep.log import get_logger, logged_about
from prep.model.finding import Finding
from prep.model.manifest import Manifest
from prep.model.progress import Progress
from prep.telemetry.names import JOB_FOUND
from prep.telemetry.spans import annotate
from submit.bucket_uploads import BucketUploads
from submit.job.claim import claim
from submit.job.context import JobContext
from submit.job.identity import content_urls, job_key
from submit.job.lookup import adopt_receipts
from submit.job.next_step import Decision, advance
from submit.job.prepared_folder import PreparedFolder
from submit.job.receipt import make_room, write_receipt
from submit.job.remote.upload import Uploader
from submit.job.submission import Submission, interruptible
from submit.journal import JobRecord, JobState
from submit.journal.states import UNSENT
from submit.journal.telemetry import job_facts
from submit.request.agreement import Consent, check_order, offer_files
from submit.request.build import Request, build_request, compile_prompt, refuse_half_characters
from submit.request.cap import refuse_over
from submit.request.offer import Offer, Order

logger = get_logger(__name__)


class Terms(NamedTuple):
    """What the caller has agreed to so far, and the key of the job, or of the plan for it."""

    consent: Consent
    plan_key: str = ""
    key: str = ""


# What a job that was not sent yet takes over from the call that prepares it again.
UPDATED = ("folder", "manifest", "plan_key", "cost", "webhook", "own_uploads", "upload_to", "expires")
_FOUND: dict[JobState, str] = {
    "submitting": "is being sent already",
    "uncertain": "may have been sent already",
    "submitted": "was submitted already and is not paid for again",
    "completed": "is finished already and is not paid for again",
    "downloaded": "is finished already and is not paid for again",
    "failed": "was refused",
    "cancelled": "was cancelled",
}


def content_request(manifest: Manifest, order: Order, *, prepared: bool = True) -> tuple[Request, tuple[Finding, ...]]:
    """The request with the content of the files in the place of their URLs, and the findings about it.

    *prepared*: an earlier command made the files.
    """
    compiled, findings = compile_prompt(order.prompt, manifest)
    request = build_request(compiled, manifest, content_urls(manifest), order.generation)
    media = {entry.tag: entry.output.info for entry in manifest.entries}
    return request, (*findings, *check_order(order, manifest, media, prepared=prepared))


def sent_job(order: Order, ctx: JobContext, terms: Terms) -> JobRecord | None:
    return None if order.again else ctx.journal.sent_job(ctx.platform.account, key=terms.key, plan_key=terms.plan_key)


@contextmanager
def hold_folder_or_join(folder: Path, order: Order, ctx: JobContext, terms: Terms) -> Iterator[bool]:
    """Hold *folder*; False when another process works there on the very job that is wanted.

    A journal that was lost learns from the receipts there what was sent. Raises Busy, and UsageError when the receipt
    can't be read.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(claimed(folder))
        except Busy:
            sent = sent_job(order, ctx, terms)
            if sent is None or sent.folder != folder.absolute():
                raise
            yield False
        else:
            adopt_receipts(folder, ctx.platform.account, ctx.journal)
            yield True


def join_job(folder: Path, order: Order, ctx: JobContext, terms: Terms) -> Submission:
    """Wait for the job that another process works on in *folder* until that is submitted."""
    job = sent_job(order, ctx, terms)
    assert job is not None
    _announce(job, ctx)
    prepared = PreparedFolder(folder, Manifest.model_validate(job.manifest))
    proposal = _propose(prepared.manifest, order, terms)[0]
    with interruptible(ctx.journal, job.id):
        job = advance(job, ctx, "submitted", decision=_if_agreed(terms.consent, proposal))
    return Submission(job, ctx, prepared, found=True, findings=())


def submit_prepared(
    prepared: PreparedFolder, order: Order, ctx: JobContext, uploader: Uploader, terms: Terms
) -> Submission:
    """Enter the job in the journal, or find it there, and advance it to "submitted"."""
    manifest = prepared.manifest
    proposal, request, findings = _propose(manifest, order, terms)
    refuse_over(proposal.cost, order)
    refuse_half_characters(order.webhook or "", "the webhook")
    draft = JobRecord(
        id="",
        key=job_key(order.spec.endpoint, request),
        account=ctx.platform.account,
        endpoint=order.spec.endpoint,
        state="prepared",
        folder=prepared.path.absolute(),
        manifest=manifest.model_dump(mode="json"),
        request=request,
        plan_key=terms.plan_key,
        cost=proposal.cost,
        webhook=order.webhook,
        own_uploads=order.own_uploads,
        expires=ctx.expires,
        upload_to=ctx.upload.to if isinstance(ctx.upload, BucketUploads) else None,
    )
    job, new = ctx.journal.begin(draft, again=order.again)
    annotate({JOB_FOUND: not new, **job_facts(job)})
    if not new:
        _announce(job, ctx)
    with interruptible(ctx.journal, job.id), logged_about(job=job.id):
        logger.info("%s in %s", "entered" if new else "found", ctx.journal.name)
        with claim(job.id, ctx, _was_sent) as (current, _):
            if not (found := _was_sent(current)):
                _require(terms.consent, proposal, current, new, ctx)
                if new:  # announced before, it would stand above the question
                    _announce(current, ctx)
                _update(current, draft, new, ctx)
        job = advance(job, ctx, "submitted", uploader=uploader, decision=_if_agreed(terms.consent, proposal))
    return Submission(job, ctx, prepared, found, findings)


def _propose(manifest: Manifest, order: Order, terms: Terms) -> tuple[Offer, Request, tuple[Finding, ...]]:
    request, findings = content_request(manifest, order, prepared=not terms.plan_key)
    return offer_files(manifest, request, findings, order), request, findings


def _if_agreed(consent: Consent, proposal: Offer) -> Decision:
    """Nobody was asked about a job that was being sent: it is agreed to only if that has failed."""
    return Decision(agree=lambda job: consent.require(proposal))


def _announce(job: JobRecord, ctx: JobContext) -> None:
    note = f" {_FOUND[job.state]}; `again` makes a new one" if job.state in _FOUND else ""
    ctx.progress(Progress(stage="job", label=job.id, message=f"job {job.id}{note}"))


def _require(consent: Consent, proposal: Offer, job: JobRecord, new: bool, ctx: JobContext) -> None:
    """Ask for consent, unless it was given already, before anything of *job* leaves the machine."""
    try:
        consent.require(proposal)
    except RefusedError:
        if new:
            ctx.journal.move(job, "cancelled", note="not agreed to")
        raise


def _was_sent(job: JobRecord) -> bool:
    return job.state not in UNSENT


def _update(job: JobRecord, draft: JobRecord, new: bool, ctx: JobContext) -> None:
    """Put what is prepared now into a job that was not sent yet."""
    if not new:
        facts = {name: getattr(draft, name) for name in UPDATED}
        job = ctx.journal.move(job, job.state, note="prepared again", **facts)
    make_room(job)
    write_receipt(job)
