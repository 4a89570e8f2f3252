"""Hundreds of jobs through the sandbox with random faults and signals: `python -m tests.soak --jobs 300`.

Several processes work, on the same jobs too; some have a clock that is an hour wrong, some can't write larger files, as
on a full disk. In the end each job was billed once, none is lost, and every video is here as its hash says. The judge
reads the sandbox's ledger and the journal's database, not what the product says of them.
"""

import argparse
import hashlib
import json
import os
import random
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from PIL import Image

from prep import prepare
from prep.errors import PrepError
from submit import resume
from submit.errors import SubmitUncertain
from submit.journal import JobRecord, Journal
from submit.journal.states import UNSENT
from submit.sandbox import Sandbox, running

ROOT = Path(__file__).parents[2]
WORKERS = 3
PICTURES = 12
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGSTOP)
CLOCKS_S = (0, 0, 3600, -3600)
STOPPED_S = 2.0
FULL_DISK = 6  # one worker in so many
FAULTS = (
    "5xx-upload:10%,expired-url:2%,429:10%,5xx-submit:5%,5xx-after-accept:5%,drop-before-accept:5%,"
    "drop-after-accept:8%,policy-refusal:3%,5xx-status:5%,5xx-result:10%,partial-download:10%,wrong-length:5%"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    asked = parser.parse_args()
    print(f"soak: --jobs {asked.jobs} --seed {asked.seed}", flush=True)
    with TemporaryDirectory(prefix="soak-") as folder:
        for line in soak(asked.jobs, asked.seed, Path(folder)):
            print(line, flush=True)
    return 0


def soak(count: int, seed: int, folder: Path) -> list[str]:
    """Run it all in *folder*; what happened. Raises AssertionError when a promise is broken."""
    state, ready, out = folder / "state", folder / "ready", folder / "out"
    out.mkdir()
    for number in range(PICTURES):
        photo = folder / f"{number}.png"
        Image.new("RGB", (320, 320), (20 * number, 90, 160)).save(photo)
        prepare([photo], out=ready / "0" / str(number))
    for worker in range(1, WORKERS):
        shutil.copytree(ready / "0", ready / str(worker))
    with running(folder / "sandbox", queue_s=0.02, faults=f"{FAULTS},seed:{seed}") as box:
        with patch.dict(os.environ, box.env):
            chance, kills, decided = random.Random(seed), 0, Counter[str]()
            while _done(state) != set(range(count)):  # what was refused by a fault is asked for once more
                kills += _worked(count, chance, box, state, ready, out)
                decided += _decided(box, state)
        _judge(count, box, state)
        struck = Counter(strike.fault for strike in box.struck())
        return [
            f"{count} jobs, {kills} signals, {sum(struck.values())} faults: {dict(sorted(struck.items()))}",
            f"{decided['found']} uncertain jobs were found on the platform, {decided['resent']} sent again",
            str(box.totals()),
            "billed once each, none lost, every video whole",
        ]


def _done(state: Path) -> set[int | None]:
    return {job.request.seed for job in Journal(state).jobs(("downloaded",))}


def _worked(count: int, chance: random.Random, box: Sandbox, state: Path, ready: Path, out: Path) -> int:
    """Workers do the jobs; now and then one is killed and another takes its place. The number of kills."""
    for finished in out.glob("*.done"):
        finished.unlink()
    worker = str(ROOT / "tests" / "soak" / "worker.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(first: int) -> "subprocess.Popen[bytes]":
        clock_s, full_disk = chance.choice(CLOCKS_S), int(chance.randrange(FULL_DISK) == 0)
        command = [sys.executable, worker, *map(str, (state, ready, out, first, WORKERS, count, clock_s, full_disk))]
        return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)

    alive = {first: start(first) for first in range(WORKERS)}
    # by what has come through, not by the clock: on a slow machine workers must not die faster than they begin
    kills, next_kill = 0, len(box.requests()) + 1
    stopped: Stopped = {}
    try:
        while alive:
            for first, process in list(alive.items()):
                try:
                    process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
                if (out / f"{first}.done").exists():
                    del alive[first]
                else:
                    alive[first] = start(first)
            if alive and len(box.requests()) >= next_kill:
                time.sleep(chance.uniform(0.0, 0.4))
                _strike(alive[chance.choice(sorted(alive))], stopped, chance)
                kills += 1
                next_kill = len(box.requests()) + chance.randint(1, 4)
            _go_on(stopped)
    finally:
        for process in alive.values():
            process.kill()
            process.wait()
    return kills


Stopped = dict["subprocess.Popen[bytes]", float]


def _strike(process: "subprocess.Popen[bytes]", stopped: Stopped, chance: random.Random) -> None:
    number = chance.choice(SIGNALS)
    process.send_signal(number)
    if number == signal.SIGSTOP:
        stopped[process] = time.monotonic() + STOPPED_S


def _go_on(stopped: Stopped) -> None:
    """Let those go on that have been stopped for long enough."""
    for process in [process for process, end in stopped.items() if time.monotonic() > end]:
        process.send_signal(signal.SIGCONT)
        del stopped[process]


def _decided(box: Sandbox, state: Path) -> Counter[str]:
    """What a person does with what is left: resume, and send again what the platform certainly never had."""
    decided: Counter[str] = Counter()
    journal = Journal(state)
    while owed := _owed(journal):
        for job in owed:
            if job.id not in {one.id for one in _owed(journal)}:
                continue
            while box.totals().unfinished:
                time.sleep(0.05)
            unsure = job.state in ("submitting", "uncertain")
            try:
                resume(job.id, state=state, poll_s=0.05)
                decided["found"] += unsure
            except SubmitUncertain:
                assert not _accepted(job, box, journal), f"{job.id} is on the platform and was not found"
                with suppress(PrepError):
                    resume(job.id, state=state, poll_s=0.05, resubmit=True)
                decided["resent"] += 1
            except PrepError as error:
                print(f"{job.id}: {error}", file=sys.stderr)
    return decided


def _owed(journal: Journal) -> list[JobRecord]:
    """What is not done. Nobody sends what was never sent once its take is there: a worker that was killed after `again`
    asks once more for another one.
    """
    jobs = journal.jobs()
    done = {job.request.seed for job in jobs if job.state == "downloaded"}
    left = [job for job in jobs if job.state not in ("downloaded", "failed")]
    return [job for job in left if not (job.state in UNSENT and job.request.seed in done)]


def _accepted(job: JobRecord, box: Sandbox, journal: Journal) -> bool:
    """Whether the platform has a request of *job* that no job in the journal has."""
    same = [request.request_id for request in box.requests() if request.body["seed"] == job.request.seed]
    return any(journal.job_of_request(request_id) is None for request_id in same)


def _judge(count: int, box: Sandbox, state: Path) -> None:
    ledger = [json.loads(line) for line in box.ledger_file.read_text("utf-8").splitlines()]
    billed = Counter(line["request_id"] for line in ledger if line["event"] == "billed")
    assert set(billed.values()) == {1}, "a request was billed twice"
    per_seed = Counter(request.body["seed"] for request in box.requests() if request.request_id in billed)
    assert per_seed == dict.fromkeys(range(count), 1), f"not billed once: {[s for s, n in per_seed.items() if n != 1]}"
    with closing(sqlite3.connect(state / "journal.sqlite3")) as connection:
        rows = connection.execute("SELECT state, request_id, record FROM jobs").fetchall()
    known = {request_id for _, request_id, _ in rows if request_id}
    assert known == {request.request_id for request in box.requests()}, "a request belongs to no job"
    done = [json.loads(record) for job_state, _, record in rows if job_state == "downloaded"]
    assert sorted(record["request"]["seed"] for record in done) == list(range(count)), (
        "a job was lost, or is there twice"
    )
    made = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (box.directory / "files").iterdir()}
    for record in done:
        content = (Path(record["folder"]) / record["video"]["path"]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        assert digest == record["video"]["sha256"] and digest in made, "not the video"


if __name__ == "__main__":
    sys.exit(main())
