"""The view of the work and of earlier jobs, as JSON for the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prep.flag_names import in_flags
from prep.model.redact import shown
from submit.job.messages import next_step
from submit.journal import JobRecord
from submit.review.board import Position
from submit.review.view.page import finding_data
from submit.review.view.price import is_prepared
from submit.review.work import Work

# States in which a job was sent and its video can still be fetched.
FETCHABLE = ("submitted", "completed")
TITLES = {
    "idle": "",
    "preparing": "Preparing",
    "prepared": "Prepared",
    "submitting": "Submitting",
    "waiting": "Waiting for the video",
    "done": "The video is here",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
OUTDATED = "The files in the folder are those of the earlier plan; prepare them again."


def work_data(work: Work, position: Position) -> dict[str, Any]:
    """The work, and what the page may begin now."""
    state = work.state
    judgement = position.judgement
    readable = bool(position.draft.cards) and not any(card.error for card in position.draft.cards)
    ready = readable and position.settled and judgement.preparable and not position.trouble
    prepared = ready and is_prepared(position, work)
    planned = judgement.plan.warnings if judgement.plan else ()
    outdated = state.stage == "prepared" and not is_prepared(position, work)
    findings = () if outdated else state.findings
    return {
        "stage": state.stage,
        "title": "Changed since it was prepared" if outdated else TITLES[state.stage],
        "busy": work.busy,
        "files": [file.model_dump() for file in state.files],
        "summary": OUTDATED if outdated else state.summary,
        "findings": [finding_data(finding) for finding in findings if finding not in planned],
        "error": "" if state.error == state.stage else _lines(state.error),
        "job": state.job,
        "doing": _doing(work),
        "position": state.position,
        "lines": [shown(line) for line in state.lines],
        "video": state.job if state.video else "",
        "place": shown(work.video) if work.video else "",
        "since": state.since,
        "until": state.until,
        "usual_s": state.usual_s,
        "can_prepare": ready and not work.busy and not prepared,
        "can_submit": prepared and not work.busy and judgement.offer is not None,
        "prepared": prepared,
        "hint": _hint(position, prepared=prepared),
    }


def _lines(text: str) -> str:
    return "\n".join(map(shown, text.split("\n")))


def _doing(work: Work) -> str:
    state = work.state
    if state.stage != "waiting":
        return ""
    return f"in the queue, {state.position} ahead" if state.position is not None else "the platform is at work"


def _hint(position: Position, *, prepared: bool) -> str:
    """Why the next step can't be taken yet, in one sentence."""
    draft, judgement = position.draft, position.judgement
    if not draft.cards:
        return "Add a reference first."
    if any(card.error for card in draft.cards):
        return "Remove what can't be read first."
    if not judgement.preparable and judgement.plan is not None:
        return "Fix what is marked as an error first."
    if not position.settled:
        return "Looking into the files…"
    if not draft.prompt.strip():
        return "Write a prompt to submit." if prepared else "Write a prompt to submit; files can be prepared without."
    if judgement.offer is None:
        return "The prompt has an error."
    return ""


def video_of(job: JobRecord) -> Path | None:
    """The file of a job's video; None: it is not there, or another file, or a link to one, lies in its place."""
    if job.video is None:
        return None
    path = job.folder / job.video.path
    there = path.is_file() and not path.is_symlink() and path.stat().st_size == job.video.bytes
    return path if there else None


def jobs_data(jobs: Sequence[JobRecord], work: Work) -> list[dict[str, Any]]:
    """The jobs of the journal, the latest first."""
    return [
        {
            "id": job.id,
            "state": job.state,
            "prompt": shown(job.request.prompt),
            "price": "sandbox, $0.00" if job.sandbox else str(job.cost or ""),
            "at": job.created_at.astimezone().strftime("%d %b %H:%M"),
            "video": video_of(job) is not None,
            "fetchable": job.state in FETCHABLE and not work.busy,
            "next": in_flags(next_step(job) or ""),
            "current": job.id == work.state.job,
        }
        for job in jobs
    ]
