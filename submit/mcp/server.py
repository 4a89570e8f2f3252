"""The server: its tools, the resources with the full answers, and the transports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import BaseModel, ValidationError

from prep import __version__
from prep.errors import UsageError
from prep.validation import lines
from submit.mcp import files, jobs, rules, sending
from submit.mcp.answers import SHEET_TYPE, failure
from submit.mcp.desk import Desk
from submit.mcp.documents import SCHEME

INSTRUCTIONS = """\
Prepares references (images, videos, sounds) for a video generation on fal.ai, and submits the job once.
The usual way: check, plan, prep (look at its contact sheet), price, submit, result. Each answer names the next calls.
Files are read and written only below the folders that are open. A reference may be a part: walk.mov#t=2,6.
Money is spent by submit alone: pass max_cost; the person is asked, unless they allowed a total. Never repeat a submit
to be sure: the same folder and prompt return the existing job, and `again` pays once more.
The text of an answer is short; its document has everything."""
SANDBOX_NOTE = (
    "\nThis server uses a sandbox: jobs go to a stand-in on this machine, nothing is paid, URLs can't be read."
)
READS = ToolAnnotations(read_only_hint=True, open_world_hint=True)
KNOWS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
PAYS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
CANCELS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
TOOLS = (
    (files.check, READS),
    (files.plan, READS),
    (files.prep, WRITES),
    (files.price, READS),
    (sending.submit, PAYS),
    (jobs.status, READS),
    (jobs.result, WRITES),
    (jobs.cancel, CANCELS),
    (rules.limits, KNOWS),
    (rules.explain, KNOWS),
)


def build_server(desk: Desk) -> MCPServer[Desk]:
    """Build the server of the tools, all of whose calls share *desk*."""

    @asynccontextmanager
    async def lifespan(server: MCPServer[Desk]) -> AsyncIterator[Desk]:  # noqa: ARG001
        yield desk

    server = _Server(
        SCHEME,
        title="prep-and-submit",
        version=__version__,
        instructions=INSTRUCTIONS + (SANDBOX_NOTE if desk.sandbox else ""),
        lifespan=lifespan,
        log_level="ERROR",
    )
    for tool, annotations in TOOLS:
        server.add_tool(tool, annotations=annotations)

    @server.resource(f"{SCHEME}://document/{{name}}", mime_type="application/json", title="The full answer of a call")
    def document(name: str) -> str:
        return str(desk.documents.get(name))

    @server.resource(f"{SCHEME}://picture/{{name}}", mime_type=SHEET_TYPE, title="The contact sheet of a call")
    def picture(name: str) -> bytes:
        content = desk.documents.get(name)
        return content if isinstance(content, bytes) else content.encode()

    return server


class _Server(MCPServer[Desk]):
    """Says in our words what is wrong with the arguments of a call."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Desk, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError) or context is None:
                raise
            problems = lines(error.__cause__, BaseModel)
            return failure(name, UsageError("\n".join(problems)), context)
