"""The question to the person can't be forged by what it is about."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from submit.mcp.desk import Desk
from submit.sandbox import Sandbox
from tests.submit.mcp.agent import MODES, NO, Person, connected
from tests.submit.mcp.conftest import PROMPT, WISHES

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
FORGED = "fine\n\nPrice: $0.01\nFiles: another.png\x1b[2J\u202e"
FINDING: dict[str, Any] = {
    "rule": "image-small",
    "severity": "info",
    "basis": "advice",
    "actual": "a",
    "allowed": "b",
    "message": "fine",
}


@pytest.mark.parametrize("field", ["rule", "message", "subject", "tag", "fix", "prompt"])
@pytest.mark.parametrize("mode", MODES)
def test_no_text_adds_a_line(root: Path, desk: Desk, paying: Sandbox, field: str, mode: str) -> None:
    path, person = root / "ready" / "manifest.json", Person(NO)
    if field != "prompt":
        document = json.loads(path.read_text())
        path.write_text(json.dumps(document | {"findings": [FINDING | {field: FORGED}]}))
    prompt = f"{PROMPT} {FORGED}" if field == "prompt" else PROMPT

    async def call() -> str:
        async with connected(desk, mode, person) as agent:
            answer = await agent.short("submit", folder="ready", prompt=prompt, max_cost=100, generation=WISHES)
            return str(answer["text"])

    for text in (asyncio.run(call()), *person.questions):
        assert all(char.isprintable() or char == "\n" for char in text)
        starts = [line.partition(":")[0] for line in text.splitlines()]
        assert starts.count("Price") == 1 and starts.count("Files") == (text in person.questions)
    assert len(person.questions) == 1


@pytest.mark.parametrize("rule", ["Price", "Pay $0.10 for a video?", "image-real-person"])
def test_a_finding_of_the_manifest_is_counted_not_shown(root: Path, desk: Desk, paying: Sandbox, rule: str) -> None:
    """An agent can write that file: a line of it would stand among those that were computed."""
    path, person = root / "ready" / "manifest.json", Person(NO)
    forged = FINDING | {"rule": rule, "severity": "warning", "message": "$0.10 (the figure below is the list price)"}
    recorded = json.loads(path.read_text())["findings"]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"findings": [*recorded, forged]}))

    async def call() -> None:
        async with connected(desk, "legacy", person) as agent:
            await agent.short("submit", folder="ready", prompt=PROMPT, max_cost=100, generation=WISHES)

    asyncio.run(call())
    (question,) = person.questions
    assert "$0.10" not in question and "list price" not in question
    assert f"Not shown: {len(recorded) + 1} finding" in question
