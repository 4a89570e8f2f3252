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
    """Seconds by the clock, and the memory of the largest process."""

    taken_s: float
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
    return Run(taken_s, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def tool(clips: tuple[Clip, ...], folder: Path, out: Path) -> Run:
    references = [clip.reference(folder) for clip in clips]
    return run([sys.executable, "-m", "submit.command", "prep", *references, "--out", str(out)], {})


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
    times = {name: median(run.taken_s for run in done) for name, done in runs.items()}
    for name, done in runs.items():
        spread = f"{min(run.taken_s for run in done):.2f}–{max(run.taken_s for run in done):.2f}"
        memory = max(run.peak_bytes for run in done) / 1e6
        print(f"{name:<12} median {times[name]:7.2f} s  of {len(done)} ({spread})  largest process {memory:5.0f} MB")
    by_hand = _ratios([ours.taken_s / theirs.taken_s for ours, theirs in zip(runs["prep"], runs["by_hand.sh"])])
    return all(
        [
            _ratio("prep / by_hand.sh", by_hand, BY_HAND_TARGET),
            _ratio("prep / naive.sh", times["prep"] / times["naive.sh"], NAIVE_TARGET),
            _ratio("decode.sh / by_hand.sh", times["decode.sh"] / times["by_hand.sh"], None),
        ]
    )


def _ratios(pairs: list[float]) -> float:
    """Of neighbours in time, so that a load that comes and goes weighs on both."""
    print(f"round by round, prep / by_hand.sh: {' '.join(f'{pair:.2f}' for pair in pairs)}")
    return median(pairs)


def _same(ours: Path, by_hand: Path) -> None:
    """Both must have made the same: a comparison with less work would be no comparison."""
    for first, second in zip(sorted(ours.glob("*.mp4")), sorted(by_hand.glob("*.mp4")), strict=True):
        a, b = probe(first), probe(second)
        assert isinstance(a, VideoInfo) and isinstance(b, VideoInfo)
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
    short, long = (
        Run(median(run.taken_s for run in done), round(median(run.peak_bytes for run in done)))
        for done in runs.values()
    )
    for clip, run_ in ((MINUTES, short), (HOURS, long)):
        size = (folder / clip.name).stat().st_size / 1e6
        print(f"{clip.name} ({size:.0f} MB)  median {run_.taken_s:6.2f} s  largest process {run_.peak_bytes / 1e6:5.0f} MB")
    return all(
        [
            _ratio("two hours / two minutes, time", long.taken_s / short.taken_s, LENGTH_TARGET),
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
