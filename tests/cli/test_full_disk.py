"""A full disk is reported as such, not as a bug."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "submit.command"]
# buffered, as for everybody who does not ask for something else: what is not written is tried again at the end
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}


@pytest.mark.parametrize(
    "arguments",
    [("explain",), ("limits", "--json"), ("--help",), ("--version",), ("limits", "nope", "--json")],
    ids=" ".join,
)
def test_stdout_is_full(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], cwd=tmp_path, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    told = "nope: no such endpoint" if "nope" in arguments else "the output can't be written: No space left on device\n"
    assert done.stderr.decode().startswith(f"prep-and-submit: {told}")
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr


@pytest.mark.parametrize("arguments", [("limits", "nope"), ("bogus",), ("check", "--json")], ids=" ".join)
def test_stderr_is_full(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*COMMAND, *arguments], cwd=tmp_path, env=ENVIRONMENT, stderr=full, check=False)
    assert done.returncode == 2


def test_no_room_for_a_copy(media: Callable[[str], Path], tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: the system refuses to write in the same way."""
    source = media("clip_720p.mp4")
    least = source.stat().st_size // 2
    done = subprocess.run(
        [*COMMAND, "prep", str(source), "--out", "out"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (least, least)),
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == "prep-and-submit: out: File too large; choose another folder\n"
    assert list(tmp_path.iterdir()) == []
