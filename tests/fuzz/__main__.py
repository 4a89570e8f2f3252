"""Random changes of everything that is read from strangers: `python -m tests.fuzz MINUTES [--seed N] [--only NAME]`.

An error that is no PrepError, an exit code 3, the end of a worker, more than 20 seconds, or a promise of `check` that
`prep` breaks is a fault. Its input is made smaller and kept in out/fuzz; what mends it gets a test of its own.
"""

import argparse
import secrets
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from prep.errors import PrepError
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import Target, targets

SLOWEST_S = 20.0
TRIES = 60  # to make an input smaller
KEPT = Path("out/fuzz")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--only", help="one target")
    parser.add_argument("--rounds", type=int, help="at most so many inputs for each target: the same on any machine")
    asked = parser.parse_args()
    print(f"fuzz: {asked.minutes:g} minutes --seed {asked.seed}", flush=True)
    with TemporaryDirectory(prefix="fuzz-") as folder:
        chosen = {
            name: one
            for name, one in targets(Path(folder), Path(folder) / "media").items()
            if asked.only in (None, name)
        }
        tried, faults = fuzz(chosen, asked.minutes * 60, Random(asked.seed), asked.rounds)
    print(", ".join(f"{name} {count}" for name, count in sorted(tried.items())))
    print(f"{sum(tried.values()):,} inputs, {len(faults)} faults", flush=True)
    return 1 if faults else 0


def fuzz(
    chosen: dict[str, Target], seconds: float, random: Random, rounds: int | None = None
) -> tuple[Counter[str], dict[str, Path]]:
    """How many inputs each target was given, and the file of each kind of fault."""
    tried: Counter[str] = Counter()
    faults: dict[str, Path] = {}
    everything = [seed for target in chosen.values() for seed in target.seeds.values()]
    end = time.monotonic() + seconds
    while time.monotonic() < end and (rounds is None or min(tried[name] for name in chosen) < rounds):
        for name, target in chosen.items():
            data = mutate(random.choice(list(target.seeds.values())), everything, random)
            tried[name] += 1
            fault = fault_of(target, data)
            if fault is None or f"{name}: {fault}" in faults:
                continue
            path = KEPT / f"{len(faults):03}.{name.rpartition('.')[2]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(smaller(target, data, fault))
            faults[f"{name}: {fault}"] = path
            print(f"{path}: {name}: {fault}", flush=True)
    return tried, faults


def fault_of(target: Target, data: bytes) -> str | None:
    """What is wrong about how *target* reads *data*; None: nothing."""
    started = time.monotonic()
    try:
        target.read(data)
    except PrepError:
        pass
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}: {str(error)[:120]}"
    taken_s = time.monotonic() - started
    return f"took more than {SLOWEST_S:g} s" if taken_s > SLOWEST_S else None


def smaller(target: Target, data: bytes, fault: str) -> bytes:
    """*data* without parts that the same *fault* does not need."""
    size, tries = len(data) // 2, 0
    while size >= 16 and tries < TRIES:
        at = 0
        while at < len(data) and tries < TRIES:
            shorter = data[:at] + data[at + size :]
            tries += 1
            if fault_of(target, shorter) == fault:
                data = shorter
            else:
                at += size
        size //= 2
    return data


if __name__ == "__main__":
    sys.exit(main())
