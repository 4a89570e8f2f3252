"""Time and memory of `check`: beside ffprobe on a dozen files, and on a folder of 5,000.

python -m benchmarks.check [ROUNDS]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.measure import ratio, run
from fixtures.make import make

# A usual dozen: photos, phone clips, a screen recording, sounds.
ORDINARY = (
    *("photo.jpg", "photo_orient6.jpg", "photo_gps.jpg", "photo.webp", "panorama.png"),
    *("clip_720p.mp4", "clip_720p_10s.mp4", "clip_1080p_20s.mp4", "portrait_rot90.mov"),
    *("voice.mp3", "song_20s.mp3", "tone_5s.wav"),
)
FEW, MANY = 2_000, 5_000
LEAST_RATE, MOST_GROWTH = 200.0, 1.1
COMMAND = [sys.executable, "-m", "submit.command"]


def main(rounds: int) -> None:
    """Print medians and ratios. The cases run in turn, so that other load on the machine hits all of them."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation keeps compiled modules
    with tempfile.TemporaryDirectory() as scratch:
        files = [str(make(name, Path(scratch) / "made")) for name in ORDINARY]
        _beside_ffprobe(files, rounds)
        few = _folder(files, FEW, Path(scratch))
        many = _folder(files, MANY, Path(scratch))
        ratio(f"memory of {MANY:,} files / of {FEW:,}", many / few, MOST_GROWTH)


def _beside_ffprobe(files: list[str], rounds: int) -> None:
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        print("no comparison with ffprobe: not installed (Debian: apt install ffmpeg)")
        return
    from prep import check

    probe = [ffprobe, "-v", "error", "-show_format", "-show_streams", "-of", "json"]
    cases: dict[str, Callable[[], object]] = {
        "twelve ffprobe calls": lambda: [run([*probe, file], {}) for file in files],
        "check, in process": lambda: check(files),
        "prep-and-submit check": lambda: run([*COMMAND, "check", "--exit-zero", *files], {}),
    }
    check(files)  # warms imports and file caches
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            started = time.perf_counter()
            case()
            times[name].append(time.perf_counter() - started)
    version = subprocess.run([ffprobe, "-version"], check=True, capture_output=True, text=True).stdout
    print(f"{version.split(' Copyright')[0]}; {len(files)} files, {rounds} rounds")
    for label, seconds in times.items():
        spread = f"{min(seconds) * 1000:.1f}–{max(seconds) * 1000:.1f}"
        print(f"  {label:<24} {median(seconds) * 1000:7.1f} ms ({spread})")
    base = median(times["twelve ffprobe calls"])
    ratio("in process / ffprobe", median(times["check, in process"]) / base, 0.25)
    ratio("command / ffprobe", median(times["prep-and-submit check"]) / base, 1.0)


def _folder(files: list[str], count: int, scratch: Path) -> float:
    """Check *count* files with different names, and return the peak memory."""
    folder = scratch / f"many-{count}"
    for number in range(count):
        source = files[number % len(files)]
        target = folder / f"{number % 50:02}" / f"{number:05}{Path(source).suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
    usage = run([*COMMAND, "check", "--recursive", "--exit-zero", str(folder), "--format", "jsonl"], {})
    rate = count / usage.taken_s
    target_text = "" if count < MANY else f"  target ≥ {LEAST_RATE:g}{'' if rate >= LEAST_RATE else '  MISSED'}"
    print(
        f"{count:,} files: {usage.taken_s:.1f} s, {rate:.0f} files/s, processor {usage.cpu_s:.1f} s, "
        f"{usage.peak_bytes / 1e6:.0f} MB{target_text}"
    )
    return usage.peak_bytes


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
