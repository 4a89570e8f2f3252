"""Batches beside what they are measured against: preparing, keeping the slots busy, and memory.

python -m benchmarks.batch [--rounds N] [--preparations N] [--jobs N] [--rows N] [--without-ray]

Preparing: parts of a film by a bare `concurrent.futures` loop over the ffmpeg command that one would write by hand, by
the local executor, and by Ray on the same processors, in turn. Slots: jobs through the sandbox at a concurrency of 40.
Memory: the peak of surveying N rows, and 10 N.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

from PIL import Image

from benchmarks.measure import ratio
from prep.inputs.jobs import Job
from prep.media.ffmpeg.binary import binary
from prep.media.video.encode import CRF, PRESET
from prep.specs import load_spec
from submit.batches.executors.executor import Executor
from submit.batches.executors.local import LocalExecutor
from submit.batches.preparation import Preparation
from submit.batches.slots import Slots

LOCAL_TARGET, RAY_TARGET, OVERHEAD_TARGET_MS, BUSY_TARGET, MEMORY_TARGET = 1.05, 1.10, 10.0, 0.95, 1.25
SECONDS, CONCURRENCY = 2, 40
SMALL = {"duration": "4", "resolution": "480p", "aspect_ratio": "1:1"}
WORKERS = os.cpu_count() or 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Batches beside what they are measured against.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preparations", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--without-ray", action="store_true")
    asked = parser.parse_args()
    print(f"{asked}, {WORKERS} processors, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-batch-") as name:
        folder = Path(name)
        met = [
            preparing(folder / "preparing", asked.preparations, asked.rounds, with_ray=not asked.without_ray),
            slots(folder / "slots", asked.jobs),
            memory(folder / "memory", asked.rows),
        ]
    return 0 if all(met) else 1


def preparing(folder: Path, count: int, rounds: int, *, with_ray: bool) -> bool:
    """Make a film of two seconds *count* times in each way, in turn; equal ones are not cached."""
    folder.mkdir()
    source = folder / "source.mp4"
    _ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x960:r=30:d=10", "-c:v", "libx264", "-preset", "ultrafast", source)
    executors: dict[str, Executor] = {"local": LocalExecutor(WORKERS)}
    if with_ray:
        from submit.batches.executors.ray_cluster import RayExecutor

        executors["ray"] = RayExecutor("local", WORKERS, None)
        _through(executors["ray"], folder / "warm", source, WORKERS)
    taken: dict[str, list[float]] = {"by hand": [], **{name: [] for name in executors}}
    for number in range(rounds):
        ways: dict[str, Callable[[Path], None]] = {"by hand": lambda out: _by_hand(out, source, count)}
        for name, executor in executors.items():
            ways[name] = lambda out, executor=executor: _through(executor, out, source, count)  # type: ignore[misc]
        for name, way in ways.items():
            started = time.monotonic()
            way(folder / f"{name.replace(' ', '-')}{number}")
            taken[name].append(time.monotonic() - started)
            shutil.rmtree(folder / f"{name.replace(' ', '-')}{number}")
    for executor in executors.values():
        executor.close()
    for name, times in taken.items():
        print(f"{count} preparations, {name}: {' '.join(f'{one:.1f}' for one in times)} s", flush=True)
    per_job_ms = 1000 * (median(taken["local"]) - median(taken["by hand"])) / count
    met = [ratio("local, ms per job over by hand", per_job_ms, OVERHEAD_TARGET_MS)]
    for name, target in (("local", LOCAL_TARGET), ("ray", RAY_TARGET)):
        if name in taken:
            pairs = [ours / hand for ours, hand in zip(taken[name], taken["by hand"], strict=True)]
            met.append(ratio(f"{name} / by hand, time", median(pairs), target))
    return all(met)


def _start_s(number: int) -> float:
    """Another picture to begin at for each preparation, so that none is found in the cache."""
    return round(number % 240 / 30, 4)


def _by_hand(out: Path, source: Path, count: int) -> None:
    out.mkdir()

    def make(number: int) -> None:
        scale = "scale=1112:834:flags=lanczos,fps=30,format=yuv420p"
        encode = ("-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF), "-movflags", "+faststart")
        start = ("-ss", str(_start_s(number)), "-i", source, "-t", str(SECONDS), "-vf", scale)
        _ffmpeg(*start, *encode, out / f"{number}.mp4")

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(make, range(count)))


def _through(executor: Executor, out: Path, source: Path, count: int) -> None:
    out.mkdir()

    def task(number: int) -> Preparation:
        start = _start_s(number)
        return _task(out / str(number), f"{source}#t={start},{start + SECONDS}", out / "cache")

    for future in [executor.submit(task(number)) for number in range(count)]:
        future.result()


def _task(folder: Path, reference: str, cache: Path) -> Preparation:
    folder.mkdir()
    job = Job(prompt="A slow walk", references=(reference,))
    return Preparation(job.model_dump_json(exclude_unset=True), folder.name, load_spec(), folder, cache)


def _ffmpeg(*words: str | Path) -> None:
    subprocess.run([binary(), "-nostdin", "-y", "-v", "error", *map(str, words)], check=True)


def slots(folder: Path, count: int) -> bool:
    """Run *count* jobs through the sandbox; the share of the slots that were taken while rows were waiting for one."""
    from submit.batches.api import batch
    from submit.batches.progress import BatchProgress
    from submit.sandbox import running

    folder.mkdir()
    pictures = _pictures(folder, 12)
    rows = [_row(number, pictures) for number in range(count)]
    last_work = 0.0

    def watch(progress: BatchProgress) -> None:
        nonlocal last_work
        ahead = sum(progress.stages.get(stage, 0) for stage in ("prepared", "uploading", "uploaded"))
        if ahead or sum(progress.stages.values()) + sum(progress.states.values()) < progress.rows:
            last_work = time.monotonic()

    before = dict(os.environ)
    with running(folder / "sandbox", queue_s=3.0) as box, _watched_slots() as changes:
        os.environ.update(box.env)
        started = time.monotonic()
        made = batch(
            rows,
            out=folder / "out",
            concurrency=CONCURRENCY,
            max_cost=count,
            poll_s=0.5,
            progress=watch,
            state=folder / "state",
            cache=folder / "cache",
        )
        surveyed = time.monotonic()
        states = [result.state for result in made]
        taken = time.monotonic() - surveyed
    os.environ.clear()
    os.environ.update(before)
    share = _share_taken(changes, last_work)
    print(
        f"{count} jobs at {CONCURRENCY}: survey {surveyed - started:.1f} s, run {taken:.1f} s "
        f"({3600 * count / taken:,.0f} an hour), {states.count('done')} done; slots busy {share:.1%}, "
        f"target {BUSY_TARGET:.0%}",
        flush=True,
    )
    return share >= BUSY_TARGET and len(states) == count


@contextmanager
def _watched_slots() -> Iterator[list[tuple[float, int]]]:
    """Yield a list that gets the moment of each change of a slot: +1 when it is taken, -1 when it is free again."""
    changes: list[tuple[float, int]] = []
    take, give_back = Slots.take, Slots.give_back

    def watched_take(slots: Slots, *, sent: bool = False) -> None:
        take(slots, sent=sent)
        changes.append((time.monotonic(), 1))

    def watched_give_back(slots: Slots) -> None:
        changes.append((time.monotonic(), -1))
        give_back(slots)

    with patch.object(Slots, "take", watched_take), patch.object(Slots, "give_back", watched_give_back):
        yield changes


def _share_taken(changes: list[tuple[float, int]], until: float) -> float:
    """The mean of the slots that are taken, from when all were for the first time *until* there was no more work."""
    held, taken, whole, full, since = 0, 0.0, 0.0, False, 0.0
    for at, change in sorted(changes):
        if at > until:
            break
        if full:
            taken, whole = taken + held * (at - since), whole + at - since
        held, since = held + change, at
        full = full or held >= CONCURRENCY
    return taken / (whole * CONCURRENCY) if whole else 0.0


def memory(folder: Path, rows: int) -> bool:
    """The peak of a process that surveys *rows*, and of one with ten times as many."""
    folder.mkdir()
    pictures = _pictures(folder, 2)
    peaks = []
    for count in (rows, 10 * rows):
        jobs = folder / f"{count}.jsonl"
        jobs.write_text("".join(json.dumps(_row(number, pictures)) + "\n" for number in range(count)))
        code = f"from benchmarks.batch import survey_peak; survey_peak({str(jobs)!r})"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        peaks.append(int(done.stdout))
        print(f"memory for {count:,} rows: {peaks[-1] / 1e6:.0f} MB", flush=True)
    return ratio(f"memory, {10 * rows:,} rows / {rows:,}", peaks[1] / peaks[0], MEMORY_TARGET)


def survey_peak(jobs: str) -> None:
    """Survey *jobs* and print the most memory that it took, in bytes."""
    from submit.batches.reading import read_rows
    from submit.batches.survey import Look, survey_rows

    survey = survey_rows(read_rows(jobs), Look({}, None, "process", threading.Event()))
    assert not survey.bad
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _pictures(folder: Path, count: int) -> list[str]:
    paths = [folder / f"picture{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", (320, 320), (20 * number % 255, 90, 160)).save(path)
    return list(map(str, paths))


def _row(number: int, pictures: list[str]) -> dict[str, object]:
    return {
        "id": f"take{number}",
        "prompt": f"@Image1 dances, take {number}",
        "references": [pictures[number % len(pictures)]],
        "generation": {**SMALL, "seed": number},
    }


if __name__ == "__main__":
    sys.exit(main())
