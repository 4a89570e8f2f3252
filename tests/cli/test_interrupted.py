"""Ctrl-C while a job is on its way: it goes on, and one is told how to come back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from submit.journal import Journal
from submit.sandbox import running

COMMAND = [sys.executable, "-m", "submit.command"]
ROOT = str(Path(__file__).parents[2])


@pytest.mark.parametrize("times", [1, 2])
def test_the_job_goes_on(media: Callable[[str], Path], tmp_path: Path, times: int) -> None:
    state = tmp_path / "state"
    with running(tmp_path / "sandbox", faults="queue:100%:600s") as box:
        environment = {**os.environ, **box.env, "PYTHONPATH": ROOT}
        asked = ["run", str(media("at_limit_300.png")), "--prompt", "@Image1 waves", "--max-cost", "9", "--json"]
        process = subprocess.Popen(
            [*COMMAND, *asked, "--state", str(state), "--poll", "0.05"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with process:
            assert process.stderr is not None
            told = process.stderr.readline().decode()
            job_id = told.removeprefix("job ").strip()
            while Journal(state).get(job_id).state != "submitted":
                assert process.poll() is None
            for _ in range(times):
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert f"job {job_id} goes on" in err.decode() and f"prep-and-submit result {job_id}" in err.decode()
        assert b"Traceback" not in err
        assert json.loads(out)["data"]["error"]["exit_code"] == 130
        assert Journal(state).get(job_id).state == "submitted"
        done = subprocess.run(
            [*COMMAND, "cancel", job_id[:5], "--state", str(state)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout.decode()) == (0, f"job {job_id}: cancelled; nothing more will come\n")
        assert box.totals().cancelled == 1 and box.ledger == ()
