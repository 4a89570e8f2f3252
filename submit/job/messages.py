"""Messages about a job that is not finished: what is known, and what to do next."""

from pydantic import ValidationError

from prep.errors import RemoteError
from prep.model.manifest import Manifest
from prep.model.redact import shown
from submit.errors import Refusal, ResultUnavailable, SubmitUncertain, UnknownRequest
from submit.journal import JobRecord
from submit.journal.states import UNSENT
from submit.refusal.translate import findings_of, gone_finding

NOTHING_SENT = (
    "interrupted; nothing was submitted, and nothing will be billed. "
    "Run the same command again to continue where it stopped"
)


def not_submitted(job: JobRecord) -> str:
    """Say that an attempt to submit *job* failed and cost nothing, and what to do next."""
    return (
        "Nothing was submitted or billed. Run the same command again, "
        f"or 'prep-and-submit resume {job.id}', to continue where it stopped"
    )


def next_step(job: JobRecord) -> str | None:
    """What to type next about a job that is at rest without a video; None: nothing can be done, or need be."""
    resume = f"'prep-and-submit resume {job.id}'"
    if job.sandbox:
        return None
    match job.state:
        case state if state in UNSENT:
            return f"nothing was submitted or billed; {resume} shows the price, asks, and submits it"
        case "uncertain" if job.ticket is not None:
            return f"'prep-and-submit result {job.id}' asks for the result again"
        case "uncertain":
            return (
                f"{resume} looks for it on the platform; add `request_id` if your dashboard shows it, "
                "`resubmit` if it certainly never arrived"
            )
        case "submitted" | "completed":
            return f"'prep-and-submit result {job.id}' fetches the video"
        case "failed":
            return f"change the job, or submit, and pay for, the same one once more with {run_again(job)}"
        case _:
            return None


def run_again(job: JobRecord) -> str:
    """The command that submits *job* once more, as a new job: the one it came from."""
    if job.plan_key:
        return "'prep-and-submit run ... --again'"
    return f"'prep-and-submit submit {shown(job.folder)} ... --again'"


def ended_with_sandbox(job: JobRecord) -> str:
    """Say that a sandbox job can't be continued."""
    return (
        f"job {job.id} ran in a sandbox that has ended, or whose exports are not set here; nothing was billed. "
        "Run it again with --sandbox, or without it for the real platform"
    )


def still_running(job: JobRecord) -> str:
    """Say that the wait ended but the job did not."""
    if job.sandbox:
        return (
            f"stopped waiting; job {job.id} goes on while its sandbox runs, and nothing is billed; "
            f"'prep-and-submit result {job.id}' fetches its video"
        )
    request = f" as request {job.ticket.request_id}" if job.ticket else ""
    return (
        f"stopped waiting; job {job.id} goes on{request} and may be billed. "
        f"'prep-and-submit result {job.id}' fetches its video, 'prep-and-submit cancel {job.id}' stops it. "
        "The platform keeps its result for at least an hour"
    )


def owed(job: JobRecord) -> str:
    """Say that the platform has *job*, whatever went wrong here."""
    finished = job.state == "completed"
    if job.sandbox:
        stay = "is finished and waits" if finished else "goes on"
        return f"job {job.id} {stay} while its sandbox runs, and nothing is billed"
    state = "is finished" if finished else "was submitted"
    return f"job {job.id} {state} and may be billed; 'prep-and-submit result {job.id}' fetches its video"


def interrupted(job: JobRecord) -> str:
    """Say after a Ctrl-C what became of *job* and how to return to it, whatever its state."""
    match job.state:
        case state if state in UNSENT:
            return f"interrupted; job {job.id} was not submitted; 'prep-and-submit resume {job.id}' continues it"
        case "submitting" | "uncertain":
            return str(uncertain(job, "interrupted while the request was being sent"))
        case "submitted":
            return still_running(job)
        case "completed":
            return f"interrupted; job {job.id} is finished; 'prep-and-submit result {job.id}' fetches its video"
        case _:
            return f"interrupted; job {job.id} is {job.state}"


def uncertain(job: JobRecord, reason: str, hint: str | None = None) -> SubmitUncertain:
    """Build the error for a job whose request may or may not have arrived."""
    named = f" The answer named request {hint}." if hint else ""
    doubt = f"job {job.id}: {reason}.{named} It was not sent again, because that could pay twice"
    search = f"'prep-and-submit resume {job.id}' looks for it"
    if job.sandbox:
        return SubmitUncertain(f"{doubt} on the real platform. {search} while its sandbox runs", hint)
    at = job.sent_at or job.created_at
    return SubmitUncertain(
        f"{doubt}. {search} on the platform. If your dashboard shows a request of {at:%Y-%m-%d %H:%M} UTC, add "
        "`request_id`. Use `resubmit` only if you are sure that it never arrived: you may pay twice",
        hint,
    )


def still_uncertain(job: JobRecord) -> str:
    """Say that sending *job* again failed, which says nothing of the time before."""
    return (
        "This attempt cost nothing. It is still not known whether the one before arrived; "
        f"'prep-and-submit resume {job.id}' looks for it"
    )


def result_unavailable(job: JobRecord, error: RemoteError) -> ResultUnavailable:
    """Build the error for a job whose request was completed and whose result can't be fetched."""
    request = job.ticket.request_id if job.ticket else "?"
    again = f"'prep-and-submit result {job.id}' asks again"
    return ResultUnavailable(
        f"job {job.id}: request {request} is finished, but {error}. Nothing is billed; {again} while its sandbox runs"
        if job.sandbox
        else f"job {job.id}: request {request} is finished and may be billed, but {error}. {again}; your dashboard may "
        "show the video. 'prep-and-submit run --again' would generate, and pay for, another one",
        (gone_finding(str(error)),) if isinstance(error, UnknownRequest) else (),
    )


def with_findings(error: Refusal, job: JobRecord) -> Refusal:
    """Add findings to *error* that name the user's files; of a sandbox, let it say that nothing was billed."""
    if job.sandbox:
        error.say_not_billed()
    try:
        manifest = Manifest.model_validate(job.manifest)
    except ValidationError:  # written by another version: the findings name no files
        manifest = Manifest.model_construct(entries=())
    error.findings = findings_of(error, manifest)
    return error
