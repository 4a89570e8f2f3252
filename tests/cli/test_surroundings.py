"""Strange surroundings: a full disk, and processes and folders that are not as usual; none of it is a bug."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.types import Media

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "submit.command"]
# buffered, as for everybody who does not ask for something else: what is not written is tried again at the end
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")


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


def test_stdout_can_only_be_read(tmp_path: Path) -> None:
    with open(os.devnull, "rb") as stdout:
        command = [*COMMAND, "limits"]
        done = subprocess.run(
            command, cwd=tmp_path, env=ENVIRONMENT, stdout=stdout, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr == b"prep-and-submit: the output can't be written: Bad file descriptor\n"


@pytest.mark.parametrize("files", [8, 11])
def test_too_few_open_files(media: Media, tmp_path: Path, files: int) -> None:
    done = subprocess.run(
        [*COMMAND, "prep", str(media("portrait_rot90.mov")), "--out", "out"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
    )
    assert done.returncode == 2, done.stderr
    assert "Too many open files" in done.stderr or "ulimit" in done.stderr
    assert "damaged" not in done.stderr and done.stderr.count("\n") == 1


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


def _run(
    folder: Path, words: list[str], before: Callable[[], object] | None = None, first: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*first, *COMMAND, *words],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=before,
    )


def test_the_current_folder_is_gone(media: Media, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    words = ["run", str(media("at_limit_300.png")), "--prompt", "@Image1 waves", "--sandbox", "--out", "out"]
    done = _run(tmp_path / "gone", words, (tmp_path / "gone").rmdir)
    assert done.returncode == 2
    assert done.stderr == "prep-and-submit: the current folder has been removed; change to another one\n"


def test_the_system_collects_children(media: Media, tmp_path: Path) -> None:
    done = _run(tmp_path, ["check", str(media("photo.jpg"))], lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert (done.returncode, done.stderr) == (0, "")


def test_proc_is_not_mounted(media: Media, tmp_path: Path) -> None:
    first = ("unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", 'umount -l /proc && exec "$@"', "x")
    if not shutil.which("unshare") or subprocess.run([*first, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the system lets nobody take /proc away")
    done = _run(tmp_path, ["check", str(media("photo.jpg"))], first=first)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words", [("check", "{}x.png"), ("submit", "{}", "--prompt", "x", "--sandbox"), ("status", "{}")], ids=" ".join
)
def test_a_path_is_longer_than_any(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = _run(tmp_path, [word.format("a/" * 3_000) for word in words])
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "bug" not in done.stderr
    assert done.stderr.endswith(("no such file\n", "File name too long\n"))
