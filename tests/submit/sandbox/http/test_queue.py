"""The sandbox's queue, seen by the unmodified client."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import fal_client
import httpx
import pytest
from fal_client.client import FalClientHTTPError

from submit.sandbox import Sandbox, running
from submit.sandbox.jobs import Job, JobQueue, Outcome, Stages
from submit.sandbox.ledger import Ledger

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

ENDPOINT = "bytedance/seedance-2.0/fast/reference-to-video"
GOOD = {"prompt": "a cat", "resolution": "480p", "duration": "4", "seed": 7}
BAD = {"prompt": "a cat", "duration": 4}


@pytest.mark.parametrize("queue_s", [1.0])  # long enough to be seen waiting, however busy the machine is
def test_submit_events_and_result(client: fal_client.SyncClient, box: Sandbox) -> None:
    handle = client.submit(ENDPOINT, GOOD, webhook_url="https://example.com/hook?job=1", priority="low")
    events = list(handle.iter_events(with_logs=True, interval=0.01))
    kinds = [type(event) for event in events]
    assert list(dict.fromkeys(kinds)) == [fal_client.Queued, fal_client.InProgress, fal_client.Completed]
    positions = [event.position for event in events if isinstance(event, fal_client.Queued)]
    assert positions == sorted(positions, reverse=True)
    done = events[-1]
    assert isinstance(done, fal_client.Completed)
    assert done.logs and done.metrics["inference_time"] > 0
    result = handle.get(interval=0.01)
    assert result["seed"] == 7
    assert result["video"]["content_type"] == "video/mp4"

    [request] = box.requests()
    assert (request.request_id, request.endpoint, request.body) == (handle.request_id, ENDPOINT, GOOD)
    assert request.webhook_url == "https://example.com/hook?job=1"
    assert request.headers == {"x-fal-queue-priority": "low"}
    [charge] = box.ledger
    assert charge.request_id == handle.request_id


def test_the_async_client(box: Sandbox) -> None:
    async def run() -> tuple[list[type], dict[str, object]]:
        client = fal_client.AsyncClient()
        handle = await client.submit(ENDPOINT, GOOD)
        kinds = [type(event) async for event in handle.iter_events(interval=0.01)]
        result = await handle.get(interval=0.01)
        await (await client._client).aclose()  # it offers no way of its own
        return kinds, result

    kinds, result = asyncio.run(run())
    assert kinds[-1] is fal_client.Completed
    assert result["seed"] == 7


def test_a_subprocess_needs_the_environment_only(box: Sandbox) -> None:
    script = (
        "import fal_client, sys\n"
        f"handle = fal_client.submit('{ENDPOINT}', {BAD!r})\n"
        "try:\n    handle.get(interval=0.01)\n"
        "except fal_client.FalClientHTTPError as error:\n    print(error.status_code, handle.request_id)\n"
    )
    # As a developer's shell would have it, without the variables that `box` has set in this process.
    ours = {key: value for key, value in os.environ.items() if key not in box.env}
    theirs = {**ours, "FAL_KEY": "real", "NO_PROXY": "*", "no_proxy": "*", "FAL_RUN_HOST": "elsewhere.example"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=theirs | box.env, capture_output=True, text=True, timeout=30, check=True
    )
    [request] = box.requests()
    assert done.stdout.split() == ["422", request.request_id]


def test_a_bad_request_is_told_by_the_result_only(client: fal_client.SyncClient, box: Sandbox) -> None:
    handle = client.submit(ENDPOINT, BAD)
    assert isinstance(list(handle.iter_events(interval=0.01))[-1], fal_client.Completed)
    with pytest.raises(FalClientHTTPError) as caught:
        handle.get(interval=0.01)
    assert caught.value.status_code == 422
    [problem] = caught.value.response.json()["detail"]
    assert problem["loc"] == ["body", "duration"]
    assert problem["type"] == "one_of"
    assert problem["ctx"]["expected"][:2] == ["auto", "4"]
    assert problem["input"] == BAD
    assert box.ledger == ()


@pytest.mark.parametrize("body", [[], "text", 3])
def test_any_json_is_accepted_at_first(client: fal_client.SyncClient, body: object) -> None:
    handle = client.submit(ENDPOINT, body)  # type: ignore[arg-type]
    with pytest.raises(FalClientHTTPError) as caught:
        handle.get(interval=0.01)
    assert caught.value.response.json()["detail"][0]["loc"] == ["body"]


def test_unknown_endpoints_are_404(client: fal_client.SyncClient) -> None:
    with pytest.raises(FalClientHTTPError, match="fal-ai/nothing"):
        client.submit("fal-ai/nothing", GOOD)


def test_a_handle_is_found_again_by_its_request_id(client: fal_client.SyncClient) -> None:
    handle = client.submit(ENDPOINT, GOOD)
    again = client.get_handle(ENDPOINT, handle.request_id)
    assert again == handle
    assert again.get(interval=0.01) == handle.get(interval=0.01)
    with pytest.raises(FalClientHTTPError, match="not found"):
        client.get_handle("bytedance/seedance-2.5/reference-to-video", handle.request_id).status()


def test_cancel(client: fal_client.SyncClient, box: Sandbox) -> None:
    handle = client.submit(ENDPOINT, GOOD)
    handle.cancel()
    with pytest.raises(FalClientHTTPError) as again:
        handle.cancel()
    assert (again.value.status_code, again.value.response.json()) == (400, {"status": "ALREADY_COMPLETED"})
    status = handle.status()
    assert isinstance(status, fal_client.Completed)
    assert status.error_type == "client_cancelled"
    with pytest.raises(FalClientHTTPError) as result:
        handle.get(interval=0.01)
    assert result.value.status_code == 499
    with pytest.raises(FalClientHTTPError) as unknown:
        client.cancel(ENDPOINT, "no-such-id")
    assert unknown.value.status_code == 404
    assert box.ledger == ()


def test_cancel_while_working(client: fal_client.SyncClient, box: Sandbox) -> None:
    handle = client.submit(ENDPOINT, {**GOOD, "duration": "15"})
    for event in handle.iter_events(interval=0.01):
        if isinstance(event, fal_client.InProgress):
            handle.cancel()
    assert box.ledger == ()
    assert box.objects() == ()


def _queue(answer: Callable[[Job], Awaitable[Outcome]], folder: Path) -> JobQueue:
    async def nothing(job: Job) -> None:
        pass

    return JobQueue(Stages(nothing, answer, nothing), Ledger(folder / "ledger"), 0, time.time)


def test_two_run_at_a_time_and_the_others_wait(tmp_path: Path) -> None:
    async def watch() -> tuple[list[str], list[int], list[str]]:
        go = asyncio.Event()

        async def answer(job: Job) -> Outcome:
            await go.wait()
            return Outcome(status_code=200, body={})

        jobs = _queue(answer, tmp_path)
        several = [jobs.submit(ENDPOINT, GOOD, None, {}) for _ in range(4)]
        while several[1].state == "IN_QUEUE":
            await asyncio.sleep(0)
        states, positions = [job.state for job in several], [jobs.position(job) for job in several[2:]]
        go.set()
        await asyncio.gather(*(job.task for job in several if job.task))
        return [*states], positions, [job.state for job in several]

    states, positions, finally_ = asyncio.run(watch())
    assert states == ["IN_PROGRESS", "IN_PROGRESS", "IN_QUEUE", "IN_QUEUE"]
    assert positions == [0, 1]
    assert finally_ == ["COMPLETED"] * 4


def test_a_fault_of_the_sandbox_ends_the_job(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    async def run() -> Job:
        async def answer(job: Job) -> Outcome:
            raise RuntimeError("no ffmpeg")

        job = _queue(answer, tmp_path).submit(ENDPOINT, GOOD, None, {})
        assert job.task is not None
        await job.task
        return job

    job = asyncio.run(run())
    assert job.state == "COMPLETED"
    assert job.outcome is not None
    assert (job.outcome.status_code, job.outcome.charge) == (500, None)
    assert "no ffmpeg" in caplog.text


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda http, url: http.post(url, json={}, headers={"Authorization": ""}), 401),
        (lambda http, url: http.post(url, content=b"{"), 400),
        (lambda http, url: http.post(url, content=b'{"prompt": NaN}'), 400),
        (lambda http, url: http.post(url, content=b'{"prompt": "\\ud800"}'), 400),
    ],
    ids=["no-key", "not-json", "nan", "surrogate"],
)
def test_what_is_refused_at_once(
    box: Sandbox, send: Callable[[httpx.Client, str], httpx.Response], status: int
) -> None:
    with httpx.Client(headers={"Authorization": "Key any"}) as http:
        assert send(http, f"https://queue.fal.run/{ENDPOINT}").status_code == status
    assert box.requests() == ()


def test_the_result_is_400_until_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(queue_s=60) as box:
        for name, value in box.env.items():
            monkeypatch.setenv(name, value)
        with httpx.Client(headers={"Authorization": "Key any"}) as http:
            submitted = http.post(f"https://queue.fal.run/{ENDPOINT}", json=GOOD).json()
            assert submitted["status"] == "IN_QUEUE"
            assert submitted["queue_position"] == 2
            assert http.get(submitted["response_url"]).status_code == 400
            assert http.get(submitted["status_url"]).status_code == 202
