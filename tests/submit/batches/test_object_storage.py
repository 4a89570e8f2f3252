"""Batches whose jobs and results are in object storage, on a real server and on moto, through the sandbox."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prep.errors import UsageError
from submit.batches.api import batch
from submit.batches.results.mirror import Mirror
from submit.batches.results.result import RowResult
from submit.errors import BatchPaused, Refusal
from submit.sandbox import Sandbox
from tests.object_stores import SECRET, Storage
from tests.submit.batches.conftest import Jobs, billed
from tests.submit.cloud import Cloud, raising
from tests.types import Media, Say

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
Start = Callable[..., Sandbox]


@pytest.fixture
def out(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A prefix of the test's own."""
    return f"s3://media/{tmp_path.name}/takes"


def _run(jobs: Any, out: str, **options: Any) -> tuple[Any, list[RowResult]]:
    made = batch(jobs, out=out, **{"poll_s": 0.02, "max_cost": 20, **options})
    return made, list(made)


def _key(out: str, name: str = "") -> str:
    return f"{out.removeprefix('s3://media/')}/{name}"


def test_each_row_and_the_whole_are_in_the_bucket(
    storage: Storage, jobs: Jobs, start: Start, out: str, tmp_path: Path
) -> None:
    box = start()
    made, results = _run(jobs(3), out, state=tmp_path / "state")
    assert made.summary.states == {"done": 3}
    lines = [json.loads(line) for line in storage.get(_key(out, "results.jsonl")).splitlines()]
    parts = [json.loads(storage.get(key)) for key in storage.keys(_key(out, "results/"))]
    assert sorted(lines, key=lambda line: line["id"]) == sorted(parts, key=lambda line: line["id"])
    assert {line["request_id"] for line in lines} == set(billed(box))
    for line in lines:
        assert storage.get(_key(out, line["paths"]["video"])).startswith(b"\0\0\0"), "an MP4"
        assert {"manifest.json", "receipt.json"} <= {
            key.rpartition("/")[2] for key in storage.keys(_key(out, line["id"]))
        }
    summary = json.loads(storage.get(_key(out, "summary.json")))
    assert (summary["folder"], summary["states"]) == (out, {"done": 3})
    assert b"<!doctype html>" in storage.get(_key(out, "batch.html")).lower()
    everything = b"".join(storage.get(key) for key in storage.keys(_key(out)) if key.endswith("json"))
    assert not any(word.encode() in everything for word in (SECRET, "key-of-the-tests"))
    before = storage.keys(_key(out))
    made, results = _run(jobs(3), out, state=tmp_path / "state")
    assert (results, storage.keys(_key(out)), len(billed(box))) == ([], before, 3), "nothing is written or paid twice"


def test_what_a_run_could_not_write_the_next_one_does(
    seaweed_env: Storage, jobs: Jobs, start: Start, out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    made = batch(jobs(3), out=out, poll_s=0.02, max_cost=20, state=tmp_path / "state", concurrency=1)
    next(iter(made))
    assert len(seaweed_env.keys(_key(out, "results/"))) < 3
    made, _ = _run(jobs(3), out, state=tmp_path / "state")
    assert (made.summary.states, len(seaweed_env.keys(_key(out, "results/")))) == ({"done": 3}, 3)


def test_an_interrupt_ends_the_writing(
    seaweed_env: Storage, jobs: Jobs, start: Start, out: str, tmp_path: Path
) -> None:
    start()
    _, [result] = _run(jobs(1), str(tmp_path / "out"), state=tmp_path / "state")

    def interrupted() -> Iterator[RowResult]:
        for number in range(500):
            yield result.model_copy(update={"id": f"row{number}"})
        raise KeyboardInterrupt

    mirror = Mirror(out, tmp_path / "out", threading.Event())
    with pytest.raises(KeyboardInterrupt):
        mirror.finish(interrupted())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mirror")]
    assert len(seaweed_env.keys(_key(out, "results/"))) < 500


def test_a_paused_batch_has_its_results_there(seaweed_env: Storage, jobs: Jobs, out: str, tmp_path: Path) -> None:
    cloud = Cloud()
    cloud.on_submit = raising(Refusal("status 403", 403, "User is locked.", taken=False))
    with pytest.raises(BatchPaused):
        _run(jobs(2), out, state=tmp_path / "state", concurrency=1, platform=cloud)
    assert json.loads(seaweed_env.get(_key(out, "summary.json")))["paused"]


def test_another_machine_may_not_go_on(storage: Storage, jobs: Jobs, start: Start, out: str, tmp_path: Path) -> None:
    box = start()
    _run(jobs(1), out, state=tmp_path / "here")
    with pytest.raises(UsageError, match="whose journal knows what was paid"):
        _run(jobs(1), out, state=tmp_path / "elsewhere")
    assert len(billed(box)) == 1


@pytest.mark.parametrize("name", ["batch.json", "results.jsonl", "summary.json"])
def test_objects_of_the_users_stay(
    seaweed_env: Storage, jobs: Jobs, start: Start, out: str, tmp_path: Path, name: str
) -> None:
    start()
    seaweed_env.put(_key(out, name), b"mine")
    with pytest.raises(UsageError, match=f"{out}/{name}: not that of a batch"):
        _run(jobs(1), out, state=tmp_path / "state")
    assert (seaweed_env.keys(_key(out)), seaweed_env.get(_key(out, name))) == ([_key(out, name)], b"mine")


def test_jobs_are_an_object_and_references_lie_beside_it(
    seaweed_env: Storage, media: Media, start: Start, out: str, tmp_path: Path
) -> None:
    start()
    seaweed_env.put(f"{tmp_path.name}/refs/hero.jpg", media("photo.jpg").read_bytes())
    rows = [{"id": f"take{n}", "prompt": f"@hero waves {n}", "references": ["hero=refs/hero.jpg"]} for n in range(2)]
    for name, text in {
        "jobs.jsonl": "\n".join(map(json.dumps, rows)),
        "jobs.csv": "id,prompt,references\ntake0,@hero waves 0,hero=refs/hero.jpg\n",
        "jobs.json": json.dumps(rows),
    }.items():
        url = seaweed_env.put(f"{tmp_path.name}/{name}", text.encode())
        made = batch(url, out=tmp_path / name, max_cost=20)
        assert made.offer.to_send == (1 if name.endswith("csv") else 2)
    made, results = _run(f"s3://media/{tmp_path.name}/jobs.jsonl", out, state=tmp_path / "state")
    assert [result.state for result in results] == ["done", "done"]
    with pytest.raises(UsageError, match=r"s3://media/jobs\.txt: a list of jobs ends in"):
        batch(seaweed_env.put("jobs.txt", b""), out=tmp_path / "none")


def test_the_command(seaweed_env: Storage, media: Media, say: Say, out: str, tmp_path: Path) -> None:
    row = {"id": "take", "prompt": "@Image1 waves", "references": ["photo.jpg"]}
    seaweed_env.put(f"{tmp_path.name}/photo.jpg", media("photo.jpg").read_bytes())
    jobs = seaweed_env.put(f"{tmp_path.name}/jobs.jsonl", json.dumps(row).encode())
    code, text, err = say("batch", jobs, "--out", out, "--sandbox", "--max-cost", "5")
    assert (code, f"{out}/results.jsonl" in text) == (0, True), text + err
    assert len(seaweed_env.keys(_key(out, "take/"))) >= 4
    code, text, err = say("batch", jobs, "--out", out, "--sandbox", "--dry-run")
    assert code == 0, err
