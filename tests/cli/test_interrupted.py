"""Ctrl-C: nothing half-made stays, a job that was sent goes on, and one is told what stands and how to come back."""

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


@pytest.mark.parametrize("times", [1, 2, 3])
def test_while_preparing(media: Callable[[str], Path], tmp_path: Path, times: int) -> None:
    """No file left, and no ffmpeg that goes on."""
    asked = ["prep", str(media("clip_1080p_20s.mp4")), "--out", "out"]
    code, out, err = _interrupted_while_encoding(asked, {"PYTHONPATH": ROOT}, tmp_path, times)
    assert (code, out) == (130, "")
    assert err.lstrip() == (  # on a line of its own, after the ^C
        "prep-and-submit: interrupted; nothing half-made is left in out; run the same again, and it goes on from what "
        "is finished\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("times", [1, 2])
def test_before_anything_was_submitted(media: Callable[[str], Path], tmp_path: Path, times: int) -> None:
    asked = [
        "run",
        str(media("clip_1080p_20s.mp4")),
        "--prompt",
        "@Video1",
        "--state",
        str(tmp_path / "state"),
        "--json",
    ]
    with running(tmp_path / "sandbox") as box:
        code, out, err = _interrupted_while_encoding(asked, {**box.env, "PYTHONPATH": ROOT}, tmp_path, times)
        assert box.requests() == ()
    told = (
        "interrupted; nothing was submitted, and nothing is to be paid for. Run the same again, and it goes on from "
        "what is finished"
    )
    assert (code, err.lstrip()) == (130, f"prep-and-submit: {told}\n")
    assert json.loads(out)["data"]["error"] == {"message": told, "exit_code": 130}
    assert not (tmp_path / "out").exists()
    assert Journal(tmp_path / "state").jobs() == ()


def _interrupted_while_encoding(
    asked: list[str], environment: dict[str, str], folder: Path, times: int
) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of the command when Ctrl-C comes while its ffmpeg encodes, which ends too."""
    process = subprocess.Popen(
        [*COMMAND, *asked],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        child = _encoder(process)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert not Path(f"/proc/{child}").exists()
    return process.returncode, out, err


def _encoder(parent: "subprocess.Popen[str]") -> int:
    """Waits until *parent* has started an ffmpeg that makes something."""
    while parent.poll() is None:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                of_parent = int(stat.read_text().rpartition(")")[2].split()[1]) == parent.pid
                if of_parent and b"-progress" in (stat.parent / "cmdline").read_bytes():
                    return int(stat.parent.name)
            except OSError:
                continue
    raise AssertionError("it ended before it started one")
