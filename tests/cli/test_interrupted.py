"""Ctrl-C: nothing half-made stays, a job that was sent goes on, and one is told what stands and how to come back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Cancelled
from submit.cli.arguments import platform_environment
from submit.journal import Journal
from submit.sandbox import running
from tests.types import Media, Say

COMMAND = [sys.executable, "-m", "submit.command"]
ROOT = str(Path(__file__).parents[2])
CAPTURED: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60}


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
        # Ctrl-C may also come between the answer and the note of it, or before the wait for the video
        endings = ("goes on", "was submitted as request", "shows what became of")
        assert any(
            f"job {job_id} {ending}" in err.decode() or f"{ending} job {job_id}" in err.decode() for ending in endings
        )
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
        assert (done.returncode, done.stdout.decode()) == (0, f"job {job_id}: cancelled\n")
        assert box.totals().cancelled == 1 and box.ledger == ()


@pytest.mark.parametrize(
    ("number", "exit_code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated"), (signal.SIGHUP, 143, "terminated")],
    ids=["ctrl-c", "kill", "closed terminal"],
)
def test_a_job_in_a_sandbox_of_its_own_ends(
    media: Media, tmp_path: Path, number: signal.Signals, exit_code: int, word: str
) -> None:
    """Nothing goes on, so nobody is sent back to a job."""
    asked = ["run", str(media("at_limit_300.png")), "--prompt", "@Image1", "--sandbox", "--faults", "queue:100%:600s"]
    with subprocess.Popen(
        [*COMMAND, *asked, "--poll", "0.05"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_hangups,  # noqa: PLW1509  the child starts no thread before exec
    ) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("job "):
            assert process.poll() is None
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == exit_code
    assert f"prep-and-submit: {word}; the sandbox and its job ended with this command, and nothing was billed" in err
    assert not any(name in out + err for name in ("goes on", "prep-and-submit result", "Next", "Traceback"))


def test_an_upload_is_not_waited_for(media: Media, tmp_path: Path) -> None:
    """The server takes an hour for its answer."""
    asked = ["run", str(media("at_limit_300.png")), "--prompt", "@Image1", "--sandbox", "--faults", "slow-upload:3600s"]
    with subprocess.Popen(
        [*COMMAND, *asked],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("job "):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the sandbox and its job ended with this command" in err
    assert not any(text in out + err for text in ("Traceback", "graceful", "Upload failed"))


def test_a_job_in_a_sandbox_of_its_own_is_not_waited_for(media: Media, tmp_path: Path, say: Say) -> None:
    asked = ["--prompt", "@Image1", "--sandbox", "--no-wait", "--out", str(tmp_path / "out")]
    code, out, _ = say("run", str(media("at_limit_300.png")), *asked)
    assert code == 0
    assert "video        not waited for; its sandbox has ended with this command" in out
    assert "prep-and-submit result" not in out


ENDINGS = {
    "ctrl-c": ([signal.SIGINT], 130, "interrupted"),
    "ctrl-c twice": ([signal.SIGINT] * 2, 130, "interrupted"),
    "ctrl-c three times": ([signal.SIGINT] * 3, 130, "interrupted"),
    "kill": ([signal.SIGTERM], 143, "terminated"),
    "closed terminal": ([signal.SIGHUP], 143, "terminated"),
    "kill, impatiently": ([signal.SIGTERM, signal.SIGTERM, signal.SIGHUP], 143, "terminated"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_while_preparing(media: Callable[[str], Path], tmp_path: Path, ending: str) -> None:
    """No file left, and no ffmpeg that goes on."""
    signals, exit_code, word = ENDINGS[ending]
    asked = ["prep", str(media("clip_1080p_20s.mp4")), "--out", "out"]
    code, out, err = _ended_while_encoding(asked, {"PYTHONPATH": ROOT}, tmp_path, signals)
    assert (code, out) == (exit_code, "")
    assert err.lstrip().startswith(f"prep-and-submit: {word}; nothing half-made is left in out; ")
    assert err.count("\n") == 1 + err.startswith("\n")  # on a line of its own, after the ^C
    assert list(tmp_path.iterdir()) == []


def test_the_next_run_clears_up_after_a_killed_one(media: Callable[[str], Path], tmp_path: Path) -> None:
    asked = ["prep", str(media("clip_1080p_20s.mp4")), "--out", "out"]
    code, _, _ = _ended_while_encoding(asked, {"PYTHONPATH": ROOT}, tmp_path, [signal.SIGKILL])
    assert code == -signal.SIGKILL
    assert [path.name[:8] for path in (tmp_path / "out").iterdir() if path.is_dir()] == [".making-"]
    again = ["prep", str(media("at_limit_300.png")), "--out", "out"]
    subprocess.run([*COMMAND, *again], cwd=tmp_path, env={**os.environ, "PYTHONPATH": ROOT}, check=True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["image1-at_limit_300.png", "manifest.json"]


@pytest.mark.parametrize("times", [1, 2])
def test_before_anything_was_submitted(media: Callable[[str], Path], tmp_path: Path, times: int) -> None:
    asked = [
        "run",
        str(media("clip_1080p_20s.mp4")),
        "--prompt",
        "@Video1",
        "--yes",
        "--state",
        str(tmp_path / "state"),
        "--json",
    ]
    with running(tmp_path / "sandbox") as box:
        environment = {**box.env, "PYTHONPATH": ROOT}
        code, out, err = _ended_while_encoding(asked, environment, tmp_path, [signal.SIGINT] * times)
        assert box.requests() == ()
    told = (
        "interrupted; nothing was submitted, and nothing will be billed. Run the same command again to continue where "
        "it stopped"
    )
    assert (code, err.lstrip()) == (130, f"prep-and-submit: {told}\n")
    assert json.loads(out)["data"]["error"] == {"message": told, "exit_code": 130}
    assert not (tmp_path / "out").exists()
    assert Journal(tmp_path / "state").jobs() == ()


def _hear_hangups() -> None:
    """Below nohup SIGHUP is ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _ended_while_encoding(
    asked: list[str], environment: dict[str, str], folder: Path, signals: list[signal.Signals]
) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of the command when *signals* come while its ffmpeg encodes, which ends too."""
    process = subprocess.Popen(
        [*COMMAND, *asked],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_hangups,  # noqa: PLW1509  the child starts no thread before exec
    )
    with process:
        child = _encoder(process)
        for number in signals:
            process.send_signal(number)
        out, err = process.communicate(timeout=60)
    if signals != [signal.SIGKILL]:
        assert not Path(f"/proc/{child}").exists()
    return process.returncode, out, err


def _encoder(parent: "subprocess.Popen[str]") -> int:
    """Waits until *parent* has started an ffmpeg that makes something."""
    while parent.poll() is None:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                of_parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) == parent.pid
                if of_parent and b"-progress" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return int(pid)
            except OSError:
                continue
    raise AssertionError("it ended before it started one")


def test_whatever_a_library_makes_of_it(tmp_path: Path) -> None:
    """pydantic wraps what is raised while it builds a validator."""
    script = (
        "import os, signal, sys\n"
        "from submit import command\n"
        "from submit.cli import jobs\n"
        "def wrapped(**_):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        signal.pause()\n"
        "    except KeyboardInterrupt as error:\n"
        "        raise TypeError('a validator can not be built') from error\n"
        "jobs.jobs.callback = wrapped\n"
        "sys.argv = ['prep-and-submit', 'jobs']\n"
        "sys.exit(command.main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": ROOT}, check=False, **CAPTURED
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "prep-and-submit: interrupted\n")


def test_while_modules_are_imported(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nsignal.pause()\n")
    start = [sys.executable, "-c", "import sys; from submit.start import main; sys.exit(main())"]
    done = subprocess.run(
        start, env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}, check=False, **CAPTURED
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "prep-and-submit: interrupted\n")


def test_a_job_in_a_sandbox_of_its_own_does_not_outlast_the_timeout(media: Media, tmp_path: Path, say: Say) -> None:
    asked = ["--prompt", "@Image1", "--sandbox", "--faults", "queue:100%:600s", "--timeout", "0.2", "--poll", "0.05"]
    code, _, err = say("run", str(media("at_limit_300.png")), *asked, "--out", str(tmp_path / "out"))
    assert code == 4
    assert "stopped waiting; the sandbox and its job ended with this command, and nothing was billed" in err
    assert "goes on" not in err.replace("in a sandbox that goes on", "")
    assert "prep-and-submit result" not in err


def test_there_is_no_job_yet_while_a_sandbox_prepares() -> None:
    with (
        pytest.raises(Cancelled, match=r"^interrupted; nothing was submitted, and nothing will be billed"),
        platform_environment({"sandbox": True, "faults": None, "state": None}),
    ):
        raise KeyboardInterrupt
