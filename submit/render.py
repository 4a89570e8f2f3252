"""Text and JSON about submissions, jobs and caches."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from prep.execution.cache import Contents
from prep.flag_names import in_flags
from prep.model.finding import Finding
from prep.model.redact import shown
from prep.pricing.bill import Bill, bill_text, check_bill
from prep.pricing.cost import Cost
from prep.render.document import json_text
from prep.render.html.page_values import Page, Paid, offer_page, paid_page
from prep.render.price import NARROWER, reason_lines
from prep.render.text import findings_text, made_text, plan_text
from submit.job.manage import Status
from submit.job.messages import next_step
from submit.job.submission import Outcome, Result
from submit.journal import JobRecord
from submit.journal.uploads import Upload
from submit.managing import Resumed
from submit.platform import State
from submit.request.offer import Offer

PROMPT_LENGTH = 60
SANDBOX_ENDED = "its sandbox has ended"


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """The `data` of `run --json`, and of `submit --json`, which has no timings."""
    without = {"findings", "result", "request", *([] if outcome.timings_s else ["timings_s"])}
    data = outcome.model_dump(mode="json", exclude=without)
    return data | {"request": outcome.request.arguments(), "result": result_data(outcome.result)}


def offer_data(offer: Offer) -> dict[str, Any]:
    """The `data` of `run --dry-run --json`."""
    return {
        "dry_run": True,
        "plan": offer.plan.model_dump(mode="json") if offer.plan else None,
        "request": offer.request.redacted().arguments(),
        "cost": offer.cost.model_dump(mode="json") if offer.cost else None,
        "output": offer.output,
    }


def offer_text(offer: Offer, *, sandbox: bool) -> str:
    """Everything to know before paying: the plan, warnings and the price, with what it depends on.

    A *sandbox* costs nothing, and says so beside the price of the real platform.
    """
    others = [finding for finding in offer.findings if not offer.plan or finding not in offer.plan.warnings]
    lines = [plan_text(offer.plan, others)] if offer.plan else []
    if others:
        lines += ["", findings_text(others)]
    lines += ["", f"Prompt: {shown(offer.request.prompt)}"]
    lines.append(f"Output: {offer.output}")
    lines.append(f"Price: {_price(offer.cost, sandbox=sandbox)}")
    lines += [f"  {line}" for line in reason_lines(offer.cost)]
    if offer.cost and offer.cost.is_range and not str(offer.request.arguments().get("duration", "auto")).isdigit():
        lines.append(f"  {NARROWER}")
    return "\n".join(lines).lstrip("\n")


def question(offer: Offer, *, sandbox: bool) -> str:
    """The one question before paying, or before a job in a sandbox that runs on its own."""
    if sandbox:
        return "Submit to the sandbox, at no cost?"
    if offer.cost is None:
        return "No price was found. Submit anyway?"
    return f"Pay {offer.cost}?"


def _price(cost: Cost | None, *, sandbox: bool) -> str:
    price = str(cost) if cost else "not known for this endpoint and resolution"
    if sandbox:
        return f"sandbox, $0.00 ({f'would be {price}' if cost else 'the real price is not known'})"
    return price


def _price_and_bill(cost: Cost | None, bill: Bill | None, *, sandbox: bool) -> str:
    """The bill of a sandbox is not shown: nothing was paid."""
    billed = f", {bill_text(bill, cost)}" if bill and not sandbox else ""
    return f"{_price(cost, sandbox=sandbox)}{billed}"


class Setting(NamedTuple):
    """The place of a summary: what was shown before, the folder as it was named, and whether a sandbox has ended.

    *offer* None: none was shown. *announced*: the ids of job and request are on the screen. *ended*: the sandbox ended
    with the command, and the job with it.
    """

    offer: Offer | None
    folder: Path
    announced: bool
    ended: bool


def outcome_text(outcome: Outcome, setting: Setting) -> str:
    """The end of `run` and of `submit`: what was not said before. The price was with the offer, and the ids where they
    were announced.
    """
    sandbox, offer = outcome.sandbox, setting.offer
    paid = " (paid before; not paid again)" if outcome.found and not sandbox else ""
    lines = [
        *_new_findings(outcome.findings, offer),
        f"video        {outcome.result.path if outcome.result else _way(outcome, setting)}",
        f"files        {made_text(outcome.manifest)}, in {shown(setting.folder).rstrip('/')}/",
    ]
    billed = outcome.bill is not None and not sandbox
    if billed or paid or offer is None or str(offer.cost) != str(outcome.cost):
        lines.append(f"price        {_price_and_bill(outcome.cost, outcome.bill, sandbox=sandbox)}{paid}")
    if not setting.announced:
        lines.append(f"job          {outcome.job}{' (sandbox)' if sandbox else ''}")
        lines.append(f"request      {outcome.request_id}")
    if stages := _stages(outcome):
        lines.append(f"took         {stages}")
    return "\n".join(lines)


def _way(outcome: Outcome, setting: Setting) -> str:
    """The way to a video that was not waited for."""
    if setting.ended:
        return "not waited for; its sandbox has ended with this command"
    while_sandbox = " while its sandbox runs" if outcome.sandbox else ""
    return f"not waited for; 'prep-and-submit result {outcome.job}' fetches it{while_sandbox}"


def _new_findings(findings: Sequence[Finding], offer: Offer | None) -> list[str]:
    shown_before = {(finding.rule, finding.tag) for finding in (offer.findings if offer else ())}
    new = [finding for finding in findings if (finding.rule, finding.tag) not in shown_before]
    return [findings_text(new), ""] if new else []


def offered_page(planned: Page, offer: Offer, *, sandbox: bool) -> Page:
    """Add the prompt and the price of an offer to the page of its plan."""
    known = offer.plan.warnings if offer.plan else ()
    offered = Paid(
        prompt=offer.request.prompt,
        price=_price(offer.cost, sandbox=sandbox) if offer.cost or sandbox else None,
        output=offer.output,
    )
    return offer_page(planned, offered, [finding for finding in offer.findings if finding not in known])


def outcome_page(prepared: Page, outcome: Outcome) -> Page:
    """Add the submission to the page of its preparation."""
    paid = Paid(
        prompt=outcome.request.prompt,
        price=_price(outcome.cost, sandbox=outcome.sandbox) if outcome.cost or outcome.sandbox else None,
        request_id=outcome.request_id,
        result=outcome.result.path if outcome.result else "not waited for",
        request=json_text(outcome.request.arguments(), indent=2),
        timings=_stages(outcome),
    )
    known = outcome.manifest.findings
    return paid_page(prepared, paid, [finding for finding in outcome.findings if finding not in known])


def _stages(outcome: Outcome) -> str:
    """The seconds of each stage; those of a job that was there already are not the work's. Without a result, nobody
    waited for the generation.
    """
    stages = {} if outcome.found else outcome.timings_s
    return ", ".join(
        f"{stage} {seconds:.1f} s" for stage, seconds in stages.items() if outcome.result or stage != "generate"
    )


def result_data(result: Result | None) -> dict[str, Any] | None:
    """The `result` of every document; null when it was not waited for."""
    if result is None:
        return None
    return {"video": {"url": result.url, "path": result.path}, "seed": result.seed}


def resumed_data(resumed: Resumed) -> dict[str, Any]:
    """One job in `resume --all --json`."""
    error = resumed.error
    return {
        "job": resumed.job,
        "result": result_data(resumed.result),
        "error": {"message": in_flags(str(error)), "exit_code": int(error.exit_code)} if error else None,
    }


def job_data(status: Status) -> dict[str, Any]:
    """One job in `status --json` and `jobs --json`."""
    job = status.job
    data = job.redacted().model_dump(mode="json", exclude={"manifest", "request", "key", "hint", "stand_in"})
    return data | {
        "request": job.request.redacted().arguments(),
        "created_at": data["history"][0]["at"],
        "busy": status.busy,
        "remote": status.remote.model_dump(mode="json", exclude={"logs"}) if status.remote else None,
    }


def status_text(status: Status, *, ended: bool = False) -> str:
    """Everything known about a job; *ended*: it waits for a sandbox that has ended."""
    job = status.job
    end = f"; {SANDBOX_ENDED}" if ended else ""
    remote = f", {_remote_text(status.remote)}" if status.remote and job.state == "submitted" else ""
    deviation = findings_text(check_bill(job.bill, job.cost))
    name = f"{job.id} (sandbox)" if job.sandbox else job.id
    lines = [
        f"job          {name}: {job.state}{end}{remote}{'; a process is working on it' if status.busy else ''}",
        f"prompt       {shown(job.request.prompt)}",
        f"price        {_price_and_bill(job.cost, job.bill, sandbox=job.sandbox)}",
        *([deviation] if deviation else []),
        f"folder       {shown(job.folder)}",
    ]
    if job.ticket:
        lines.append(f"request      {shown(job.ticket.request_id)}")
    if job.video:
        lines.append(f"result       {shown(job.folder / job.video.path)}")
    if job.failure and job.state == "cancelled":
        lines.append(f"cancelled    on request{'' if job.sandbox else '; what was done by then may be billed'}")
    elif job.failure:
        lines.append(f"refused      {shown(job.failure.message)}")
        if job.failure.findings:
            lines.append(findings_text(job.failure.findings))
    for moment in job.history:
        at = moment.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        lines.append(f"             {at}  {moment.state}{f': {shown(moment.note)}' if moment.note else ''}")
    if (step := next_step(job)) and not status.busy:
        lines.append(f"next         {in_flags(step)}")
    return "\n".join(lines)


def _remote_text(state: State) -> str:
    if state.status == "queued":
        return "in the queue" if state.position is None else f"{state.position} ahead in the queue"
    return state.status


def jobs_text(jobs: Sequence[JobRecord], width: int = 0, ended: Collection[str] = ()) -> str:
    """One line for each job, newest first; its prompt is cut to fit into *width* columns, if any.

    *ended* are the ids of those that wait for a sandbox that has ended.
    """
    from rich.cells import cell_len, set_cell_size

    lines = []
    for job in jobs:
        at = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
        prompt = " ".join(shown(job.request.prompt).split())
        columns = f"{job.id}  {job.state:<10}  {at}  {SANDBOX_ENDED if job.id in ended else _price_column(job):<24}  "
        room = min(PROMPT_LENGTH, max(width - len(columns), 0)) if width else PROMPT_LENGTH
        short = prompt if cell_len(prompt) <= room else f"{set_cell_size(prompt, max(room - 3, 0))}..."
        lines.append(f"{columns}{short if room > len('...') else ''}".rstrip())
    return "\n".join(lines) if lines else "no jobs"


def _price_column(job: JobRecord) -> str:
    """`$1.49–3.51, billed $1.52`; the units where their price is not known."""
    if job.sandbox:
        return "sandbox, $0.00"
    bill = job.bill
    billed = "" if bill is None else f", billed {f'{bill.units:f} units' if bill.usd is None else f'${bill.usd:.2f}'}"
    return f"{job.cost or '-'}{billed}"


def cache_text(folder: str, contents: Contents, uploads: Sequence[Upload]) -> str:
    lines = [
        f"prepared     {contents.files} files and {contents.looks} analyses of sources "
        f"(cuts, faces, speech, loudness), {contents.bytes / 1e6:.1f} MB in {shown(folder)}",
        f"uploads      {len(uploads)} known",
    ]
    lines += [
        f"             {upload.bytes / 1e6:>8.1f} MB  {_expiry(upload)}  {shown(upload.url)}" for upload in uploads
    ]
    return "\n".join(lines)


def _expiry(upload: Upload) -> str:
    if upload.expires_at is None:
        return "does not expire"
    try:
        return f"until {datetime.fromtimestamp(upload.expires_at):%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):  # a damaged journal
        return "expires at an unknown time"
