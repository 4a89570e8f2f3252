"""The server, killed in the middle of a submit and started again: no job is paid twice. The sandbox's ledger judges."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from submit.journal import Journal
from submit.sandbox import Sandbox
from tests.submit.mcp.agent import YES, Person, connected, stdio
from tests.submit.mcp.conftest import PROMPT, WISHES

# Where it is killed, and the state of the job in the journal then.
POINTS = {
    "before:upload": "prepared",
    "after:submitting": "submitting",
    "after:post": "submitting",
    "before:submitted": "submitting",
    "after:submitted": "submitted",
}
# The request did not leave, and nothing here can know that: a person has to look.
NEVER_LEFT = ("after:submitting",)
DRIVER = (str(Path(__file__).with_name("killed_server.py")),)
JOB: dict[str, Any] = {"folder": "ready", "prompt": PROMPT, "generation": WISHES, "max_cost": 100}


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
@pytest.mark.parametrize("point", POINTS)
def test_no_job_is_paid_twice(paying: Sandbox, root: Path, tmp_path: Path, point: str) -> None:
    arguments = ("--root", root, "--state", tmp_path / "state")
    first, second = Person(YES), Person(YES)

    async def killed() -> None:
        async with connected(stdio(point, *arguments, command=DRIVER), "legacy", first) as agent:
            await agent.short("submit", **JOB)

    async def again() -> tuple[dict[str, Any], dict[str, Any] | None]:
        async with connected(stdio(*arguments), "legacy", second) as agent:
            answer = await agent.short("submit", **JOB)
            return answer, await agent.short("result", job=answer["job"]) if answer["ok"] else None

    with pytest.raises(BaseException, match=r"Connection closed|unhandled errors"):
        asyncio.run(killed())
    assert [job.state for job in Journal(tmp_path / "state").jobs()] == [POINTS[point]]
    while paying.totals().unfinished:
        pass  # only then the platform lists it
    answer, result = asyncio.run(again())
    assert len(first.questions) == 1
    [job] = Journal(tmp_path / "state").jobs()
    if point in NEVER_LEFT:
        assert not answer["ok"] and "It was not sent again" in answer["text"]
        assert (paying.requests(), paying.ledger, job.state) == ((), (), "uncertain")
    else:
        assert answer["job"] == job.id and result is not None and Path(result["video"]).stat().st_size > 1000
        assert len(paying.ledger) == len(paying.requests()) == 1
        assert len(second.questions) == (POINTS[point] == "prepared"), "only what may be paid is asked"
