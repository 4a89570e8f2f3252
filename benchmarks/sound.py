"""Time and memory of sounds, as ratios to ffmpeg and to a script by hand, all run in turn.

python -m benchmarks.sound [ROUNDS]

Ten seconds at minute 40 of a podcast of an hour, as MP3 with and without an index, against ffmpeg's own seek-and-cut;
then an ordinary job of three sounds against by_hand_sound.sh. The tool is timed as a command, and as a call in a
running process, since starting Python costs more than either.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import imageio_ffmpeg

from benchmarks.footage import cache
from benchmarks.measure import Run, middle, ratio, run
from fixtures.card import card
from fixtures.sound import SPEECH, STAIRCASE, encode_sound

HERE = Path(__file__).parent
CUT_TARGET, BY_HAND_TARGET, MEMORY_TARGET_BYTES = 3.0, 1.05, 200_000_000
START_S, SECONDS = 2400, 10
PODCASTS = ("podcast-vbr.mp3", "podcast-vbr-no-index.mp3", "podcast-cbr.mp3")
JOB = ("song.mp3#t=60.3,65.3", "memo.m4a#t=20.3,25.3", "take.wav#t=10.3,14.8")
# Prints the seconds of the call; imports and the choice of ffmpeg belong to the start.
CALL = """
import sys, time
from prep import prepare
from prep.media.ffmpeg import binary
from prep.execution import maker
binary.version()
started = time.perf_counter()
prepare(sys.argv[2:], out=sys.argv[1])
print(time.perf_counter() - started)
"""


def media(folder: Path, tell: Callable[[str], None]) -> Path:
    """Make the sounds that are missing in *folder*, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "see.png").exists():
        card((600, 600)).save(folder / "see.png")
    for name, codec in (("vbr", ("-q:a", "4")), ("cbr", ("-b:a", "128k"))):
        if not (folder / f"podcast-{name}.mp3").exists():
            tell(f"making podcast-{name}.mp3")
            minute = folder / "minute.wav"
            encode_sound(minute, SPEECH * 2, 60)
            _ffmpeg("-stream_loop", "59", "-i", str(minute), *codec, str(folder / f"podcast-{name}.mp3"))
            minute.unlink()
    bare = folder / "podcast-vbr-no-index.mp3"
    if not bare.exists():
        plain = ("-c", "copy", "-write_xing", "0", "-id3v2_version", "0")
        _ffmpeg("-i", str(folder / "podcast-vbr.mp3"), *plain, str(bare))
    for name in ("song.mp3", "memo.m4a", "take.wav"):
        if not (folder / name).exists():
            tell(f"making {name}")
            encode_sound(folder / name, STAIRCASE, 180)
    return folder


def _ffmpeg(*arguments: str) -> None:
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(argv, check=True, timeout=900)


def command(references: list[str], out: Path) -> Run:
    return run([sys.executable, "-m", "submit.command", "prep", *references, "--out", str(out)], {})


def call(references: list[str], out: Path) -> float:
    """The seconds of `prepare` in a fresh process, without its start."""
    argv = [sys.executable, "-c", CALL, str(out), *references]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def podcast(folder: Path, scratch: Path, name: str, rounds: int) -> bool:
    """Take ten seconds of an hour; True if time and memory meet the targets."""
    references = [str(folder / "see.png"), f"{folder / name}#t={START_S},{START_S + SECONDS}"]
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-ss", str(START_S)]
    argv += ["-i", str(folder / name), "-t", str(SECONDS), "-q:a", "0", str(scratch / "cut.mp3")]
    cuts: list[Run] = []
    commands: list[Run] = []
    pairs: list[float] = []
    for index in range(rounds):
        cuts.append(run(argv, {}))
        taken_s = call(references, scratch / f"{name}-call{index}")
        pairs.append(taken_s / cuts[-1].taken_s)
        commands.append(command(references, scratch / f"{name}-{index}"))
    middle("ffmpeg -ss", cuts)
    ours = middle(f"prep {name}"[:24], commands)
    return all(
        [
            ratio("prepare() / ffmpeg -ss, time", median(pairs), CUT_TARGET),
            ratio("memory / 200 MB", ours.peak_bytes / MEMORY_TARGET_BYTES, 1.0),
        ]
    )


def job(folder: Path, scratch: Path, rounds: int) -> bool:
    """Prepare three sounds with the tool and by hand; True if the target is met."""
    references = [str(folder / "see.png"), *(str(folder / name) for name in JOB)]
    settings = {"FFMPEG": imageio_ffmpeg.get_ffmpeg_exe(), "IN": str(folder), "OUT": str(scratch)}
    scripts: list[Run] = []
    commands: list[Run] = []
    pairs: list[float] = []
    for index in range(rounds):
        scripts.append(run(["sh", str(HERE / "by_hand_sound.sh")], settings))
        pairs.append(call(references, scratch / f"job-call{index}") / scripts[-1].taken_s)
        commands.append(command(references, scratch / f"job-{index}"))
    middle("by_hand_sound.sh", scripts)
    middle("prep, three sounds", commands)
    return ratio("prepare() / by_hand_sound.sh, time", median(pairs), BY_HAND_TARGET)


def start(rounds: int) -> None:
    """Print the time of the start, which the calls above leave out."""
    argv = [sys.executable, "-c", CALL.partition("started")[0]]
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run(argv, check=True)
        seconds.append(time.perf_counter() - started)
    print(f"{'start (left out above)':<34} {median(seconds):5.2f} s")


def main(rounds: int) -> int:
    """Print medians and ratios; 1 when a target is missed."""
    folder = media(cache() / "sound", lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        met = [podcast(folder, scratch, file, rounds) for file in PODCASTS]
        met.append(job(folder, scratch, rounds))
    start(rounds)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7))
