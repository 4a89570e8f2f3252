"""Start-up time of `--help` and of `check` of one small picture, as ratios to a bare Python, all measured in turn.

python -m benchmarks.startup [ROUNDS]
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.measure import ratio

BARE, HELP, CHECK = "python -c pass", "prep-and-submit --help", "prep-and-submit check PICTURE"
CASES = {
    BARE: [sys.executable, "-c", "pass"],
    HELP: [sys.executable, "-m", "submit.command", "--help"],
    "prep-and-submit check --help": [sys.executable, "-m", "submit.command", "check", "--help"],
    "import prep": [sys.executable, "-c", "import prep"],
    CHECK: [sys.executable, "-m", "submit.command", "check"],
}
TARGETS = {HELP: 4.5, CHECK: 12.0}


def main(rounds: int) -> int:
    """Print the median of each case and its ratio to the first; 1 when a target is missed."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation keeps compiled modules
    times: dict[str, list[float]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.jpg"
        Image.new("RGB", (400, 400), "orange").save(picture)
        for _ in range(rounds):
            for name, argv in CASES.items():
                started = time.perf_counter()
                words = [*argv, str(picture)] if name == CHECK else argv
                subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
                times[name].append(time.perf_counter() - started)
    bare = median(times[BARE])
    for name, seconds in times.items():
        print(f"{name:<30} {median(seconds) * 1000:7.1f} ms")
    met = [ratio(f"{name} / bare", median(times[name]) / bare, most) for name, most in TARGETS.items()]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
