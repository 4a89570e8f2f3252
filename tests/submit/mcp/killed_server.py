"""Serves the tools, and kills itself (SIGKILL) at a point: `python killed_server.py POINT ARGUMENTS...`."""

import sys

from submit.command import main
from submit.fal import Fal
from submit.journal import Journal
from tests.submit.job.killed import killing


def serve() -> int:
    """POINT is as in tests/submit/job/killed.py, ARGUMENTS are those of `prep-and-submit mcp`."""
    point, *arguments = sys.argv[1:]
    Journal.move = killing(Journal.move, point, lambda self, job, to, *rest: to)  # type: ignore[method-assign]
    Fal.submit = killing(Fal.submit, point, lambda *given: "post")  # type: ignore[method-assign]
    Fal.upload = killing(Fal.upload, point, lambda *given: "upload")  # type: ignore[method-assign]
    sys.argv = ["prep-and-submit", "mcp", *arguments]
    return main()


if __name__ == "__main__":
    sys.exit(serve())
