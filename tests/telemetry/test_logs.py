"""Records name their job wherever the work is done, and in a span its trace."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from submit import resume
from submit.batches.api import batch
from submit.mcp.desk import Desk
from submit.sandbox import Sandbox
from submit.webhook import receive
from tests.submit.batches.conftest import Jobs
from tests.submit.cloud import Cloud
from tests.submit.mcp.agent import connected
from tests.submit.mcp.conftest import PROMPT, WISHES, desk, root  # noqa: F401
from tests.submit.webhook.signing import KEY, NOW, jwk, notice, signed
from tests.telemetry.recorded import Recorded
from tests.types import Media, Say

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
Generate = Callable[..., Any]
Records = Callable[[], list[Any]]


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Iterator[Records]:
    """`records()` are those of our loggers so far."""
    with caplog.at_level(logging.INFO, "prep"), caplog.at_level(logging.INFO, "submit"):
        yield lambda: [record for record in caplog.records if record.name.startswith(("prep.", "submit."))]


def about_jobs(records: list[Any]) -> dict[str, list[str | None]]:
    """The jobs that records of each state, of rows and of webhooks name."""
    named: dict[str, list[str | None]] = {}
    for record in records:
        if record.name in ("submit.job.context", "submit.batches.scheduler", "submit.webhook.receiver"):
            named.setdefault(record.getMessage().partition(" ")[0], []).append(record.job)
    return named


def test_a_line_of_json_has_the_ids_of_its_span(box: Sandbox, media: Media, say: Say, recorded: Recorded) -> None:
    photo = str(media("photo_orient6.jpg"))
    code, _, err = say("run", photo, "--prompt", "@Image1", "--yes", "--log-format", "json", "--out", "out")
    assert code == 0
    lines = [json.loads(line) for line in err.splitlines()]
    spans = {format(span.context.span_id, "016x"): span for span in recorded.spans}
    (trace_id,) = {format(span.context.trace_id, "032x") for span in spans.values()}
    assert {line["trace_id"] for line in lines} == {trace_id}
    named = {line["message"]: spans[line["span_id"]].name for line in lines}
    assert (named["uploaded"], named["submitted"], named["completed"]) == ("upload", "submit", "wait")
    assert (named["read: jpeg"], named["downloaded"]) == ("probe", "download")


def test_without_a_span_there_are_no_ids(media: Media, say: Say) -> None:
    code, _, err = say("check", str(media("photo.jpg")), "--log-format", "json")
    assert code == 0 and err
    assert not any({"trace_id", "span_id"} & json.loads(line).keys() for line in err.splitlines())


def test_a_batch(jobs: Jobs, start: Callable[..., Sandbox], records: Records) -> None:
    start()
    results = list(batch(jobs(3), out=Path("takes"), max_cost=3, poll_s=0.02))
    named, ids = about_jobs(records()), {result.job for result in results}
    assert None not in ids
    for message in ("uploaded", "submitting", "submitted", "completed", "downloaded", "row"):
        assert set(named[message]) == ids, message


def test_a_webhook(cloud: Cloud, generate: Generate, records: Records) -> None:
    job = generate(wait=False).job
    before = len(records())
    body = notice("abc-123", payload={"video": {"url": "https://fal.media/v.mp4"}})
    receive(signed(body), body, platform=cloud, keys={"keys": [jwk(KEY)]}, now=NOW)
    assert about_jobs(records()[before:]) == {"completed": [job], "webhook": [job]}
    resume(job, platform=cloud)
    assert {record.job for record in records()[before:]} == {job}


def test_tools_of_agents(start: Callable[..., Sandbox], desk: Desk, records: Records) -> None:  # noqa: F811
    start()

    async def talk() -> tuple[str, str]:
        async with connected(replace(desk, sandbox=True)) as agent:
            sent = await agent.short("submit", folder="ready", prompt=PROMPT, generation=WISHES)
            await agent.short("result", job=sent["job"])
            other = await agent.short("submit", folder="ready", prompt="@Image1 runs", generation=WISHES)
            await agent.short("cancel", job=other["job"])
            return sent["job"], other["job"]

    first, second = asyncio.run(talk())
    named = about_jobs(records())
    assert named["submitted"] == [first, second]
    assert named["downloaded"] == [first]
    assert set(named["completed"]) | set(named.get("cancelled", ())) == {first, second}
