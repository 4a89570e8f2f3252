"""How long `prep` takes for a realistic job, as ratios to scripts that do the same, all run in turn.

python -m benchmarks.prep [ROUNDS]

The cases are this tool, by_hand.sh, decode.sh (a lower bound) and naive.sh, which runs in the first round only because
it takes minutes. Then: the same five seconds out of a file of two hours and out of one of two minutes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

import imageio_ffmpeg

from benchmarks.footage import cache
from benchmarks.job import HOURS, JOB, MINUTES, Clip, media
from prep.model.media import VideoInfo
from prep.tools.probe import probe
from prep.tools.video import CRF, PRESET

HERE = Path(__file__).parent
BY_HAND_TARGET, NAIVE_TARGET, LENGTH_TARGET = 1.05, 0.6, 1.1


class Run(NamedTuple):
    """Seconds by the clock, seconds of all processors together, and the memory of the largest process."""

    taken_s: float
    cpu_s: float
    peak_bytes: int


def run(argv: list[str], environment: Mapping[str, str]) -> Run:
    """Run *argv* to its end; its children count for memory. Raises CalledProcessError when it fails."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(argv, env={**os.environ, **environment}, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        taken_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise subprocess.CalledProcessError(process.returncode, argv, output.read())
    # kilobytes on Linux, bytes on macOS
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(taken_s, usage.ru_utime + usage.ru_stime, peak_bytes)


def tool(clips: tuple[Clip, ...], folder: Path, out: Path) -> Run:
    references = [clip.reference(folder) for clip in clips]
    # compiled modules are kept, as they are wherever this is installed
    kept = {"PYTHONDONTWRITEBYTECODE": ""}
    return run([sys.executable, "-m", "submit.command", "prep", *references, "--out", str(out)], kept)


def script(name: str, folder: Path, out: Path) -> Run:
    out.mkdir(exist_ok=True)
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    settings = {"FFMPEG": ffmpeg, "IN": str(folder), "OUT": str(out), "PRESET": PRESET, "CRF": str(CRF)}
    return run(["sh", str(HERE / name)], settings)


def compare(folder: Path, scratch: Path, rounds: int) -> bool:
    """The job by all cases in turn; whether the targets are met."""
    runs: dict[str, list[Run]] = {"prep": [], "by_hand.sh": [], "decode.sh": [], "naive.sh": []}
    for index in range(rounds):
        for name, done in runs.items():
            out = scratch / name
            shutil.rmtree(out, ignore_errors=True)
            if name == "prep":
                done.append(tool(JOB, folder, out))
            elif name != "naive.sh" or index == 0:
                done.append(script(name, folder, out))
    _same(scratch / "prep", scratch / "by_hand.sh")
    middle = {name: _middle(name, done) for name, done in runs.items()}
    ours, by_hand = middle["prep"], middle["by_hand.sh"]
    # neighbours in time are compared, so that a load that comes and goes weighs on both
    pairs = [a.taken_s / b.taken_s for a, b in zip(runs["prep"], runs["by_hand.sh"], strict=True)]
    print(f"prep / by_hand.sh round by round: {' '.join(f'{pair:.2f}' for pair in pairs)}")
    return all(
        [
            _ratio("prep / by_hand.sh, time", median(pairs), BY_HAND_TARGET),
            _ratio("prep / by_hand.sh, processor", ours.cpu_s / by_hand.cpu_s, BY_HAND_TARGET),
            _ratio("prep / naive.sh, time", ours.taken_s / middle["naive.sh"].taken_s, NAIVE_TARGET),
            _ratio("decode.sh / by_hand.sh, time", middle["decode.sh"].taken_s / by_hand.taken_s, None),
            _ratio("decode.sh / by_hand.sh, processor", middle["decode.sh"].cpu_s / by_hand.cpu_s, None),
        ]
    )


def _middle(name: str, done: list[Run]) -> Run:
    """The medians, after printing them."""
    taken_s, cpu_s, peak_bytes = (median(column) for column in zip(*done, strict=True))
    spread = f"{min(run.taken_s for run in done):.2f}–{max(run.taken_s for run in done):.2f}"
    print(
        f"{name:<24} {taken_s:7.2f} s (of {len(done)}: {spread})  processor {cpu_s:6.2f} s  "
        f"largest process {peak_bytes / 1e6:4.0f} MB"
    )
    return Run(taken_s, cpu_s, round(peak_bytes))


def _same(ours: Path, by_hand: Path) -> None:
    """Both must have made the same: a comparison with less work would be no comparison."""
    for first, second in zip(sorted(ours.glob("*.mp4")), sorted(by_hand.glob("*.mp4")), strict=True):
        a, b = probe(first), probe(second)
        assert isinstance(a, VideoInfo)
        assert isinstance(b, VideoInfo)
        print(f"  {first.name}: {_told(a)}; by hand {_told(b)}")
        if (a.width, a.height, a.fps) != (b.width, b.height, b.fps) or abs(a.bytes / b.bytes - 1) > 0.05:
            raise SystemExit("not the same job: mend by_hand.sh first")


def _told(info: VideoInfo) -> str:
    return f"{info.width}×{info.height} {info.fps:g} fps {info.duration_s:.2f} s {info.bytes / 1e6:.2f} MB"


def lengths(folder: Path, scratch: Path, rounds: int) -> bool:
    """Five seconds out of two hours and out of two minutes; whether time and memory hardly differ."""
    runs: dict[Clip, list[Run]] = {MINUTES: [], HOURS: []}
    for _ in range(rounds):
        for clip, done in runs.items():
            shutil.rmtree(scratch / "length", ignore_errors=True)
            done.append(tool((clip,), folder, scratch / "length"))
    short, long = (_middle(clip.name, done) for clip, done in runs.items())
    pairs = [b.taken_s / a.taken_s for a, b in zip(runs[MINUTES], runs[HOURS], strict=True)]
    return all(
        [
            _ratio("two hours / two minutes, time", median(pairs), LENGTH_TARGET),
            _ratio("two hours / two minutes, processor", long.cpu_s / short.cpu_s, LENGTH_TARGET),
            _ratio("two hours / two minutes, memory", long.peak_bytes / short.peak_bytes, LENGTH_TARGET),
        ]
    )


def _ratio(name: str, value: float, most: float | None) -> bool:
    met = most is None or value <= most
    target = "" if most is None else f"  target ≤ {most:g}{'' if met else '  MISSED'}"
    print(f"{name:<34} {value:5.2f}{target}")
    return met


def main(rounds: int) -> int:
    """Print medians and ratios; 1 when a target is missed."""
    folder = media(cache() / "job", lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory() as name:
        met = [compare(folder, Path(name), rounds), lengths(folder, Path(name), rounds)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
