"""Time of `prep` for a realistic job, as ratios to scripts that do the same, all run in turn.

python -m benchmarks.prep [ROUNDS]

The cases are this tool, by_hand.sh, decode.sh (a lower bound) and naive.sh, which takes minutes and runs in the first
round only. Then: five seconds out of a file of two hours, and out of one of two minutes.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import imageio_ffmpeg

from benchmarks.footage import cache
from benchmarks.job import HOURS, JOB, MINUTES, Clip, media
from benchmarks.measure import Run, middle, ratio, run
from prep.media.probe.dispatch import probe
from prep.media.video.encode import CRF, PRESET
from prep.model.media import VideoInfo

HERE = Path(__file__).parent
BY_HAND_TARGET, NAIVE_TARGET, LENGTH_TARGET = 1.0, 0.6, 1.05


def tool(clips: tuple[Clip, ...], folder: Path, out: Path) -> Run:
    references = [clip.reference(folder) for clip in clips]
    environment = {"PYTHONDONTWRITEBYTECODE": ""}  # an installation keeps compiled modules
    return run([sys.executable, "-m", "submit.command", "prep", *references, "--out", str(out)], environment)


def script(name: str, folder: Path, out: Path) -> Run:
    out.mkdir(exist_ok=True)
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    settings = {"FFMPEG": ffmpeg, "IN": str(folder), "OUT": str(out), "PRESET": PRESET, "CRF": str(CRF)}
    return run(["sh", str(HERE / name)], settings)


def compare(folder: Path, scratch: Path, rounds: int) -> bool:
    """Do the job with all cases in turn; True if the targets are met."""
    runs: dict[str, list[Run]] = {"prep": [], "by_hand.sh": [], "decode.sh": [], "naive.sh": []}
    for index in range(rounds):
        for name, done in runs.items():
            out = scratch / name
            shutil.rmtree(out, ignore_errors=True)
            if name == "prep":
                done.append(tool(JOB, folder, out))
            elif name != "naive.sh" or index == 0:
                done.append(script(name, folder, out))
    require_same_job(scratch / "prep", scratch / "by_hand.sh")
    medians = {name: middle(name, done) for name, done in runs.items()}
    ours, by_hand = medians["prep"], medians["by_hand.sh"]
    # runs that are neighbours in time are compared, so that other load hits both
    pairs = [a.taken_s / b.taken_s for a, b in zip(runs["prep"], runs["by_hand.sh"], strict=True)]
    print(f"prep / by_hand.sh round by round: {' '.join(f'{pair:.2f}' for pair in pairs)}")
    return all(
        [
            ratio("prep / by_hand.sh, time", median(pairs), BY_HAND_TARGET),
            ratio("prep / by_hand.sh, processor", ours.cpu_s / by_hand.cpu_s, BY_HAND_TARGET),
            ratio("prep / naive.sh, time", ours.taken_s / medians["naive.sh"].taken_s, NAIVE_TARGET),
            ratio("decode.sh / by_hand.sh, time", medians["decode.sh"].taken_s / by_hand.taken_s, None),
            ratio("decode.sh / by_hand.sh, processor", medians["decode.sh"].cpu_s / by_hand.cpu_s, None),
        ]
    )


def require_same_job(ours: Path, by_hand: Path) -> None:
    """Print what both have made. Raise SystemExit when it differs: then one side had less to do."""
    for first, second in zip(sorted(ours.glob("*.mp4")), sorted(by_hand.glob("*.mp4")), strict=True):
        a, b = probe(first), probe(second)
        assert isinstance(a, VideoInfo)
        assert isinstance(b, VideoInfo)
        print(f"  {first.name}: {_facts(a)}; by hand {_facts(b)}")
        if (a.width, a.height, a.fps) != (b.width, b.height, b.fps) or abs(a.bytes / b.bytes - 1) > 0.05:
            raise SystemExit("not the same job: fix by_hand.sh first")


def _facts(info: VideoInfo) -> str:
    return f"{info.width}×{info.height} {info.fps:g} fps {info.duration_s:.2f} s {info.bytes / 1e6:.2f} MB"


def lengths(folder: Path, scratch: Path, rounds: int) -> bool:
    """Take five seconds out of two hours and out of two minutes; True if time and memory hardly differ."""
    runs: dict[Clip, list[Run]] = {MINUTES: [], HOURS: []}
    for _ in range(rounds):
        for clip, done in runs.items():
            shutil.rmtree(scratch / "length", ignore_errors=True)
            done.append(tool((clip,), folder, scratch / "length"))
    short, long = (middle(clip.name, done) for clip, done in runs.items())
    pairs = [b.taken_s / a.taken_s for a, b in zip(runs[MINUTES], runs[HOURS], strict=True)]
    return all(
        [
            ratio("two hours / two minutes, time", median(pairs), LENGTH_TARGET),
            ratio("two hours / two minutes, processor", long.cpu_s / short.cpu_s, LENGTH_TARGET),
            ratio("two hours / two minutes, memory", long.peak_bytes / short.peak_bytes, LENGTH_TARGET),
        ]
    )


def main(rounds: int) -> int:
    """Print medians and ratios; 1 when a target is missed."""
    folder = media(cache() / "job", lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory() as name:
        met = [compare(folder, Path(name), rounds), lengths(folder, Path(name), rounds)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
