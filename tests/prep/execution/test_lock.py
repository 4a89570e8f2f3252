"""Two processes at once in one folder: one is told that the other is there, and what lies there is of one of them."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prep import prepare
from prep.errors import Busy
from prep.model.manifest import MANIFEST, Manifest
from tests.types import Media

ROOT = str(Path(__file__).parents[3])
ENVIRONMENT = {**os.environ, "PYTHONPATH": ROOT}
# Prepares its second argument into its first, and waits for a line of stdin with the file made and not yet in place.
HOLDER = """
import sys
from prep import prepare
def made(entry, path):
    print("made", flush=True)
    sys.stdin.readline()
prepare([sys.argv[2]], out=sys.argv[1], on_made=made)
"""


@contextmanager
def _holding(out: Path, reference: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLDER, str(out), str(reference)]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "made\n"
        yield process


def _complete(out: Path) -> Manifest:
    """The manifest in *out*, beside which there is what it names, and nothing else."""
    manifest = Manifest.model_validate_json((out / MANIFEST).read_bytes())
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir() if path.name != MANIFEST
    }
    assert files == {entry.output.path: entry.output.sha256 for entry in manifest.entries}
    return manifest


def test_the_second_is_told_and_the_first_goes_on(media: Media, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with _holding(out, media("photo.jpg")) as first:
        with pytest.raises(Busy, match=r"out: another process is using it; choose another folder, or wait for it$"):
            prepare([media("palette.png")], out=out)
        told = subprocess.run(
            [sys.executable, "-m", "submit.command", "prep", str(media("palette.png")), "--out", str(out)],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (told.returncode, told.stdout) == (2, "")
        assert (
            told.stderr == f"prep-and-submit: {out}: another process is using it; choose another folder, or "
            "wait for it\n"
        )
        first.communicate("\n", timeout=60)
    assert first.returncode == 0
    assert [entry.output.path for entry in _complete(out).entries] == ["image1-photo.jpg"]


def test_a_killed_process_holds_nothing(media: Media, tmp_path: Path) -> None:
    with _holding(tmp_path, media("photo.jpg")) as first:
        first.send_signal(signal.SIGKILL)
    assert not list(tmp_path.glob("image*"))
    prepare([media("photo.jpg")], out=tmp_path)
    assert (tmp_path / "image1-photo.jpg").is_file()


def test_many_at_once(media: Media, tmp_path: Path) -> None:
    """Whoever comes first: there is one whole set in the end, and each process has made it or says that it did not."""
    out, names = tmp_path / "out", ["photo.jpg", "palette.png", "alpha.png", "aspect_2_5.png"]
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "submit.command", "prep", str(media(name)), "--out", str(out)],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in begun]
    assert {code for _, code in ended} <= {0, 2} and 0 in {code for _, code in ended}
    assert all("another process is using it" in told for told, code in ended if code == 2)
    manifest = Manifest.model_validate_json((out / MANIFEST).read_bytes())
    for entry in manifest.entries:
        assert entry.output.path is not None
        content = (out / entry.output.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry.output.sha256
    assert not list(out.glob(".*"))


@pytest.mark.parametrize("deep", ["new", "new/deeper"])
def test_what_fails_leaves_no_folder(media: Media, tmp_path: Path, deep: str) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("oops")

    with pytest.raises(RuntimeError, match="oops"):
        prepare([media("photo.jpg")], out=tmp_path / deep, on_made=fail)
    assert list(tmp_path.iterdir()) == []
