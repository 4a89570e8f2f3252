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
USER = 54_321
RUN = ("--prompt", "@Image1 waves", "--duration", "4", "--yes", "--json")
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
print(json.dumps({"user": os.geteuid(), "writes": writes}))
"""


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    """`sealed(program, ...)` runs it without network, as a user that the system does not know.

    Only `state`, `tmp` and `out` can be written; `tmp` is the home as well.
    """
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
            str(USER),
            "--gid",
            str(USER),
        ]
        seal += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        for folder in folders:
            seal += ["--bind", folder, folder]
        seal += ["--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "PYTHONPATH", str(ROOT)]
        seal += ["--setenv", "TMPDIR", folders[1], "--setenv", "HOME", folders[1], "--chdir", str(tmp_path), "--"]
        return subprocess.run([*seal, *map(str, command)], capture_output=True, text=True, timeout=200, check=False)

    return run


def test_it_is_sealed(sealed: Sealed, tmp_path: Path) -> None:
    seen = json.loads(sealed(sys.executable, "-c", LOOK).stdout)
    refused = "Read-only file system"
    assert seen["writes"] == {"/": refused, "/usr": refused, str(tmp_path): refused, str(tmp_path / "tmp"): "yes"}
    assert seen["user"] == USER


def test_check_prep_and_run(sealed: Sealed, media: Media, tmp_path: Path) -> None:
    """A photo that is turned, a HEIC, a clip that is encoded, and a sound."""
    references = [media(name) for name in ("photo.jpg", "photo.heic", "vfr.mp4", "tone_5s.flac")]
    checked = sealed(*COMMAND, "check", *references, "--json")
    assert (checked.returncode, checked.stderr) == (1, ""), "there is something to fix"
    prepared = sealed(*COMMAND, "prep", *references, "--out", tmp_path / "out" / "ready", "--json")
    assert (prepared.returncode, prepared.stderr) == (0, ""), prepared
    assert len(json.loads((tmp_path / "out" / "ready" / "manifest.json").read_text())["entries"]) == 4
    ran = sealed(
        *COMMAND,
        "run",
        *references,
        *RUN,
        "--sandbox",
        "--out",
        tmp_path / "out" / "take",
        "--state",
        tmp_path / "state",
    )
    assert ran.returncode == 0, ran
    assert len(list((tmp_path / "out" / "take").glob("result-*.mp4"))) == 1
    listed = sealed(*COMMAND, "jobs", "--state", tmp_path / "state", "--json")
    assert listed.returncode == 0 and '"downloaded"' in listed.stdout
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == [".cache"], "nothing else is left"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(WRITABLE)


# The variables, more options, and the words.
MISSING: dict[str, tuple[list[str], list[str], str]] = {
    "a journal that can be written": ([], ["--state", "/state"], "name another folder with --state"),
    "a home for fal_client": (["-u", "HOME"], [], "set HOME to a folder"),
    "a place for temporary files": (["TMPDIR=/"], ["--sandbox"], "set TMPDIR to one that can be written"),
}


@pytest.mark.parametrize("missing", MISSING)
def test_one_line_says_what_is_missing(sealed: Sealed, media: Media, tmp_path: Path, missing: str) -> None:
    variables, options, words = MISSING[missing]
    state = f"PREP_AND_SUBMIT_STATE={tmp_path / 'state'}"
    command = [*COMMAND, "run", media("photo.jpg"), *RUN, "--out", tmp_path / "out" / "take", *options]
    ran = sealed("/usr/bin/env", *variables, "FAL_KEY=a:b", state, *command)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran
    assert words in ran.stderr


def test_jobs_without_a_home(sealed: Sealed) -> None:
    ran = sealed("/usr/bin/env", "-u", "HOME", *COMMAND, "jobs")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran
    assert "name a folder with --state, or set HOME" in ran.stderr


def test_without_a_home_nothing_is_kept_elsewhere(sealed: Sealed, media: Media, tmp_path: Path) -> None:
    command = [*COMMAND, "prep", media("photo_turned.heic"), "--out", "ready"]
    ran = sealed("/usr/bin/env", "-u", "HOME", "-C", tmp_path / "out", *command)
    assert ran.returncode == 0, ran
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ready"]
    assert list((tmp_path / "tmp").iterdir()) == []
