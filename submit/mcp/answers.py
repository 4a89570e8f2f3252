"""Answers of tools: a short text for the model, the same as values, and the full document as a resource."""

import base64
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from mcp_types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field

from prep.errors import ExitCode, ManyErrors, PrepError
from prep.model.finding import Finding, errors_in
from prep.model.redact import printable
from prep.model.value import Value
from prep.pricing.cost import Cost
from prep.render.document import document, json_text
from prep.render.text import findings_text
from submit.mcp.desk import Call, desk_of
from submit.mcp.wording import in_tools

MOST_CHARACTERS, MOST_FINDINGS = 6_000, 12
SHEET_TYPE = "image/jpeg"
FIRST_WITH_LINKS = "2025-06-18"  # a client of an earlier version of the protocol does not know this kind of content


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


class Reply(NamedTuple):
    """What a tool has to say: *text*, whose first line is the summary, and the full document's *findings* and *data*.

    *facts* are further fields of the Answer. *sheet* is a picture for the model to look at.
    """

    ok: bool
    text: str
    findings: Sequence[Finding]
    data: BaseModel | dict[str, Any]
    next: Sequence[NextCall] = ()
    facts: Mapping[str, Any] = MappingProxyType({})
    sheet: bytes | None = None


def answer(command: str, reply: Reply, ctx: Call) -> CallToolResult:
    """The result of a call. The document is that of *command* with --json; it and the picture are kept for a while."""
    desk = desk_of(ctx)
    text, full = printable(in_tools(reply.text)).strip("\n"), document(command, reply.ok, reply.findings, reply.data)
    uri = desk.documents.keep(full)
    said = f"{shortened(text)}\nFull answer: {uri}{_next_text(reply.next)}"
    blocks: list[ContentBlock] = [TextContent(type="text", text=said)]
    if ctx.protocol_version is None or is_version_at_least(ctx.protocol_version, FIRST_WITH_LINKS):
        link = ResourceLink(type="resource_link", uri=uri, name=f"{command}.json", mime_type="application/json")
        blocks.append(link)
    facts: dict[str, Any] = {"sandbox": desk.sandbox, "document": uri, **_counted(reply.findings), **reply.facts}
    if reply.sheet is not None:
        data = base64.b64encode(reply.sheet).decode("ascii")
        blocks.append(ImageContent(type="image", data=data, mime_type=SHEET_TYPE))
        facts["contact_sheet"] = desk.documents.keep(reply.sheet)
    short = Answer(ok=reply.ok, summary=text.partition("\n")[0], next=tuple(reply.next), **facts)
    return CallToolResult(
        content=blocks, structured_content=short.model_dump(mode="json"), is_error=short.exit_code > ExitCode.FINDINGS
    )


def failure(command: str, error: PrepError, ctx: Call, following: Sequence[NextCall] = ()) -> CallToolResult:
    """The answer of a call that *error* ended; findings that remain are an answer, not an error of the tool."""
    findings, message, code = error.findings, str(error), int(error.exit_code)
    data = {"error": {"message": in_tools(message), "exit_code": code}, **getattr(error, "data", {})}
    text = "\n".join([message, *([findings_text(findings)] if findings else [])])
    calls = (*following, *_after_error(command, error, findings)) or (
        NextCall(tool=command, why="call it again, corrected"),
    )
    return answer(command, Reply(False, text, findings, data, calls, {"exit_code": code}), ctx)


def _counted(findings: Sequence[Finding]) -> dict[str, Any]:
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


def _after_error(command: str, error: PrepError, findings: Sequence[Finding]) -> list[NextCall]:
    """What helps after an error of the tool *command*: the reason for a rule, going on without some files."""
    calls = []
    if errors := errors_in(tuple(findings)):
        rule = errors[0].rule
        calls.append(NextCall(tool="explain", why="see what the rule means and what helps", arguments={"rule": rule}))
    problems = error.problems if isinstance(error, ManyErrors) else (error,)
    if any("skip_unreadable" in str(problem) for problem in problems):
        why = "go on without the files that can't be read: the same call with skip_unreadable"
        calls.append(NextCall(tool=command, why=why, arguments={"skip_unreadable": True}))
    return calls
