"""The tools over standard input and output, as a client starts them: answers, documents, pictures, progress."""

import asyncio
import base64
import io
import json
from pathlib import Path
from typing import Any

import mcp_types
import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from submit.mcp.wording import TOOLS
from tests.docs.contract import contract
from tests.submit.mcp.agent import MODES, Reported, connected, listening, stdio
from tests.submit.mcp.conftest import PROMPT, WISHES
from tests.types import Media

CLOSED = Draft202012Validator(contract(closed=True))


@pytest.mark.parametrize("mode", MODES)
def test_from_check_to_the_video(root: Path, media: Media, mode: str) -> None:
    """In the sandbox: each answer names calls that exist, and its document is the one that --json prints."""
    (root / "walk.mov").write_bytes(media("clip_720p.mp4").read_bytes())
    references = ["hero.png", "walk=walk.mov#t=0,3"]
    answers: dict[str, dict[str, Any]] = {}
    reports: dict[str, Reported] = {}

    async def talk() -> None:
        async with connected(stdio("--sandbox"), mode, roots=[root]) as agent:
            tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
            assert tuple(tools) == TOOLS

            async def step(tool: str, **arguments: Any) -> dict[str, Any]:
                answer = await agent.short(tool, reports=reports.setdefault(tool, []), **arguments)
                assert answer["ok"], answer["text"]
                for following in answer["next"]:
                    schema = tools[following["tool"]].input_schema
                    assert set(following["arguments"]) <= set(schema["properties"])
                document = await agent.document(answer["document"])
                CLOSED.validate(document)
                assert document["ok"] and len(answer["text"]) < 7_000
                answers[tool] = answer
                return answer

            await step("check", references=references, prompt=PROMPT)
            await step("plan", references=references)
            await step("price", references=references, generation=WISHES)
            await step("prep", references=references, out="made")
            assert "submit" in {following["tool"] for following in answers["prep"]["next"]}
            await step("price", folder="made", generation=WISHES)
            sent = await step("submit", folder="made", prompt="@Image1 does as @walk", generation=WISHES)
            assert sent["sandbox"] and sent["next"][0] == {
                "tool": "result",
                "why": sent["next"][0]["why"],
                "arguments": {"job": sent["job"]},
            }
            await step("status", job=sent["job"])
            await step("result", job=sent["job"])
            await step("status")
            await step("limits")
            await step("explain", rule="video-too-long")

    asyncio.run(talk())
    video = Path(answers["result"]["video"])
    assert video.parent == root / "made" and video.stat().st_size > 1000
    assert answers["prep"]["folder"] == str(root / "made")
    assert answers["submit"]["job"] in answers["status"]["text"]
    for tool in ("check", "plan", "prep", "submit"):
        values = [value for value, _ in reports[tool]]
        assert values and values == sorted(set(values)), f"{tool}: progress grows"
    assert any("walk.mov" in (message or "") for _, message in reports["prep"])


def test_the_contact_sheet_is_a_picture_and_a_resource(root: Path) -> None:
    async def talk() -> tuple[mcp_types.CallToolResult, mcp_types.ReadResourceResult, mcp_types.CallToolResult]:
        async with connected(stdio("--root", root)) as agent:
            result = await agent.call("prep", references=["hero.png"], out="made")
            assert result.structured_content is not None
            kept = await agent.client.read_resource(result.structured_content["contact_sheet"])
            return result, kept, await agent.call("prep", references=["hero.png"], out="made", look=False)

    result, kept, without = asyncio.run(talk())
    (picture,) = (block for block in result.content if isinstance(block, mcp_types.ImageContent))
    image = Image.open(io.BytesIO(base64.b64decode(picture.data)))
    assert (image.format, picture.mime_type) == ("JPEG", "image/jpeg")
    (content,) = kept.contents
    assert isinstance(content, mcp_types.BlobResourceContents) and content.blob == picture.data
    assert not any(isinstance(block, mcp_types.ImageContent) for block in without.content)


@pytest.mark.parametrize("mode", MODES)
def test_a_cancelled_call_leaves_nothing(root: Path, media: Media, mode: str) -> None:
    (root / "long.mp4").write_bytes(media("clip_1080p_20s.mp4").read_bytes())

    async def talk() -> bool:
        async with connected(stdio("--root", root), mode) as agent:
            begun = asyncio.Event()
            arguments = {"references": ["long.mp4"], "out": "made"}
            call = asyncio.ensure_future(
                agent.client.call_tool("prep", arguments, progress_callback=listening([], begun.set))
            )
            await begun.wait()
            call.cancel()
            await asyncio.wait([call])
            return bool((await agent.short("check", references=["hero.png"]))["ok"])

    assert asyncio.run(talk()), "the server goes on"
    assert sorted(path.name for path in root.iterdir()) == ["hero.png", "long.mp4", "ready"]


def test_findings_are_an_answer_and_errors_say_what_helps(root: Path) -> None:
    (root / "broken.png").write_bytes(b"no picture")
    (root / "wide.png").write_bytes(_png(4000, 400))

    async def talk() -> tuple[mcp_types.CallToolResult, mcp_types.CallToolResult, mcp_types.CallToolResult]:
        async with connected(stdio("--root", root)) as agent:
            return (
                await agent.call("check", references=["wide.png"]),
                await agent.call("plan", references=["hero.png", "broken.png"]),
                await agent.call("check", references=["hero.png"], endpoint="none/such"),
            )

    findings, unreadable, unknown = asyncio.run(talk())
    assert not findings.is_error and findings.structured_content is not None
    assert findings.structured_content["errors"] and findings.structured_content["findings"][0]["fix"]
    assert unreadable.is_error and unreadable.structured_content is not None
    (following,) = unreadable.structured_content["next"]
    assert following["arguments"] == {"skip_unreadable": True}
    assert "--skip-bad" not in json.dumps(unreadable.model_dump(mode="json"))
    assert unknown.is_error and unknown.structured_content is not None
    assert unknown.structured_content["exit_code"] == 2


def test_only_what_sends_or_stops_is_marked_as_such(root: Path) -> None:
    async def talk() -> list[mcp_types.Tool]:
        async with connected(stdio("--root", root)) as agent:
            return (await agent.client.list_tools()).tools

    marks = {tool.name: tool.annotations for tool in asyncio.run(talk())}
    destructive = {name for name, mark in marks.items() if mark and mark.destructive_hint and not mark.read_only_hint}
    assert destructive == {"submit", "cancel"}
    assert {name for name, mark in marks.items() if mark and mark.read_only_hint} == {
        *("check", "plan", "price", "status", "limits", "explain")
    }


def _png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(file, "PNG")
    return file.getvalue()


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "missing": ("result", {}, "job: missing"),
    "another type": ("check", {"references": "hero.png"}, "references: should be a list, not 'hero.png'"),
    "out of range": ("result", {"job": "abc", "wait_s": 0}, "wait_s: should be more than 0, not 0"),
}


@pytest.mark.parametrize(("tool", "arguments", "words"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_told_in_our_words(root: Path, tool: str, arguments: dict[str, Any], words: str) -> None:
    async def talk() -> dict[str, Any]:
        async with connected(stdio("--sandbox"), MODES[-1], roots=[root]) as agent:
            return await agent.short(tool, **arguments)

    answer = asyncio.run(talk())
    assert not answer["ok"] and words in answer["text"]
    assert not any(word in answer["text"] for word in ("validation error", "pydantic", "Arguments"))
