"""One process of the soak: `python worker.py STATE READY OUT FIRST STEP COUNT CLOCK_S FULL_DISK`.

It may be killed at any moment. It takes every STEP-th job from FIRST on, and every fifth as the others do, until each
has its video or waits for somebody to decide. Its clock is CLOCK_S seconds ahead; with FULL_DISK 1 it can't write files
of more than 50 kB, and gives up after a while.
"""

import datetime
import resource
import sys
import time
from pathlib import Path

CLOCK_S, FULL_DISK = float(sys.argv[7]), sys.argv[8] == "1"
FILE_BYTES, PATIENCE, SHARED = 50_000, 40, 5
_time = time.time


class _Shifted(datetime.datetime):
    """The clock of this process is wrong: before anything else looks at it."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_Shifted":
        return super().now(tz) + datetime.timedelta(seconds=CLOCK_S)


if CLOCK_S:
    time.time = lambda: _time() + CLOCK_S
    datetime.datetime = _Shifted  # type: ignore[misc]

import fal_client.client  # noqa: E402

import submit.job.remote.retry  # noqa: E402
from prep.errors import PrepError  # noqa: E402
from prep.model.generation import Generation  # noqa: E402
from submit import submit as submit_folder  # noqa: E402
from submit.errors import Refusal, RefusedBefore, SubmitUncertain  # noqa: E402

PICTURES = 12


def prompt_of(index: int) -> str:
    return f"@Image1 dances, take {index}"


def generation_of(index: int) -> Generation:
    """The seed tells the sandbox's ledger which job it was."""
    return Generation(duration="4", resolution="480p", aspect_ratio="1:1", seed=index)


def main() -> None:
    state, ready, out = map(Path, sys.argv[1:4])
    first, step, count = map(int, sys.argv[4:7])
    if FULL_DISK:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    submit.job.remote.retry.PAUSES_S = (0.02, 0.05, 0.1)
    fal_client.client.BASE_DELAY = 0.01
    left, refused, failures = {*range(first, count, step), *range(0, count, SHARED)}, set[int](), 0
    while left:
        for index in sorted(left):
            again = index in refused
            refused.discard(index)
            try:
                handle = submit_folder(
                    ready / str(first) / str(index % PICTURES),
                    prompt_of(index),
                    generation=generation_of(index),
                    again=again,
                    state=state,
                    poll_s=0.05,
                )
                handle.result()
                left.discard(index)
            except SubmitUncertain:
                left.discard(index)  # somebody has to look
            except (Refusal, RefusedBefore):
                refused.add(index)  # a refused job is not submitted again unasked
            except PrepError as error:
                print(f"{index}: {error}", file=sys.stderr)
                failures += 1
                if FULL_DISK and failures > PATIENCE:
                    sys.exit(1)
    (out / f"{first}.done").touch()


if __name__ == "__main__":
    main()
