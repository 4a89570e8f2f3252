"""Start-up time of `prep-and-submit --help`, as a ratio to a bare Python, both measured in turn.

python -m benchmarks.startup [ROUNDS]
"""

import os
import subprocess
import sys
import time
from statistics import median

CASES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "prep-and-submit --help": [sys.executable, "-m", "submit.command", "--help"],
    "prep-and-submit check --help": [sys.executable, "-m", "submit.command", "check", "--help"],
    "import prep": [sys.executable, "-c", "import prep"],
}
TARGET = 8.0


def main(rounds: int) -> None:
    """Print the median of each case and its ratio to the first."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation keeps compiled modules
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(rounds):
        for name, argv in CASES.items():
            started = time.perf_counter()
            subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - started)
    bare = median(times["python -c pass"])
    for name, seconds in times.items():
        print(f"{name:<30} {median(seconds) * 1000:7.1f} ms  {median(seconds) / bare:5.2f} × bare Python")
    print(f"target for --help: at most {TARGET:g} ×")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
