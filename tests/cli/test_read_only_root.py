"""The command as an ordinary user on a read-only disk, as in a container: bubblewrap leaves few folders to write to."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.programs import program
from tests.types import Media

pytestmark = pytest.mark.needs("bwrap")
Sealed = Callable[..., "subprocess.CompletedProcess[str]"]
COMMAND = (sys.executable, "-m", "submit.command")
WRITABLE = ("state", "tmp", "out")
LOOK = """
import json, os, pathlib
writes = {}
for place in ("/", "/usr", os.getcwd(), os.environ["TMPDIR"]):
    try:
        (pathlib.Path(place) / "written").touch()
    except OSError as error:
        writes[place] = error.strerror
    else:
        (pathlib.Path(place) / "written").unlink()
        writes[place] = "yes"
print(json.dumps({"user": os.geteuid(), "writes": writes, "home": os.environ.get("HOME")}))
"""


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    """`sealed(program, ...)` runs it without network and home, where only `state`, `tmp` and `out` can be written."""
    folders = [str(tmp_path / name) for name in WRITABLE]
    for folder in folders:
        Path(folder).mkdir()

    def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
        seal = [
            program("bwrap"),
            "--unshare-all",
            "--die-with-parent",
            "--new-session",
            "--uid",
            "1000",
            "--gid",
            "1000",
        ]
        seal += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        for folder in folders:
            seal += ["--bind", folder, folder]
        seal += ["--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "PYTHONPATH", str(ROOT)]
        seal += ["--setenv", "TMPDIR", str(tmp_path / "tmp"), "--chdir", str(tmp_path), "--"]
        return subprocess.run([*seal, *map(str, command)], capture_output=True, text=True, timeout=200, check=False)

    return run


def test_it_is_sealed(sealed: Sealed, tmp_path: Path) -> None:
    seen = json.loads(sealed(sys.executable, "-c", LOOK).stdout)
    refused = "Read-only file system"
    assert seen["writes"] == {"/": refused, "/usr": refused, str(tmp_path): refused, str(tmp_path / "tmp"): "yes"}
    assert (seen["user"], seen["home"]) == (1000, None)


def test_check_prep_and_run(sealed: Sealed, media: Media, tmp_path: Path) -> None:
    """A photo that is turned, a HEIC, a clip that is encoded, and a sound."""
    references = [media(name) for name in ("photo.jpg", "photo.heic", "vfr.mp4", "tone_5s.flac")]
    checked = sealed(*COMMAND, "check", *references, "--json")
    assert (checked.returncode, checked.stderr) == (1, ""), "there is something to fix"
    prepared = sealed(*COMMAND, "prep", *references, "--out", tmp_path / "out" / "ready", "--json")
    assert (prepared.returncode, prepared.stderr) == (0, ""), prepared
    assert len(json.loads((tmp_path / "out" / "ready" / "manifest.json").read_text())["entries"]) == 4
    take = ("--prompt", "@Image1 waves", "--duration", "4", "--sandbox", "--yes", "--json")
    ran = sealed(*COMMAND, "run", *references, *take, "--out", tmp_path / "out" / "take", "--state", tmp_path / "state")
    assert ran.returncode == 0, ran
    assert len(list((tmp_path / "out" / "take").glob("result-*.mp4"))) == 1
    listed = sealed(*COMMAND, "jobs", "--state", tmp_path / "state", "--json")
    assert listed.returncode == 0 and '"downloaded"' in listed.stdout
    assert list((tmp_path / "tmp").iterdir()) == [], "nothing is left"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(WRITABLE)


def test_a_journal_that_can_not_be_written(sealed: Sealed, media: Media, tmp_path: Path) -> None:
    """Without --state: one line says what is missing."""
    take = ("--prompt", "@Image1 waves", "--duration", "4", "--yes", "--json")
    (tmp_path / "out" / "key").write_text("")
    ran = sealed("/usr/bin/env", "FAL_KEY=a:b", *COMMAND, "run", media("photo.jpg"), *take, "--out", tmp_path / "out")
    assert ran.returncode == 2, ran
    assert "name another folder with --state" in ran.stderr + ran.stdout
