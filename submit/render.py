"""What people and programs read about a submission."""

import json
from typing import Any

from prep.model.finding import Finding
from prep.render.page import Page, Paid, paid_page
from prep.render.text import findings_text, manifest_text
from submit.cost import Cost
from submit.flow import Outcome, Result, Submission
from submit.request import Request


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """The `data` of `run --json`."""
    data = outcome.model_dump(mode="json", exclude={"findings", "result", "request"})
    return data | {"request": outcome.request.arguments(), "result": result_data(outcome.result)}


def submission_data(submission: Submission, result: Result) -> dict[str, Any]:
    """The `data` of `submit --json`: that of `run`, without the timings."""
    receipt = submission.receipt
    return {
        "manifest": submission.manifest.model_dump(mode="json"),
        "request": receipt.request.arguments(),
        "cost": receipt.cost.model_dump(mode="json") if receipt.cost else None,
        "request_id": submission.request_id,
        "result": result_data(result),
    }


def outcome_text(outcome: Outcome, folder: str) -> str:
    return "\n".join(
        [
            manifest_text(outcome.manifest, folder),
            *_told(_of_the_prompt(outcome), outcome.request, outcome.cost, outcome.request_id, outcome.result),
            f"took         {_stages(outcome)}",
        ]
    )


def outcome_page(prepared: Page, outcome: Outcome) -> Page:
    """The page of `run`: *prepared* is that of its preparation."""
    paid = Paid(
        prompt=outcome.request.prompt,
        price=str(outcome.cost) if outcome.cost else None,
        request_id=outcome.request_id,
        result=outcome.result.path,
        request=json.dumps(outcome.request.arguments(), indent=2, ensure_ascii=False),
        timings=_stages(outcome),
    )
    return paid_page(prepared, paid, _of_the_prompt(outcome))


def submission_text(submission: Submission, result: Result) -> str:
    receipt = submission.receipt
    return "\n".join(_told(submission.findings, receipt.request, receipt.cost, submission.request_id, result))


def _stages(outcome: Outcome) -> str:
    return ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in outcome.timings_s.items())


def _of_the_prompt(outcome: Outcome) -> list[Finding]:
    return [finding for finding in outcome.findings if finding not in outcome.manifest.findings]


def _told(
    findings: tuple[Finding, ...] | list[Finding], request: Request, cost: Cost | None, request_id: str, result: Result
) -> list[str]:
    return [
        *([findings_text(findings)] if findings else []),
        "",
        f"prompt       {request.prompt}",
        f"price        {cost or 'not published for this endpoint and resolution'}",
        f"request      {request_id}",
        f"result       {result.path}",
    ]


def result_data(result: Result) -> dict[str, Any]:
    """The `result` of every document that has one."""
    return {"video": {"url": result.url, "path": result.path}, "seed": result.seed}
