"""What people and programs read about a submission."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prep.execution.cache import Contents
from prep.model.finding import Finding
from prep.model.redact import shown
from prep.render.page import Page, Paid, paid_page
from prep.render.text import findings_text, manifest_text
from submit.api import Outcome
from submit.job.manage import Status
from submit.job.submission import Result, Submission
from submit.journal import JobRecord
from submit.journal.uploads import Upload
from submit.platform import State
from submit.request.build import Request
from submit.request.cost import Cost

PROMPT_SHOWN = 60


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """The `data` of `run --json`."""
    data = outcome.model_dump(mode="json", exclude={"findings", "result", "request"})
    return data | {"request": outcome.request.arguments(), "result": result_data(outcome.result)}


def submission_data(submission: Submission, result: Result | None) -> dict[str, Any]:
    """The `data` of `submit --json`: that of `run`, without the timings."""
    record = submission.record
    return {
        "job": record.id,
        "found": submission.found,
        "manifest": submission.manifest.model_dump(mode="json"),
        "request": record.request.told().arguments(),
        "cost": record.cost.model_dump(mode="json") if record.cost else None,
        "request_id": submission.request_id,
        "result": result_data(result),
    }


def outcome_text(outcome: Outcome, folder: str) -> str:
    told = _told(
        _of_the_prompt(outcome),
        outcome.request,
        outcome.cost,
        outcome.found,
        outcome.job,
        outcome.request_id,
        outcome.result,
    )
    return "\n".join([manifest_text(outcome.manifest, folder), *told, f"took         {_stages(outcome)}"])


def outcome_page(prepared: Page, outcome: Outcome) -> Page:
    """The page of `run`: *prepared* is that of its preparation."""
    paid = Paid(
        prompt=outcome.request.prompt,
        price=str(outcome.cost) if outcome.cost else None,
        request_id=outcome.request_id,
        result=outcome.result.path if outcome.result else "not waited for",
        request=json.dumps(outcome.request.arguments(), indent=2, ensure_ascii=False),
        timings=_stages(outcome),
    )
    return paid_page(prepared, paid, _of_the_prompt(outcome))


def submission_text(submission: Submission, result: Result | None) -> str:
    record, found = submission.record, submission.found
    return "\n".join(
        _told(submission.findings, record.request, record.cost, found, record.id, submission.request_id, result)
    )


def _stages(outcome: Outcome) -> str:
    return ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in outcome.timings_s.items())


def _of_the_prompt(outcome: Outcome) -> list[Finding]:
    return [finding for finding in outcome.findings if finding not in outcome.manifest.findings]


def _told(
    findings: Sequence[Finding],
    request: Request,
    cost: Cost | None,
    found: bool,
    job: str,
    request_id: str,
    result: Result | None,
) -> list[str]:
    paid = " (for this job, which was submitted before: not again)" if found else ""
    return [
        *([findings_text(tuple(findings))] if findings else []),
        "",
        f"prompt       {request.prompt}",
        f"price        {cost or 'not published for this endpoint and resolution'}{paid}",
        f"job          {job}",
        f"request      {request_id}",
        f"result       {result.path if result else f'not waited for; prep-and-submit result {job} fetches it'}",
    ]


def result_data(result: Result | None) -> dict[str, Any] | None:
    """The `result` of every document that has one; null when it was not waited for."""
    if result is None:
        return None
    return {"video": {"url": result.url, "path": result.path}, "seed": result.seed}


def job_data(status: Status) -> dict[str, Any]:
    """What `status --json` and `jobs --json` tell of one job."""
    job = status.job
    data = job.model_dump(mode="json", exclude={"manifest", "request", "key", "hint"})
    return data | {
        "request": job.request.told().arguments(),
        "created_at": data["history"][0]["at"],
        "busy": status.busy,
        "remote": status.remote.model_dump(mode="json", exclude={"logs"}) if status.remote else None,
    }


def status_text(status: Status) -> str:
    job = status.job
    where = f", {_remotely(status.remote)}" if status.remote and job.state == "submitted" else ""
    billed = f", billed as {shown(job.billed_units)} units" if job.billed_units else ""
    lines = [
        f"job          {job.id}: {job.state}{where}{'; a process is at work on it' if status.busy else ''}",
        f"prompt       {shown(job.request.prompt)}",
        f"price        {job.cost or 'not published'}{billed}",
        f"folder       {shown(job.folder)}",
    ]
    if job.ticket:
        lines.append(f"request      {shown(job.ticket.request_id)}")
    if job.video:
        lines.append(f"result       {shown(job.folder / job.video.path)}")
    if job.failure:
        lines.append(f"refused      {shown(job.failure.message)}")
    for moment in job.history:
        at = moment.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        lines.append(f"             {at}  {moment.state}{f': {shown(moment.note)}' if moment.note else ''}")
    return "\n".join(lines)


def jobs_text(jobs: Sequence[JobRecord]) -> str:
    """One line for each job, the latest first."""
    lines = []
    for job in jobs:
        at = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
        prompt = " ".join(shown(job.request.prompt).split())
        short = prompt if len(prompt) <= PROMPT_SHOWN else f"{prompt[: PROMPT_SHOWN - 3]}..."
        lines.append(f"{job.id}  {job.state:<10}  {at}  {job.cost or '-'!s:<14}  {short}")
    return "\n".join(lines) if lines else "no jobs"


def cache_text(folder: str, held: Contents, uploads: Sequence[Upload]) -> str:
    """What `cache` prints."""
    lines = [
        f"prepared     {held.files} files, {held.bytes / 1e6:.1f} MB in {shown(folder)}",
        f"uploads      {len(uploads)} known",
    ]
    for upload in uploads:
        until = (
            "for ever"
            if upload.expires_at is None
            else f"until {datetime.fromtimestamp(upload.expires_at):%Y-%m-%d %H:%M}"
        )
        lines.append(f"             {upload.bytes / 1e6:>8.1f} MB  {until}  {shown(upload.url)}")
    return "\n".join(lines)


def _remotely(state: State) -> str:
    return f"{state.position} ahead in the queue" if state.status == "queued" else state.status
