"""Runs a job in this process, which kills itself (SIGKILL) at a point: `python killed.py POINT STATE OUT REFERENCE`.

POINT is before:STATE or after:STATE of a transition in the journal, or of post or upload; "never" is none. The variable
KILLED_BY names another signal.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from prep.model.generation import Generation
from submit import run
from submit.fal import Fal
from submit.journal import Journal

SIGNAL = signal.Signals[os.environ.get("KILLED_BY", "SIGKILL")]


def killing(method: Callable[..., Any], point: str, name: Callable[..., str]) -> Callable[..., Any]:
    def wrapped(*given: Any, **named: Any) -> Any:
        if point == f"before:{name(*given)}":
            os.kill(os.getpid(), SIGNAL)
        answer = method(*given, **named)
        if point == f"after:{name(*given)}":
            os.kill(os.getpid(), SIGNAL)
        return answer

    return wrapped


def main() -> None:
    point, state, out, reference = sys.argv[1:]
    Journal.move = killing(Journal.move, point, lambda self, job, to, *rest: to)  # type: ignore[method-assign]
    Fal.submit = killing(Fal.submit, point, lambda *given: "post")  # type: ignore[method-assign]
    Fal.upload = killing(Fal.upload, point, lambda *given: "upload")  # type: ignore[method-assign]
    generation = Generation(duration="4", resolution="480p", seed=1)
    run([reference], "@Image1 waves", out=out, generation=generation, state=state, poll_s=0.05)


if __name__ == "__main__":
    main()
