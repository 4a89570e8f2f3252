"""What is said about a job that is not done: what is known, and the next move."""

from pydantic import ValidationError

from prep.model.manifest import Manifest
from submit.errors import Refusal, SubmitUncertain
from submit.journal import JobRecord
from submit.journal.states import UNSENT
from submit.refusal.translate import findings_of

NOTHING_SENT = (
    "interrupted; nothing was submitted, and nothing is to be paid for. "
    "Run the same again, and it goes on from what is finished"
)


def goes_on(job: JobRecord) -> str:
    """Said when somebody stops waiting: the job does not stop."""
    known = f" as request {job.ticket.request_id}" if job.ticket else ""
    return (
        f"stopped waiting; job {job.id} goes on{known} and is billed. 'prep-and-submit result {job.id}' fetches its "
        f"video, 'prep-and-submit cancel {job.id}' stops it; results are kept for about an hour"
    )


def stopped(job: JobRecord) -> str:
    """Said after a Ctrl-C, whatever the state."""
    if job.state in UNSENT:
        return f"interrupted; nothing of job {job.id} was submitted; 'prep-and-submit resume {job.id}' goes on with it"
    if job.state == "completed":
        return f"interrupted; job {job.id} is done, and 'prep-and-submit result {job.id}' fetches its video"
    if job.state in ("submitting", "uncertain"):
        return str(doubt(job, "interrupted while it was sent"))
    return goes_on(job) if job.state == "submitted" else f"interrupted; job {job.id} is {job.state}"


def doubt(job: JobRecord, why: str, hint: str | None = None) -> SubmitUncertain:
    """Said of a job of which nobody here knows whether it arrived."""
    at = job.reached("submitting") or job.created_at
    return SubmitUncertain(
        f"job {job.id}: {why}. It was not sent again, since that could pay twice. "
        f"'prep-and-submit resume {job.id}' looks for it on the platform. If your dashboard shows a request of "
        f"{at:%Y-%m-%d %H:%M} UTC, add `request_id`; if it shows none, `resubmit` sends it again",
        hint,
    )


def explained(error: Refusal, job: JobRecord) -> Refusal:
    """*error* with findings that name the user's files."""
    try:
        manifest = Manifest.model_validate(job.manifest)
    except ValidationError:  # written by another version: what is said is said without files
        manifest = Manifest.model_construct(entries=())
    error.findings = findings_of(error, manifest)
    return error
