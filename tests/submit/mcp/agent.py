"""An agent: the SDK's own client, with a person behind it who answers questions."""

import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp_types
from mcp import Client, StdioServerParameters

from submit.mcp.desk import Desk
from submit.mcp.server import build_server

COMMAND = ("-m", "submit.command", "mcp")
MODES = ("legacy", "2026-07-28")  # the server asks in the middle of a call, or answers with the question
YES, NO = {"pay": True}, {"pay": False}


class Person:
    """Answers every question with *answer*: the content of a form, "decline" or "cancel"; keeps the *questions*."""

    def __init__(self, answer: dict[str, Any] | str = "decline") -> None:
        self.answer = answer
        self.questions: list[str] = []

    async def __call__(self, _: Any, params: Any) -> mcp_types.ElicitResult:
        self.questions.append(params.message)
        if isinstance(self.answer, str):
            return mcp_types.ElicitResult.model_validate({"action": self.answer})
        return mcp_types.ElicitResult(action="accept", content=self.answer)


class Agent:
    """A client that is connected."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> mcp_types.CallToolResult:
        return await self.client.call_tool(tool, arguments)

    async def short(self, tool: str, *, reports: "Reported | None" = None, **arguments: Any) -> dict[str, Any]:
        """The short answer of a call as values, with its *text*; its progress is added to *reports*."""
        callback = None if reports is None else listening(reports)
        result = await self.client.call_tool(tool, arguments, progress_callback=callback)
        assert result.structured_content is not None, result.content
        assert result.structured_content["next"], "every answer says how to go on"
        return result.structured_content | {"text": text_of(result)}

    async def document(self, uri: str) -> Any:
        """The full answer."""
        (content,) = (await self.client.read_resource(uri)).contents
        assert isinstance(content, mcp_types.TextResourceContents)
        return json.loads(content.text)


def text_of(result: mcp_types.CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, mcp_types.TextContent))


def stdio(*arguments: str | Path, command: Sequence[str] = COMMAND, **environment: str) -> StdioServerParameters:
    """The command as a client starts it."""
    environment = {**os.environ, **environment}
    return StdioServerParameters(command=sys.executable, args=[*command, *map(str, arguments)], env=environment)


@asynccontextmanager
async def connected(
    server: Any, mode: str = "auto", person: Person | None = None, roots: Sequence[Path] | None = None
) -> AsyncIterator[Agent]:
    """Connect to *server*: parameters, a transport, or a Desk, which is served in this process.

    Without a *person* the client can ask nobody; without *roots* it names none.
    """
    target = build_server(server) if isinstance(server, Desk) else server

    async def named(context: Any) -> mcp_types.ListRootsResult:
        return mcp_types.ListRootsResult(roots=[mcp_types.Root(uri=root.as_uri()) for root in roots or ()])

    async with Client(
        target, mode=mode, elicitation_callback=person, list_roots_callback=None if roots is None else named
    ) as client:
        yield Agent(client)


Reported = list[tuple[float, str | None]]


def listening(reports: Reported, also: Callable[[], None] = lambda: None) -> Any:
    """A callback for progress that adds to *reports*."""

    async def report(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, message))
        also()

    return report
