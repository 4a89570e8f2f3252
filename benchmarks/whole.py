"""Time and memory of a whole job of twelve references, as ratios to scripts that do the same, run in turn.

python -m benchmarks.whole [ROUNDS]

Three clips (4K in HDR, 1080p, upright), three sounds, five large photographs, and a picture that complies and is
copied; the endpoint takes no fourth clip. By hand they are made by the scripts of the other benchmarks, each of which
keeps two processors busy. The naive way takes minutes, runs in the first round only, and makes one after the other.
Then: the same job again, and the first line of its plan, from the cache.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import imageio_ffmpeg
from PIL import Image

from benchmarks import images, job, sound
from benchmarks.footage import cache
from benchmarks.measure import Run, first_line_s, middle, ratio, run
from prep.media.video.encode import CRF, PRESET

HERE = Path(__file__).parent
BY_HAND_TARGET, NAIVE_TARGET, MEMORY_TARGET = 1.0, 0.1, 1.2
AGAIN_TARGET, FIRST_LINE_TARGET_S = 0.05, 0.5
BY_HAND = """
IN="$CLIPS" sh by_hand.sh
IN="$SOUNDS" sh by_hand_sound.sh
"$PYTHON" images_by_hand.py "$OUT" "$@"
cp "$COPIED" "$OUT"
"""
NAIVE = """
IN="$CLIPS" sh naive.sh
for cut in "60.3 5 song.mp3" "20.3 5 memo.m4a" "10.3 4.5 take.wav"; do
    set -- $cut "$@"
    "$FFMPEG" -nostdin -v error -y -i "$SOUNDS/$3" -ss "$1" -t "$2" "$OUT/$3.mp3"
    shift 3
done
for picture in "$@"; do "$PYTHON" images_by_hand.py "$OUT" "$picture"; done
cp "$COPIED" "$OUT"
"""


def main(rounds: int) -> int:
    """Print medians and ratios; 1 when a target is missed."""

    def tell(line: str) -> None:
        print(line, file=sys.stderr)

    clips, sounds = job.media(cache() / "job", tell), sound.media(cache() / "sound", tell)
    photographs = images.made_apart(cache() / "images")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        Image.linear_gradient("L").convert("RGB").resize((800, 600)).save(scratch / "complies.png")
        settings = {
            "FFMPEG": imageio_ffmpeg.get_ffmpeg_exe(),
            "PYTHON": sys.executable,
            "PRESET": PRESET,
            "CRF": str(CRF),
            "CLIPS": str(clips),
            "SOUNDS": str(sounds),
            "COPIED": str(scratch / "complies.png"),
        }
        pictures = [str(photographs / each) for each in images.PICTURES]
        references = [clip.reference(clips) for clip in job.JOB] + [str(sounds / each) for each in sound.JOB]
        ours = [*references, *pictures, settings["COPIED"]]
        met = [compare(ours, pictures, settings, scratch, rounds), again(ours, scratch, rounds)]
        return 0 if all(met) else 1


def compare(references: list[str], pictures: list[str], settings: dict[str, str], scratch: Path, rounds: int) -> bool:
    """Do the job in each way in turn; True if the targets are met."""
    runs: dict[str, list[Run]] = {"prep": [], "by hand": [], "naive": []}
    for number in range(rounds):
        for name, done in runs.items():
            if name == "naive" and number > 0:
                continue
            out = scratch / name
            shutil.rmtree(out, ignore_errors=True)
            if name == "prep":
                done.append(run([sys.executable, "-m", "submit.command", "prep", *references, "--out", str(out)], {}))
            else:
                out.mkdir()
                script = f"set -eu; cd '{HERE}'; {BY_HAND if name == 'by hand' else NAIVE}"
                done.append(run(["sh", "-c", script, "sh", *pictures], {**settings, "OUT": str(out)}))
    made = {name: len([path for path in (scratch / name).iterdir() if path.suffix != ".json"]) for name in runs}
    if set(made.values()) != {len(references)}:
        raise SystemExit(f"not the same job: {made}")
    middles = {name: middle(name, done) for name, done in runs.items()}
    pairs = [a.taken_s / b.taken_s for a, b in zip(runs["prep"], runs["by hand"], strict=True)]
    print(f"prep / by hand round by round: {' '.join(f'{pair:.2f}' for pair in pairs)}")
    ours, by_hand, naive = middles.values()
    return all(
        [
            ratio("prep / by hand, time", median(pairs), BY_HAND_TARGET),
            ratio("prep / by hand, processor", ours.cpu_s / by_hand.cpu_s, BY_HAND_TARGET),
            ratio("prep / by hand, memory", ours.peak_bytes / by_hand.peak_bytes, MEMORY_TARGET),
            ratio("prep / naive, time", ours.taken_s / naive.taken_s, NAIVE_TARGET),
        ]
    )


def again(references: list[str], scratch: Path, rounds: int) -> bool:
    """Do the job again, and plan it, with all of it in the cache; True if the targets are met."""
    environment = {"XDG_CACHE_HOME": str(scratch / "cache"), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-m", "submit.command"]
    prep = [*command, "prep", *references, "--out", str(scratch / "again")]
    first = run(prep, environment)
    repeated = middle("prep again, from the cache", [run(prep, environment) for _ in range(rounds)])
    first_s = median(first_line_s([*command, "plan", *references], environment) for _ in range(rounds))
    return all(
        [
            ratio("prep again / prep, processor", repeated.cpu_s / first.cpu_s, AGAIN_TARGET),
            ratio("first line of its plan, cached (s)", first_s, FIRST_LINE_TARGET_S),
        ]
    )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
