"""One process of the soak: `python worker.py STATE READY OUT FIRST STEP COUNT`. It may be killed at any moment.

It takes every STEP-th job from FIRST on, as often as it takes until each has its video or waits for somebody to decide.
"""

import sys
from pathlib import Path

import fal_client.client

import submit.job.retry
from prep.errors import PrepError
from prep.model.generation import Generation
from submit import submit as submit_folder
from submit.errors import Refusal, RefusedBefore, SubmitUncertain


def prompt_of(index: int) -> str:
    return f"@Image1 dances, take {index}"


def generation_of(index: int) -> Generation:
    """The seed tells the sandbox's ledger which job it was."""
    return Generation(duration="4", resolution="480p", aspect_ratio="1:1", seed=index)


def main() -> None:
    state, ready, out = map(Path, sys.argv[1:4])
    first, step, count = map(int, sys.argv[4:])
    submit.job.retry.PAUSES_S = (0.02, 0.05, 0.1)
    fal_client.client.BASE_DELAY = 0.01
    left, refused = set(range(first, count, step)), set[int]()
    while left:
        for index in sorted(left):
            again = index in refused
            refused.discard(index)
            try:
                handle = submit_folder(
                    ready / f"{first}",
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
    (out / f"{first}.done").touch()


if __name__ == "__main__":
    main()
