"""Jobs: those below the roots, and no others, from their submission to their end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from prep.model.generation import Generation
from submit import run
from submit.journal import Journal
from submit.mcp.desk import Desk
from submit.mcp.documents import MOST, Documents
from submit.sandbox import Sandbox
from tests.submit.journal.records import record
from tests.submit.mcp.agent import Agent, connected
from tests.submit.mcp.conftest import PROMPT, WISHES

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")


def talked(desk: Desk, talk: Callable[[Agent], Awaitable[Any]]) -> Any:
    async def session() -> Any:
        async with connected(desk) as agent:
            return await talk(agent)

    return asyncio.run(session())


def test_a_job_that_takes_long_is_waited_for_in_pieces(
    start: Callable[..., Sandbox], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = start(faults="queue:100%:60s")

    async def talk(agent: Agent) -> list[dict[str, Any]]:
        sent = await agent.short("submit", folder="ready", prompt=PROMPT, generation=WISHES)
        waiting = await agent.short("result", job=sent["job"], wait_s=0.2)
        stopped = await agent.short("cancel", job=sent["job"])
        return [sent, waiting, stopped, await agent.short("result", job=sent["job"], wait_s=0.2)]

    sent, waiting, stopped, gone = talked(replace(desk, sandbox=True), talk)
    assert sent["ok"] and sent["sandbox"]
    assert not waiting["ok"] and waiting["exit_code"] == 0 and "still running" in waiting["text"]
    assert [one["tool"] for one in waiting["next"]] == ["result", "status"]
    assert stopped["state"] == "cancelled"
    assert not gone["ok"] and "cancelled" in gone["text"]
    assert len(box.requests()) == 1 and box.ledger == ()


def test_jobs_elsewhere_are_not_known(box: Sandbox, desk: Desk, root: Path, tmp_path: Path) -> None:
    """Their prompts are private, and `result` would write into their folder."""
    wishes = Generation(duration="4", resolution="480p", seed=1)
    outcome = run(
        [root / "hero.png"], "a secret @Image1", out=tmp_path / "private", generation=wishes, state=desk.state
    )

    async def talk(agent: Agent) -> list[dict[str, Any]]:
        calls = [("status", {}), *((tool, {"job": outcome.job}) for tool in ("status", "result", "cancel"))]
        return [await agent.short(tool, **arguments) for tool, arguments in calls]

    for answer in talked(desk, talk):
        assert "secret" not in str(answer) and "private" not in str(answer)
        assert answer["summary"] in (
            "no jobs",
            f"{outcome.job}: no such job in the folders that are open; `status` lists them",
        )
    (listed,) = talked(Desk(roots=(tmp_path,), state=desk.state), _listed)
    assert listed["arguments"] == {"job": outcome.job}


def test_a_whole_id_is_that_of_one_job(desk: Desk, root: Path) -> None:
    """The id in a receipt that somebody else wrote may begin with it."""
    journal = Journal(desk.state)
    for name in ("abcd2222", "abcd2222x"):
        journal.adopt(record(id=name, folder=root, history=({"state": "prepared", "at": "2026-11-22T12:00:00Z"},)))
    answer = talked(desk, lambda agent: agent.short("status", job="abcd2222"))
    assert answer["ok"] and answer["job"] == "abcd2222"


async def _listed(agent: Agent) -> Any:
    return (await agent.short("status"))["next"]


@pytest.mark.parametrize("job", ["", "../journal", "K7F3", "a" * 33, "k7f3 "])
def test_only_ids_are_taken(desk: Desk, job: str) -> None:
    async def talk(agent: Agent) -> str:
        result = await agent.call("result", job=job)
        assert result.is_error
        return str(result.content)

    assert "job: should be text that matches ^[0-9a-z]{1,32}$, not" in talked(desk, talk)


@pytest.mark.parametrize(("more", "is_kept"), [(MOST - 1, True), (MOST, False)], ids=["at-the-limit", "over"])
def test_the_last_documents_are_kept(more: int, is_kept: bool) -> None:
    documents = Documents()
    name = documents.keep("first").rpartition("/")[2]
    for number in range(more):
        documents.keep(str(number))
    if is_kept:
        assert documents.get(name) == "first"
    else:
        with pytest.raises(ResourceNotFoundError, match="no such document"):
            documents.get(name)
