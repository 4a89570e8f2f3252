"""A batch through the sandbox with faults and kill -9: `python -m tests.soak.batch --jobs 300 --kills 20`.

The driver is killed and started again, two drivers work at once for a while, and the budget is first too small. In the
end each row is billed once or refused, the ledger never came to more than the budget, results.jsonl is complete and
true, and each file was uploaded once. The judge reads the sandbox's ledger and results.jsonl, not what the product says
of them. With --ray the rows are prepared on a cluster of three simulated nodes, whose workers are killed as well.
"""

import argparse
import hashlib
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

from PIL import Image

from prep.errors import PrepError
from submit import resume
from submit.errors import SubmitUncertain
from submit.journal import Journal
from submit.sandbox import Sandbox, running

ROOT = Path(__file__).parents[2]
PICTURES = 12
CONCURRENCY = 6
PRICE = Decimal("0.5432")  # of a job of 4 s at 480p, 1:1
FIRST_BUDGET = Decimal("0.6")  # of what all rows cost
SECONDS_AFTER_LAST = 900
ROUNDS = 20  # of a driver that ends by itself and a person who decides about what is uncertain
FAULTS = (
    "5xx-upload:5%,429:5%,5xx-submit:2%,5xx-after-accept:2%,drop-before-accept:2%,drop-after-accept:4%,"
    "policy-refusal:3%,5xx-status:3%,5xx-result:5%,partial-download:5%,wrong-length:3%"
)


class Soak(NamedTuple):
    """The places of one soak, and how many rows it has."""

    folder: Path
    box: Sandbox
    count: int
    state: Path | str
    executor: str = "local"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def price(self) -> Decimal:
        return PRICE * self.count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--state", help="the address of an empty database [default: a folder]")
    parser.add_argument("--ray", action="store_true", help="prepare on a cluster of three simulated nodes")
    asked = parser.parse_args()
    print(f"soak: --jobs {asked.jobs} --kills {asked.kills} --seed {asked.seed}", flush=True)
    with (
        TemporaryDirectory(prefix="soak-batch-") as name,
        _cluster() if asked.ray else nullcontext("local") as executor,
    ):
        folder = Path(name)
        for line in soak(asked.jobs, asked.kills, asked.seed, folder, asked.state, executor):
            print(line, flush=True)
    return 0


@contextmanager
def _cluster() -> Iterator[str]:
    """A Ray cluster of three nodes with a processor each; its address as --executor takes it."""
    import ray
    from ray.cluster_utils import Cluster

    with patch.dict(os.environ, RAY_USAGE_STATS_ENABLED="0", PYTHONPATH=str(ROOT)):
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        try:
            for _ in range(2):
                cluster.add_node(num_cpus=1)
            yield f"ray://{cluster.address}"
        finally:
            ray.shutdown()
            cluster.shutdown()


def soak(
    count: int, kills: int, seed: int, folder: Path, state: str | None = None, executor: str = "local"
) -> list[str]:
    """Run it all in *folder*; what happened. Raises AssertionError when a promise is broken."""
    _write_jobs(folder, count)
    with running(folder / "sandbox", queue_s=0.02, faults=f"{FAULTS},seed:{seed}") as box:
        with patch.dict(os.environ, box.env, XDG_CACHE_HOME=str(folder / "cache"), PYTHONPATH=str(ROOT)):
            course = Soak(folder, box, count, state or folder / "state", executor)
            chance, budget = random.Random(seed), course.price * FIRST_BUDGET
            _killed(course, kills // 2, budget, chance)
            _until_idle(course, budget)
            assert _spent(box) <= budget, "the first budget was exceeded"
            _killed(course, kills - kills // 2, course.price, chance)
            resent = 0
            for _ in range(ROUNDS):
                _until_idle(course, course.price)
                resent += _decided(course)
                if _all_final(course):
                    break
        _judge(course, kills)
        struck = Counter(strike.fault for strike in box.struck())
        return [
            f"{count} rows, {kills} kills, {sum(struck.values())} faults: {dict(sorted(struck.items()))}",
            f"{resent} uncertain jobs were sent again by hand",
            str(box.totals()),
            "billed once each, the budget kept, every result true",
        ]


def _write_jobs(folder: Path, count: int) -> None:
    """Every second picture has to be padded, and the rows are in CSV."""
    for number in range(PICTURES):
        size = (900, 320) if number % 2 else (320, 320)
        Image.new("RGB", size, (20 * number, 90, 160)).save(folder / f"{number}.png")
    lines = [f"row{row},@Image1 dances {row},{row % PICTURES}.png,4,480p,1:1,{row}" for row in range(count)]
    header = "id,prompt,ref1,duration,resolution,aspect_ratio,seed"
    (folder / "jobs.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")


def _start(course: Soak, budget: Decimal) -> "subprocess.Popen[bytes]":
    driver = str(ROOT / "tests" / "soak" / "batch_driver.py")
    arguments = [course.folder / "jobs.csv", course.out, course.state, budget, CONCURRENCY, course.executor]
    with (course.folder / "drivers.log").open("ab") as log:
        return subprocess.Popen([sys.executable, driver, *map(str, arguments)], stderr=log)


def _killed(course: Soak, kills: int, budget: Decimal, chance: random.Random) -> None:
    """Kill the driver -9 so many times; about every third time another one works beside it.

    By what has come through, not by the clock: on a slow machine it must not die faster than it begins.
    """
    drivers = [_start(course, budget)]
    try:
        for number in range(kills):
            if number % 3 == 0 and len(drivers) < 2:
                drivers.append(_start(course, budget))
            seen, wanted = len(course.box.accesses()), chance.randint(3, 60)
            while len(course.box.accesses()) < seen + wanted and any(driver.poll() is None for driver in drivers):
                time.sleep(0.01)
                assert _spent(course.box) <= budget, "the budget was exceeded"
            time.sleep(chance.uniform(0.0, 0.1))
            victim = drivers.pop(chance.randrange(len(drivers)))
            victim.kill()
            victim.wait()
            if course.executor != "local":
                _kill_worker(chance)
            if not drivers:
                drivers.append(_start(course, budget))
    finally:
        for driver in drivers:
            driver.kill()
            driver.wait()


def _kill_worker(chance: random.Random) -> None:
    """Kill -9 a worker of Ray that prepares a row, if there is one."""
    workers = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if b"ray::_remote" in Path(f"/proc/{pid}/cmdline").read_bytes():
                workers.append(int(pid))
    if workers:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)


def _until_idle(course: Soak, budget: Decimal) -> None:
    """Run drivers until one ends by itself with nothing left that it may do."""
    end = time.monotonic() + SECONDS_AFTER_LAST
    while True:
        code = _start(course, budget).wait()
        assert _spent(course.box) <= budget, "the budget was exceeded"
        log = (course.folder / "drivers.log").read_text("utf-8", "replace")
        assert code in (0, 4), f"a driver ended with {code}:\n{log[-3000:]}"
        assert time.monotonic() < end, "the batch does not come to an end"
        if code == 0:
            return


def _results(course: Soak) -> dict[str, dict[str, Any]]:
    """The last whole line of each row."""
    results = {}
    for line in (course.out / "results.jsonl").read_bytes().split(b"\n"):
        if line.endswith(b"}"):
            result = json.loads(line)
            results[result["id"]] = result
    return results


def _all_final(course: Soak) -> bool:
    states = [result["state"] for result in _results(course).values()]
    return len(states) == course.count and set(states) <= {"done", "refused"}


def _decided(course: Soak) -> int:
    """What a person does with uncertain jobs: resume, and send again what the platform certainly never had."""
    resent, journal = 0, Journal(course.state)
    while course.box.totals().unfinished:
        time.sleep(0.05)
    for job in journal.jobs(("submitting", "uncertain")):
        try:
            resume(job.id, state=course.state, poll_s=0.05)
        except SubmitUncertain:
            same = [one.request_id for one in course.box.requests() if one.body["seed"] == job.request.seed]
            assert all(journal.job_of_request(request_id) for request_id in same), f"{job.id} arrived and was not found"
            resent += 1
            try:
                resume(job.id, state=course.state, poll_s=0.05, resubmit=True)
            except PrepError as error:
                print(f"{job.id}: {error}", file=sys.stderr)
        except PrepError as error:
            print(f"{job.id}: {error}", file=sys.stderr)
    return resent


def _ledger(box: Sandbox) -> list[dict[str, Any]]:
    text = box.ledger_file.read_text("utf-8") if box.ledger_file.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def _spent(box: Sandbox) -> Decimal:
    return sum((Decimal(str(line["usd"])) for line in _ledger(box) if line["event"] == "billed"), Decimal(0))


def _judge(course: Soak, kills: int) -> None:
    box, results = course.box, _results(course)
    open_rows = {row: result for row, result in results.items() if result["state"] not in ("done", "refused")}
    assert len(results) == course.count, f"{course.count - len(results)} rows without a result"
    assert not open_rows, f"not brought to an end: {json.dumps(open_rows, indent=1)}"
    billed = Counter(line["request_id"] for line in _ledger(box) if line["event"] == "billed")
    refused = {line["request_id"] for line in _ledger(box) if line["event"] in ("failed", "refused")}
    assert set(billed.values()) <= {1}, "a request was billed twice"
    per_seed = Counter(request.body["seed"] for request in box.requests())
    assert per_seed == dict.fromkeys(range(course.count), 1), f"sent twice: {[s for s, n in per_seed.items() if n > 1]}"
    assert _spent(box) <= course.price, "the budget was exceeded"
    requests = {request.body["seed"]: request.request_id for request in box.requests()}
    made = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (box.directory / "files").iterdir()}
    for row in range(course.count):
        result = results[f"row{row}"]
        assert result["request_id"] == requests[row], f"row {row}: not its request"
        if result["state"] == "refused":
            assert result["request_id"] in refused and result["request_id"] not in billed, f"row {row}: not refused"
            continue
        assert result["request_id"] in billed and Decimal(str(result["billed"]["usd"])) == PRICE, f"row {row}: bill"
        video = (course.out / result["paths"]["video"]).read_bytes()
        assert hashlib.sha256(video).hexdigest() in made, f"row {row}: not the video"
    summary = json.loads((course.out / "summary.json").read_text("utf-8"))
    assert summary["states"] == dict(Counter(result["state"] for result in results.values())), "the summary is wrong"
    uploads = len([item for item in box.objects() if item.content_type.startswith("image/")])
    # a driver that is killed between an upload and its note uploads again
    assert min(PICTURES, len(results)) <= uploads <= PICTURES + 4 * kills, f"{uploads} uploads of {PICTURES} pictures"


if __name__ == "__main__":
    sys.exit(main())
