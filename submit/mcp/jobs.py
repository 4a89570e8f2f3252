"""Tools about jobs: status, result and cancel. They know only jobs whose folder is below a root."""

from typing import Annotated, Any

from pydantic import Field

from prep.errors import UsageError
from prep.pricing.bill import check_bill
from submit import JobRecord, acancel, aresume, astatus, managing
from submit.errors import NoSuchJob, StillRunning
from submit.job.manage import Status
from submit.job.submission import Result
from submit.journal.states import OWED, UNSENT
from submit.mcp.answers import NextCall, Reply, ToolResult, answer
from submit.mcp.calls import answering, working
from submit.mcp.desk import Call, Desk, desk_of
from submit.mcp.roots import ClientRoots, Roots, roots_of
from submit.mcp.sending import after_sending
from submit.render import job_data, jobs_text, result_data, status_text

MOST_JOBS, POLL_S = 20, 1.0
JobId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,32}$", description="The id of a job, or the beginning of one.")]


@answering
async def status(
    ctx: Call,
    roots: ClientRoots,
    job: Annotated[JobId | None, Field(description="The id of a job; leave it out to list the latest.")] = None,
) -> ToolResult:
    """Show a job's state and history, and ask the platform; without `job` list the latest jobs."""
    desk, here = desk_of(ctx), roots_of(ctx, roots)
    if job is None:
        return _listed(ctx, here)
    record = _find(job, desk, here)
    report = await astatus(record.id, state=desk.state)
    findings = check_bill(report.job.bill, report.job.cost)
    reply = Reply(True, status_text(report), findings, {"job": job_data(report)}, _following(report.job))
    return answer("status", reply._replace(facts=_facts(report.job)), ctx)


@answering
async def result(
    job: JobId,
    ctx: Call,
    roots: ClientRoots,
    wait_s: Annotated[float, Field(gt=0, le=3600, description="Seconds to wait for the video.")] = 45,
) -> ToolResult:
    """Wait for a submitted job and download its video into its folder. Submits and pays nothing."""
    desk = desk_of(ctx)
    record = _find(job, desk, roots_of(ctx, roots))
    if record.state in UNSENT:
        raise UsageError(f"job {record.id} was not submitted; `submit` its folder {record.folder} again")
    try:
        video = await working(
            ctx,
            lambda progress: aresume(
                record.id,
                confirm=lambda offer: False,  # another process may have found that it was not sent
                state=desk.state,
                poll_s=POLL_S,
                timeout_s=wait_s,
                progress=progress,
            ),
        )
    except StillRunning:
        record = _find(record.id, desk, roots_of(ctx, roots))
        return _waiting(record, ctx, wait_s)
    assert isinstance(video, Result)
    record = _find(record.id, desk, roots_of(ctx, roots))
    findings = check_bill(record.bill, record.cost)
    made_by = "\nThe sandbox made it: a stand-in, which cost nothing." if record.sandbox else ""
    data = {"job": record.id, "result": result_data(video)}
    facts = {**_facts(record), "video": video.path}
    following = [NextCall(tool="status", why="see the bill and the history", arguments={"job": record.id})]
    return answer("result", Reply(True, f"video {video.path}{made_by}", findings, data, following, facts), ctx)


@answering
async def cancel(job: JobId, ctx: Call, roots: ClientRoots) -> ToolResult:
    """Cancel a job. A generation that has started may still finish and be billed."""
    desk = desk_of(ctx)
    record = await acancel(_find(job, desk, roots_of(ctx, roots)).id, state=desk.state)
    report = Status(record)
    reply = Reply(True, status_text(report), (), {"job": job_data(report)}, _following(record), _facts(record))
    return answer("cancel", reply, ctx)


def _listed(ctx: Call, roots: Roots) -> ToolResult:
    records = _visible(desk_of(ctx), roots)[:MOST_JOBS]
    data = {"jobs": [job_data(Status(one)) for one in records], "sandbox": []}
    following = [NextCall(tool="status", why="see one of them", arguments={"job": one.id}) for one in records[:1]]
    following = following or [NextCall(tool="check", why="begin with the files")]
    return answer("jobs", Reply(True, jobs_text(records), (), data, following), ctx)


def _waiting(record: JobRecord, ctx: Call, wait_s: float) -> ToolResult:
    report = Status(record)
    text = f"job {record.id} is still running after {wait_s:g} s; it goes on\n{status_text(report)}"
    reply = Reply(False, text, (), {"job": job_data(report)}, after_sending(record.id), _facts(record))
    return answer("status", reply, ctx)


def _facts(record: JobRecord) -> dict[str, Any]:
    return {"job": record.id, "state": record.state, "cost": record.cost, "folder": str(record.folder)}


def _find(job: str, desk: Desk, roots: Roots) -> JobRecord:
    """The job whose id begins with *job*. Raises UsageError when there is none below the roots, or more than one."""
    records = _visible(desk, roots)
    matches = [one for one in records if one.id == job] or [one for one in records if one.id.startswith(job)]
    if not matches:
        raise NoSuchJob(f"{job}: no such job in the folders that are open; `status` lists them")
    if len({one.id for one in matches}) > 1:
        raise UsageError(f"{job}: several jobs begin with that; give more of the id")
    return matches[0]


def _visible(desk: Desk, roots: Roots) -> list[JobRecord]:
    """The jobs whose folder is below a root, the latest first: what others were about is nobody's business here."""
    records = [*managing.jobs(state=desk.state), *managing.jobs(state=desk.state, sandbox=True)]
    return [record for record in records if roots.holds(record.folder)]


def _following(record: JobRecord) -> list[NextCall]:
    if record.state in OWED:
        return after_sending(record.id)
    if record.state in UNSENT:
        arguments = {"folder": str(record.folder), "prompt": record.request.prompt}
        return [NextCall(tool="submit", why="send it; it was not sent yet", arguments=arguments)]
    if record.state == "downloaded":
        return [NextCall(tool="result", why="get the path of the video", arguments={"job": record.id})]
    if record.failure and record.failure.findings:
        rule = record.failure.findings[0].rule
        return [NextCall(tool="explain", why="see what the refusal means", arguments={"rule": rule})]
    return [NextCall(tool="status", why="list the other jobs")]
