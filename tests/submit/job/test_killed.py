"""The real process, killed at every step, against the sandbox: billed once, and the video is there in the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from submit import resume, run
from submit.errors import SubmitUncertain
from submit.journal import Journal
from submit.sandbox import Sandbox
from tests.submit.job.killed import Generation

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")

ROOT = Path(__file__).parents[3]
# Where it is killed, and the state in the journal afterwards.
POINTS = {
    "before:upload": None,  # files leave before all are made: the job is entered then, or not yet
    "after:upload": None,
    "before:uploaded": "prepared",
    "after:uploaded": "uploaded",
    "before:submitting": "uploaded",
    "after:submitting": "submitting",
    "before:post": "submitting",
    "after:post": "submitting",
    "before:submitted": "submitting",
    "after:submitted": "submitted",
    "before:completed": "submitted",
    "after:completed": "completed",
    "before:downloaded": "completed",
    "after:downloaded": "downloaded",
}
# The request did not leave, and nothing here can know that: somebody has to look, and say so.
NEVER_LEFT = ("after:submitting", "before:post")


def _killed(point: str, state: Path | str, tmp_path: Path, reference: Path) -> None:
    driver = str(Path(__file__).with_name("killed.py"))
    command = [sys.executable, driver, point, str(state), str(tmp_path / "out"), str(reference)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def _settled(box: Sandbox) -> None:
    """Waits until every job that was accepted has ended: only then the platform lists it."""
    while box.totals().unfinished:
        pass


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_resumed(
    box: Sandbox, media: Callable[[str], Path], tmp_path: Path, state: Path | str, point: str
) -> None:
    _killed(point, state, tmp_path, media("at_limit_300.png"))
    journal = Journal(state)
    assert [job.state for job in journal.jobs()] == [POINTS[point]] or POINTS[point] is None
    _settled(box)
    if point in NEVER_LEFT:
        assert box.requests() == ()
        with pytest.raises(SubmitUncertain):
            resume(tmp_path / "out", state=state)
        result = resume(tmp_path / "out", state=state, resubmit=True, poll_s=0.05)
    else:
        generation = Generation(duration="4", resolution="480p", seed=1)
        outcome = run(
            [media("at_limit_300.png")],
            "@Image1 waves",
            out=tmp_path / "out",
            generation=generation,
            state=state,
            poll_s=0.05,
        )
        assert outcome.result is not None
        result = outcome.result
    assert len(box.ledger) == len(box.requests()) == 1, "billed once"
    assert [stored.file_name for stored in box.objects()].count("output.mp4") == 1
    assert Path(result.path).read_bytes() in [path.read_bytes() for path in (box.directory / "files").iterdir()]
    [job] = journal.jobs()
    assert job.state == "downloaded"
    assert job.ticket is not None and job.ticket.request_id == box.requests()[0].request_id
    receipt = json.loads((tmp_path / "out" / "receipt.json").read_text())
    assert (receipt["id"], receipt["state"]) == (job.id, "downloaded")
    kept = job.model_dump_json().encode()
    if isinstance(state, Path):
        kept += b"".join(path.read_bytes() for path in state.glob("journal*"))
    assert b"this-is-not-a-key" not in kept + (tmp_path / "out" / "receipt.json").read_bytes()


def test_killed_again_and_again(box: Sandbox, media: Callable[[str], Path], tmp_path: Path, state: Path | str) -> None:
    """Each attempt dies before it can say that the video is here; the one after them says it."""
    for _ in range(3):
        _killed("before:downloaded", state, tmp_path, media("at_limit_300.png"))
    resume(tmp_path / "out", state=state, poll_s=0.05)
    assert len(box.ledger) == len(box.requests()) == 1
