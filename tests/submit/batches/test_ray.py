"""Preparation on a Ray cluster of three simulated nodes: what is lost when machines fail, and what is left behind."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Cancelled, UnreadableError, UsageError
from prep.inputs.jobs import Job
from prep.media.ffmpeg.binary import binary
from prep.specs import load_spec
from submit.batches.api import batch
from submit.batches.executors.local import LocalExecutor
from submit.batches.preparation import Preparation
from submit.errors import Hopeless
from submit.sandbox import Sandbox
from tests.object_stores import Storage
from tests.submit.batches.conftest import SMALL, Jobs, billed
from tests.telemetry.conftest import recorded  # noqa: F401
from tests.telemetry.recorded import Recorded
from tests.types import Media

ray = pytest.importorskip("ray")
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.xdist_group("ray"),
]
Start = Callable[..., Sandbox]
NODES, WAIT_S = 3, 200.0  # it takes seconds, but not on a machine that has much else to do


@pytest.fixture(scope="module")
def cluster(seaweed: Storage) -> Iterator[Any]:
    """Three nodes with one processor each, whose environment leads to object storage."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as environment:
        settings = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "150", **seaweed.env}
        for name, value in settings.items():
            environment.setenv(name, value)
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        try:
            for _ in range(NODES - 1):
                made.add_node(num_cpus=1)
            yield made
        finally:
            ray.shutdown()
            made.shutdown()


@pytest.fixture
def executor(cluster: Any) -> Iterator[Callable[..., Any]]:
    """`executor(shared=False)` is one on the cluster; it is closed at the end."""
    from submit.batches.executors.ray_cluster import RayExecutor

    made = []

    def begin(work: str | None = None, shared: bool = True) -> Any:
        made.append(RayExecutor(cluster.address, None, work, shared=shared))
        return made[-1]

    yield begin
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that takes a second or two to prepare."""
    path = tmp_path_factory.mktemp("clip") / "film.mp4"
    source = "testsrc2=size=1280x960:rate=30:duration=6"
    command = [
        binary(),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        str(path),
    ]
    subprocess.run(command, check=True)
    return path


def _films(clip: Path, count: int) -> list[dict[str, Any]]:
    """Jobs that each make a film of their own: no cache has it."""
    return [
        {
            "id": f"film{number}",
            "prompt": f"@Video1 {number}",
            "references": [f"{clip}#t=0,{3 + number / 10:.1f}"],
            "generation": {**SMALL, "seed": number},
        }
        for number in range(count)
    ]


def _task(folder: Path, *references: str) -> Preparation:
    job = Job(prompt="A slow walk", references=references)
    folder.mkdir()
    return Preparation(
        job.model_dump_json(exclude_unset=True), "key", load_spec(), folder, folder.parent / f"cache-{folder.name}"
    )


def _processes(*words: str) -> dict[int, str]:
    """The command lines of the processes that have all *words* in them, by their ids."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if all(word in line for word in words):
                found[int(pid)] = line
    return found


def _until(condition: Callable[[], Any]) -> Any:
    end, pause = time.monotonic() + WAIT_S, threading.Event()
    while not (value := condition()):
        assert time.monotonic() < end, "it does not happen"
        pause.wait(0.02)
    return value


def _tasks() -> dict[int, int]:
    """The workers that prepare a row now, and the raylet of each."""
    tasks = {}
    for worker in _processes("ray::_remote"):
        with suppress(OSError):
            status = Path(f"/proc/{worker}/status").read_text()
            tasks[worker] = int(status.partition("PPid:")[2].split()[0])
    return tasks


def _busy_node(cluster: Any) -> Any:
    """A node, not the head, that prepares a row."""
    raylets = _tasks().values()
    nodes = [node for node in cluster.worker_nodes if node.all_processes["raylet"][0].process.pid in raylets]
    return next(iter(nodes), None)


def test_a_killed_worker_and_a_lost_node_cost_nothing(
    cluster: Any, clip: Path, start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    box, out, states = start(), tmp_path / "out", []
    made = batch(
        _films(clip, 5),
        out=out,
        max_cost=50,
        poll_s=0.02,
        executor=f"ray://{cluster.address}",
        cache=tmp_path / "cache",
    )
    driver = threading.Thread(target=lambda: states.extend(result.state for result in made))
    driver.start()
    try:
        _until(lambda: _processes("ffmpeg", str(out)))
        os.kill(next(iter(_until(_tasks))), signal.SIGKILL)
        cluster.remove_node(_until(lambda: _busy_node(cluster)), allow_graceful=False)
        driver.join(WAIT_S)
        assert states == ["done"] * 5
    finally:
        made.cancel.set()
        driver.join()
    ledger = billed(box)
    assert len(ledger) == 5 and len({record.request_id for record in box.ledger}) == 5, "nothing is paid twice"
    assert _until(lambda: not _processes("ffmpeg", str(out)))
    assert "raylet" not in capfd.readouterr().out, "stdout is for results"
    left = [path.name for path in out.rglob(".*")]
    assert not [name for name in left if name.startswith((".making", ".shared"))], left


def test_the_driver_records_what_it_waits_for(
    cluster: Any,
    jobs: Jobs,
    start: Start,
    recorded: Recorded,  # noqa: F811
    tmp_path: Path,
) -> None:
    start()
    made = batch(
        jobs(1),
        out=tmp_path / "out",
        max_cost=3,
        poll_s=0.02,
        executor=f"ray://{cluster.address}",
        cache=tmp_path / "c",
    )
    assert [result.state for result in made] == ["done"]
    (run,) = (below for name, below in recorded.below() if name == "submit.batch")
    ((name, stages),) = run
    assert (name, stages[0]) == ("job", ("preparation", []))
    assert {"upload", "submit", "wait", "submit.result"} <= {stage for stage, _ in stages}


@pytest.mark.parametrize("shared", [True, False], ids=["the worker sees the files", "content travels"])
def test_it_makes_what_this_machine_makes(
    executor: Callable[..., Any], media: Media, tmp_path: Path, shared: bool
) -> None:
    references = [f"hero={media('photo_orient6.jpg')}#xywh=percent:0,0,90,90", str(media("clip_720p.mp4"))]
    local = LocalExecutor(1)
    here = local.submit(_task(tmp_path / "here", *references)).result()
    local.close()
    there = executor(shared=shared).submit(_task(tmp_path / "there", *references)).result(WAIT_S)
    assert there.plan_key == here.plan_key
    assert there.manifest.model_dump(mode="json") == here.manifest.model_dump(mode="json")
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == names
    for name in names:
        if name.startswith(("image", "video")):
            assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_files_go_through_object_storage(
    seaweed_env: Storage, executor: Callable[..., Any], media: Media, tmp_path: Path
) -> None:
    prefix = f"s3://media/{tmp_path.name}/work"
    task = _task(tmp_path / "there", str(media("photo_orient6.jpg")))
    made = executor(work=prefix, shared=False).submit(task).result(WAIT_S)
    assert [path.read_bytes()[:2] for path in made.manifest.paths.values()] == [b"\xff\xd8"]
    assert seaweed_env.keys(f"{tmp_path.name}/work") == [], "nothing is left between the machines"


@pytest.mark.parametrize("shared", [True, False], ids=["the worker sees the files", "content travels"])
def test_errors_travel_and_name_the_users_file(executor: Callable[..., Any], tmp_path: Path, shared: bool) -> None:
    (tmp_path / "no-picture.jpg").write_text("text")
    failing = executor(shared=shared)
    with pytest.raises(UnreadableError, match=str(tmp_path / "no-picture.jpg")):
        failing.submit(_task(tmp_path / "a", str(tmp_path / "no-picture.jpg"))).result(WAIT_S)


def test_a_row_that_the_cluster_does_not_take(executor: Callable[..., Any], media: Media, tmp_path: Path) -> None:
    task = _task(tmp_path / "a", str(media("photo_orient6.jpg")))._replace(network=threading.Lock())  # type: ignore[arg-type]
    with pytest.raises(Hopeless, match=r"^the Ray cluster can't take the preparation: "):
        executor().submit(task).result(WAIT_S)


def test_a_file_of_the_users_is_not_replaced(executor: Callable[..., Any], media: Media, tmp_path: Path) -> None:
    task = _task(tmp_path / "there", str(media("photo_orient6.jpg")))
    (task.folder / "image1-photo_orient6.jpg").write_text("mine")
    with pytest.raises(UsageError, match="would be replaced"):
        executor(shared=False).submit(task).result(WAIT_S)
    assert (task.folder / "image1-photo_orient6.jpg").read_text() == "mine"


def test_closing_ends_what_is_going_on(executor: Callable[..., Any], clip: Path, tmp_path: Path) -> None:
    running = executor()
    futures = [running.submit(_task(tmp_path / job["id"], *job["references"])) for job in _films(clip, 4)]
    _until(lambda: _processes("ffmpeg", str(tmp_path)))
    running.close()
    wait(futures, 10)
    assert all(isinstance(future.exception(), Cancelled) for future in futures if not future.cancelled())
    _until(lambda: not _processes("ffmpeg", str(tmp_path)))


def test_executors_that_there_are_not(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="executor: 'dask' is not one; choose from local, ray, ray://ADDRESS"):
        batch(jobs(1), out=tmp_path / "out", executor="dask")
    with pytest.raises(UsageError, match="work: only other machines need a place between them"):
        batch(jobs(1), out=tmp_path / "out", work="s3://media/x")
