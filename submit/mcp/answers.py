"""Answers of tools: a short text for the model, the same as values, and the full document as a resource."""

import base64
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from mcp_types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent
from pydantic import BaseModel, Field

from prep.errors import ManyErrors, PrepError
from prep.model.finding import Finding, errors_in
from prep.model.value import Value
from prep.pricing.cost import Cost
from prep.render.document import document, json_text
from prep.render.text import findings_text
from submit.mcp.desk import Desk
from submit.mcp.wording import in_tools

MOST_CHARACTERS, MOST_FINDINGS = 6_000, 12
SHEET_TYPE = "image/jpeg"


class NextCall(Value):
    """A sensible next call: *arguments* are those that are known, the rest is the caller's."""

    tool: str
    why: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class ShortFinding(Value):
    """A finding without its numbers, which the document has."""

    rule: str
    severity: str
    tag: str | None
    message: str
    fix: str | None


class Answer(Value):
    """The short answer of every tool. *document* is the URI of the full one, as the command prints it with --json.

    *errors* and *warnings* count all findings; *findings* are the first, errors before others. *next* are the calls
    that make sense now. *cost* is in US dollars; with *sandbox* nothing is paid.
    """

    ok: bool
    summary: str
    errors: int = 0
    warnings: int = 0
    findings: tuple[ShortFinding, ...] = ()
    document: str | None = None
    contact_sheet: str | None = None
    folder: str | None = None
    cost: Cost | None = None
    sandbox: bool = False
    job: str | None = None
    state: str | None = None
    video: str | None = None
    exit_code: int = 0
    next: tuple[NextCall, ...] = ()


ToolResult = Annotated[CallToolResult, Answer]


class Draft:
    """Gathers what one answer says: `Draft("check", desk).document(...)`, then `answer`."""

    def __init__(self, command: str, desk: Desk) -> None:
        self._command = command
        self._desk = desk
        self._blocks: list[ContentBlock] = []
        self._facts: dict[str, Any] = {"sandbox": desk.sandbox}

    def document(self, ok: bool, findings: Sequence[Finding], data: BaseModel | dict[str, Any]) -> "Draft":
        """Keep the full document; its findings are counted, and the first of them repeated."""
        text = document(self._command, ok, findings, data)
        uri = self._desk.documents.keep(text)
        link = ResourceLink(
            type="resource_link", uri=uri, name=f"{self._command}.json", mime_type="application/json", size=len(text)
        )
        self._blocks.append(link)
        self._facts |= {"document": uri, **count(findings)}
        return self

    def sheet(self, picture: bytes | None) -> "Draft":
        """Add a picture for the model to look at."""
        if picture is not None:
            data = base64.b64encode(picture).decode("ascii")
            self._blocks.append(ImageContent(type="image", data=data, mime_type=SHEET_TYPE))
            self._facts["contact_sheet"] = self._desk.documents.keep(picture)
        return self

    def answer(self, ok: bool, text: str, following: Iterable[NextCall], **facts: Any) -> CallToolResult:
        """The result of the call; the first line of *text* is its summary."""
        text = in_tools(text).strip("\n")
        calls = tuple(following)
        answer = Answer(ok=ok, summary=text.partition("\n")[0], next=calls, **(self._facts | facts))
        said = TextContent(type="text", text=f"{shortened(text)}{_next_text(calls)}")
        return CallToolResult(
            content=[said, *self._blocks],
            structured_content=answer.model_dump(mode="json"),
            is_error=answer.exit_code > 1,
        )


def failure(command: str, error: PrepError, desk: Desk, following: Iterable[NextCall] = ()) -> CallToolResult:
    """The answer of a call that *error* ended; findings that remain are an answer, not an error of the tool."""
    findings: tuple[Finding, ...] = tuple(getattr(error, "findings", ()))
    message = in_tools(str(error))
    data = {"error": {"message": message, "exit_code": int(error.exit_code)}, **getattr(error, "data", {})}
    parts = [message, *([findings_text(findings)] if findings else [])]
    return (
        Draft(command, desk)
        .document(False, findings, data)
        .answer(False, "\n".join(parts), [*following, *_after_error(error, findings)], exit_code=int(error.exit_code))
    )


def count(findings: Sequence[Finding]) -> dict[str, Any]:
    """The number of findings by severity, and the first of them in short."""
    errors = errors_in(tuple(findings))
    first = [*errors, *(finding for finding in findings if finding.severity != "error")][:MOST_FINDINGS]
    return {
        "errors": len(errors),
        "warnings": sum(finding.severity == "warning" for finding in findings),
        "findings": tuple(
            ShortFinding(
                rule=finding.rule,
                severity=finding.severity,
                tag=finding.tag,
                message=in_tools(finding.message),
                fix=in_tools(finding.fix) if finding.fix else None,
            )
            for finding in first
        ),
    }


def shortened(text: str) -> str:
    """*text*, cut between lines where it is too long to be read."""
    if len(text) <= MOST_CHARACTERS:
        return text
    kept = text[:MOST_CHARACTERS].rpartition("\n")[0] or text[:MOST_CHARACTERS]
    left = text[len(kept) :].count("\n")
    return f"{kept}\n… {left} more lines; the document has everything"


def _next_text(calls: Sequence[NextCall]) -> str:
    lines = [f"- {call.tool}({_arguments(call.arguments)}): {call.why}" for call in calls]
    return "\n".join(["\n\nNext:", *lines]) if lines else ""


def _arguments(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={json_text(value)}" for name, value in arguments.items())


def _after_error(error: PrepError, findings: Sequence[Finding]) -> list[NextCall]:
    """What helps after any error: the reason for a rule, and other files."""
    calls = []
    if errors := errors_in(tuple(findings)):
        rule = errors[0].rule
        calls.append(NextCall(tool="explain", why="see what the rule means and what helps", arguments={"rule": rule}))
    problems = error.problems if isinstance(error, ManyErrors) else (error,)
    if any("skip_unreadable" in str(problem) for problem in problems):
        why = "go on without the files that can't be read: the same call with skip_unreadable"
        calls.append(NextCall(tool="plan", why=why, arguments={"skip_unreadable": True}))
    return calls
