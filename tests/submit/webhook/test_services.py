"""docs/services.md: its service runs under uvicorn, and its workers on queues, against the sandbox."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from rq import Retry

from prep.errors import PrepError
from submit import Outcome, jobs
from submit.sandbox import Sandbox
from tests.programs import program
from tests.types import Media

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "services.md").read_text("utf-8")
CODE = dict(re.findall(r"^## ([^\n]*)\n.*?```python\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL))
Start = Callable[..., Sandbox]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the examples run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def _serving(folder: Path) -> Iterator[httpx.Client]:
    """Serve the service of the document in a process of its own; a client for it."""
    (folder / "service.py").write_text(CODE["FastAPI"], "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        command = [sys.executable, "-m", "uvicorn", "service:app", "--fd", str(listening.fileno())]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{folder}", "SERVICE_URL": url}
        with subprocess.Popen(
            command, cwd=folder, env=environment, pass_fds=[listening.fileno()], stdout=subprocess.DEVNULL
        ) as server:
            try:
                with httpx.Client(base_url=url, trust_env=False, timeout=120) as client:
                    yield client
            finally:
                server.terminate()
                server.wait(timeout=60)


def _upload(client: httpx.Client, path: str, *files: Path, **fields: str) -> Any:
    answer = client.post(path, files=[("files", (file.name, file.read_bytes())) for file in files], data=fields)
    assert answer.is_success, answer.text
    return answer.json()


def _followed(client: httpx.Client, take: str) -> list[dict[str, str]]:
    with client.stream("GET", f"/takes/{take}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def test_every_section_of_code_is_here() -> None:
    assert list(CODE) == ["FastAPI", "A queue of your own", "RQ"]
    assert TEXT.count("```python") == len(CODE)


def test_from_an_upload_to_the_video(start: Start, media: Media, tmp_path: Path) -> None:
    box = start()
    photo = media("photo.heic")
    with _serving(tmp_path) as client:
        take = _upload(client, "/takes", photo, prompt="@Image1 waves")["take"]
        stages = [event["stage"] for event in _followed(client, take)]
        film = client.get(f"/takes/{take}/video").content
        again = _upload(client, "/takes", photo, prompt="@Image1 waves")["take"]
        assert _followed(client, again)[-1]["stage"] == "finished"
        assert client.get(f"/takes/{again}/video").content == film
        forged = client.post("/webhook", content=b'{"request_id": "x", "status": "OK"}')
        assert forged.status_code == 401
        assert client.get("/takes/nonsense/video").status_code == 404
    assert [stage for stage in ("probe", "prepare", "upload", "submitted") if stage not in stages] == []
    assert stages[-1] == "finished"
    assert film[4:8] == b"ftyp"
    assert len(box.requests()) == len(box.ledger) == 1
    assert [line for line in box.accesses() if line.endswith("/status")] == [], "nothing polled"


def test_a_refusal_is_reported(start: Start, media: Media, tmp_path: Path) -> None:
    start("policy-refusal")
    with _serving(tmp_path) as client:
        take = _upload(client, "/takes", media("at_limit_300.png"), prompt="@Image1 waves")["take"]
        assert "content policy" in _followed(client, take)[-1]["message"]
        take = _upload(client, "/takes", media("voice.mp3"), prompt="@Audio1")["take"]
        assert _followed(client, take)[-1]["stage"] == "failed"
    [record] = jobs(sandbox=True)
    assert record.state == "failed"


def _worker(pause_s: float = 0.0) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "worker"}
    exec(CODE["A queue of your own"], names)
    names["PAUSE_S"] = pause_s
    return names


def test_tasks_that_come_twice_are_paid_once(start: Start, media: Media) -> None:
    box, names, tasks = start(), _worker(0.5), queue.Queue[Any]()
    reports: list[tuple[str, Outcome | PrepError]] = []
    for seed in (1, 1, 2):
        tasks.put(names["Task"](f"task-{seed}", [str(media("at_limit_300.png"))], "@Image1 waves", seed, 50))
    tasks.put(names["Task"]("missing", ["none.png"], "@Image1 waves", 3))

    def report(task: Any, outcome: Outcome | PrepError) -> None:
        reports.append((task.name, outcome))
        if len(reports) == 4:
            tasks.put(None)
            tasks.put(None)

    workers = [threading.Thread(target=names["work"], args=(tasks, report)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(240)
    assert sorted(name for name, _ in reports) == ["missing", "task-1", "task-1", "task-2"]
    assert [name for name, outcome in reports if isinstance(outcome, PrepError)] == ["missing"]
    assert len({outcome.result.path for _, outcome in reports if isinstance(outcome, Outcome) and outcome.result}) == 2
    assert len(box.requests()) == len(box.ledger) == 2


PROCESSES = """
import multiprocessing, sys
from worker import Task, work

def report(task, outcome):
    print(outcome.found, outcome.result.path, flush=True)

if __name__ == "__main__":
    tasks = multiprocessing.get_context("spawn").Queue()
    tasks.put(Task("task", [sys.argv[1]], "@Image1 waves", 1))
    tasks.put(None)
    process = multiprocessing.get_context("spawn").Process(target=work, args=(tasks, report))
    process.start()
    print(process.pid, flush=True)
    process.join()
"""


def test_a_worker_that_is_killed(start: Start, media: Media, tmp_path: Path) -> None:
    """It dies when its request was accepted; the task comes again to another one."""
    box = start(queue_s=3)
    (tmp_path / "worker.py").write_text(CODE["A queue of your own"], "utf-8")
    (tmp_path / "main.py").write_text(PROCESSES, "utf-8")
    command = [sys.executable, "main.py", str(media("at_limit_300.png"))]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        pid = int(first.stdout.readline())
        while not (states := [job.state for job in jobs(sandbox=True)]) or states != ["submitted"]:
            pass
        os.kill(pid, signal.SIGKILL)
    second = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    found, path = second.stdout.splitlines()[1].split()
    assert (found, (tmp_path / path).is_file()) == ("True", True)
    assert len(box.requests()) == len(box.ledger) == 1


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """Run a Redis on a socket in *folder*; its URL."""
    place = folder / "redis.sock"
    command = [program("redis-server"), "--port", "0", "--unixsocket", str(place), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            for line in server.stdout:
                if "ready to accept connections" in line.lower():
                    break
            yield f"unix://{place}"
        finally:
            server.terminate()
            server.communicate(timeout=60)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.needs("redis-server")
def test_rq_repeats_what_was_killed(
    start: Start, media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = start(queue_s=3)
    (tmp_path / "tasks.py").write_text(CODE["RQ"], "utf-8")
    tasks = ModuleType("tasks")
    exec(CODE["RQ"], vars(tasks))
    monkeypatch.setattr(tasks, "REPEATS", Retry(max=3), raising=False)  # at once
    monkeypatch.setitem(sys.modules, "tasks", tasks)
    with _redis(tmp_path) as url:
        monkeypatch.setenv("REDIS_URL", url)
        photo = str(media("at_limit_300.png"))
        twice = [tasks.enqueue("take", [photo], "@Image1 waves", 1) for _ in range(2)]
        command = [sys.executable, "-m", "rq.cli", "worker", "videos", "--burst", "--url", url]
        command += ["--job-monitoring-interval", "1"]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as worker:
            while [job.state for job in jobs(sandbox=True)] != ["submitted"]:
                assert worker.poll() is None
            [horse] = _children(worker.pid)
            os.kill(horse, signal.SIGKILL)
            assert worker.wait(200) == 0
        results = [one.latest_result() for one in twice]
        for one in twice:
            one.connection.close()
    assert [result.type.name for result in results] == ["SUCCESSFUL", "SUCCESSFUL"]
    assert {result.return_value for result in results} == {"work/take/" + Path(results[0].return_value).name}
    assert len(box.requests()) == len(box.ledger) == 1
