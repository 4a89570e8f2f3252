"""The library for many jobs: `batch` surveys them and asks once; iterating it runs them. Prints nothing."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from prep.errors import RefusedError, UsageError
from prep.execution.cache import default_folder
from prep.inputs.jobs import Job
from prep.model.context import Where
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Options
from prep.model.progress import ignore
from prep.net.network import Network
from prep.net.object_url import is_object_url
from prep.pricing.dollars import Dollars, dollars
from prep.telemetry.names import SURVEY
from prep.telemetry.spans import traced
from prep.validation import expect, expect_function, short
from submit.batches.executors.executor import LOCAL, choose_executor
from submit.batches.progress import OnBatchProgress
from submit.batches.reading import Complete, read_rows, rows_of
from submit.batches.results.folder import find_note, open_folder, refuse_without_payments
from submit.batches.results.mirror import Mirror, folder_for
from submit.batches.row import BadRow, Row
from submit.batches.run import Batch, Course
from submit.batches.scheduler import Desk
from submit.batches.survey import BatchOffer, Look, survey_rows
from submit.bucket_uploads import check_upload_to, uploads_to
from submit.job.context import EXPIRES, POLL_S, JobContext, check_expires
from submit.job.defaults import open_journal, platform_for_new_jobs
from submit.journal.budget import Budget
from submit.platform import SANDBOX_ACCOUNT, Platform
from submit.request.preflight import check_webhook

CONCURRENCY, MOST_AT_ONCE = 2, 500  # what a new account may run at a time; far more than any account may
Jobs = str | os.PathLike[str] | Iterable[Job | Mapping[str, Any]] | Iterable[Row | BadRow]
ConfirmBatch = Callable[[BatchOffer], bool]


@traced(SURVEY)
def batch(  # noqa: PLR0913  public: takes keyword options
    jobs: Jobs,
    *,
    out: str | os.PathLike[str],
    endpoint: str | EndpointSpec | None = None,
    generation: Generation | None = None,
    options: Options | None = None,
    skip_bad: bool = False,
    max_cost: Dollars | None = None,
    confirm: ConfirmBatch | None = None,
    concurrency: int = CONCURRENCY,
    workers: int | None = None,
    executor: str = LOCAL,
    work: str | None = None,
    fail_fast: bool = False,
    webhook: str | None = None,
    upload_to: str | None = None,
    platform: Platform | None = None,
    state: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    expires: str = EXPIRES,
    poll_s: float = POLL_S,
    timeout_s: float | None = None,
    progress: OnBatchProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
    isolation: Where = "process",
    command: str = "",
) -> Batch:
    """Open, probe and price many jobs, ask, and return the batch, which runs when it is iterated.

    *jobs* is a file, an object or a folder of jobs (docs/batches.md), or an iterable of mappings with the keys of a job
    file and `id`; *endpoint*, *generation* and *options* are for what a job leaves open. Results go to the folder
    *out*, which is the batch: calling this again with the same folder goes on with it, and rows that are done are not
    looked at. *out* may be the address of a prefix in object storage, such as `s3://bucket/prefix`.

    *max_cost*, in US dollars, is the most that all jobs of the folder may cost together, over all runs and processes.
    *confirm* is called once with the `BatchOffer`; nothing leaves the machine unless it returns True, and without
    *max_cost* the upper price that it was shown is the most that is spent. None agrees. *concurrency* jobs are in
    flight on the platform at a time; *workers* rows are prepared at a time (None: one per processor), by
    *executor*: "local", or on a cluster, "ray" or "ray://ADDRESS" (docs/batches.md), with *work* as the place for files
    between machines. *fail_fast*
    sends nothing more after the first row that fails. *timeout_s* is the wait for each job. *progress* is called in
    the thread that iterates; the other parameters are as for `run`.

    Raises BadRows, with all problems of all rows, unless *skip_bad* leaves them out, RefusedError when not agreed to or
    without a key, and UsageError for a list or a folder that can't be used.
    """
    expect(Generation, generation=generation)
    expect(Options, options=options)
    expect_function(confirm=confirm, progress=progress)
    for name, number in (("concurrency", concurrency), ("workers", workers)):
        if number is not None and (type(number) is not int or not 1 <= number <= MOST_AT_ONCE):
            raise UsageError(f"{name}: should be a whole number from 1 to {MOST_AT_ONCE}, not {short(number)}")
    check_upload_to(upload_to)
    check_webhook(webhook)
    check_expires(expires)
    begin_executor = choose_executor(executor, workers, work)
    cap, folder = dollars("max_cost", max_cost), folder_for(out, state)
    cancel = cancel or threading.Event()
    specs = {endpoint.endpoint: endpoint} if isinstance(endpoint, EndpointSpec) else {}
    look = Look(specs, network, isolation, cancel)
    found = survey_rows(_rows(jobs, _completing(endpoint, generation, options)), look, folder)
    found.refuse_bad(skip_bad=skip_bad)
    platform = platform or platform_for_new_jobs()
    journal = open_journal(state, platform)
    if note := find_note(folder, platform.account):
        refuse_without_payments(folder, note, journal, journal.name)
    spent = journal.spent_usd(note.id) if note else Decimal(0)
    offer = found.offer(cap, spent)
    if confirm is not None and found.rows and not confirm(offer):
        raise RefusedError("not agreed to; nothing was uploaded or submitted")
    note = open_folder(folder, platform.account, journal, len(found.ids), command)
    mirror = Mirror(str(out), folder, cancel) if is_object_url(str(out)) else None
    if mirror:
        mirror.claim(note)
    if cap is None and confirm is not None and not offer.unpriced:
        cap = spent + offer.cost.max_usd  # nothing is paid beyond what was shown
    ctx = JobContext(
        platform,
        journal,
        cancel=cancel,
        poll_s=poll_s,
        timeout_s=timeout_s,
        expires=expires,
        upload=uploads_to(upload_to, None, expires, sandbox=platform.account == SANDBOX_ACCOUNT),
        budget=Budget(note.id, cap),
    )
    desk = Desk(
        folder=folder,
        ctx=ctx,
        look=look,
        concurrency=concurrency,
        cache=default_folder() if cache is None else Path(cache),
        webhook=webhook,
        fail_fast=fail_fast,
    )
    course = Course(note, found.rows, found.ids, desk, begin_executor, progress or ignore, mirror)
    return Batch(offer, course)


def _rows(jobs: Jobs, complete: Complete) -> Iterable[Row | BadRow]:
    if isinstance(jobs, str | os.PathLike):
        return read_rows(jobs, complete)
    if not isinstance(jobs, Iterable):
        raise UsageError(f"jobs: should be a file, a folder or a list of jobs, not {short(jobs)}")
    listed = list(jobs)
    if any(isinstance(item, Row | BadRow) for item in listed):
        return [item for item in listed if isinstance(item, Row | BadRow)]
    return rows_of([item for item in listed if not isinstance(item, Row | BadRow)], complete)


def _completing(
    endpoint: str | EndpointSpec | None, generation: Generation | None, options: Options | None
) -> Complete:
    """What a call says puts into each job what that leaves open."""
    name = endpoint.endpoint if isinstance(endpoint, EndpointSpec) else endpoint
    asked = generation.asked() if generation else {}
    chosen = options.model_dump(exclude_unset=True) if options else {}

    def complete(job: Job) -> Job:
        return job.model_copy(
            update={
                **({"endpoint": job.endpoint or name} if name else {}),
                **({"generation": Generation(**(asked | job.generation.asked()))} if asked else {}),
                **({"options": Options(**(chosen | job.options.model_dump(exclude_unset=True)))} if chosen else {}),
            }
        )

    return complete
