"""Uploads: bounds, and a folder that goes away, after kill -9 by the next start."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prep.errors import UsageError
from submit.review import uploads
from submit.review.uploads import Uploads, session_folder

HOLD = """
import sys, time
from pathlib import Path
from submit.review.uploads import session_folder
with session_folder(Path(sys.argv[1])) as folder:
    (folder / "clip.mp4").write_bytes(b"x" * 100)
    print(folder, flush=True)
    time.sleep(60)
"""


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _receive(box: Uploads, size: int, *chunks: bytes, name: str = "clip.mp4") -> Path:
    return asyncio.run(box.receive(name, size, _chunks(*chunks)))


@pytest.fixture
def box(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path)


def test_equal_names_do_not_meet(box: Uploads) -> None:
    first, second = _receive(box, 2, b"ab"), _receive(box, 3, b"a", b"bc")
    assert (first.read_bytes(), second.read_bytes()) == (b"ab", b"abc")
    assert first.name == second.name == "clip.mp4"
    box.remove(first)
    assert not first.parent.exists() and second.exists()


@pytest.mark.parametrize(
    ("size", "chunks", "match"),
    [
        (3, [b"ab"], "only"),
        (3, [b"ab", b"cd"], "longer than announced"),
        (0, [], "empty"),
        (uploads.MOST_BYTES + 1, [b"x"], "on the command line"),
    ],
    ids=["cut off", "longer", "empty", "too large"],
)
def test_what_is_refused_leaves_nothing(
    tmp_path: Path, box: Uploads, size: int, chunks: list[bytes], match: str
) -> None:
    with pytest.raises(UsageError, match=match):
        _receive(box, size, *chunks)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_number_and_the_bytes_are_bounded(box: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    monkeypatch.setattr(uploads, "MOST_BYTES_TOGETHER", 5)
    _receive(box, 3, b"abc")
    with pytest.raises(UsageError, match="no room"):
        _receive(box, 3, b"abc")
    _receive(box, 2, b"ab")
    with pytest.raises(UsageError, match="2 files were dropped"):
        _receive(box, 1, b"a")


@pytest.mark.parametrize(
    "name",
    [
        "界" * 100 + ".jpg",
        "é" * 300,
        "a" * 300 + ".jpg",
        "a." + "界" * 100,
        "." + "界" * 100,
        "\U0001f600" * 99 + ".png",
    ],
)
def test_a_long_name_is_cut(box: Uploads, name: str) -> None:
    """As file systems count: in bytes. An extension that is one stays."""
    path = _receive(box, 2, b"ab", name=name)
    assert path.read_bytes() == b"ab"
    assert path.suffix == Path(name).suffix or len(Path(name).suffix) > 20


def test_the_folder_goes_away_at_the_end(tmp_path: Path) -> None:
    with session_folder(tmp_path / "root") as folder:
        (folder / "clip.mp4").write_bytes(b"x")
        assert folder.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "root").iterdir()) == []


def test_what_a_killed_session_left_goes_away_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    """A link in the root is not followed."""
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.mp4").write_bytes(b"x")
    command = [sys.executable, "-c", HOLD, str(root)]
    sessions = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        folders = [Path(session.stdout.readline().strip()) for session in sessions if session.stdout]
        (root / "link").symlink_to(elsewhere)
        os.kill(sessions[0].pid, signal.SIGKILL)
        sessions[0].wait()
        assert folders[0].exists()
        with session_folder(root):
            assert not folders[0].exists() and (folders[1] / "clip.mp4").exists()
        assert (elsewhere / "mine.mp4").exists()
    finally:
        for session in sessions:
            session.kill()
            session.communicate()


def test_only_folders_of_sessions_are_leftovers(tmp_path: Path) -> None:
    """The folder may be somebody's, or lead there by a link."""
    precious = tmp_path / "precious"
    names = ["photos", f".making-{'0' * 32}"]
    for name in names:
        (precious / name).mkdir(parents=True)
        (precious / name / "a.jpg").touch()
    (tmp_path / "root").symlink_to(precious)
    with session_folder(tmp_path / "root"):
        pass
    assert all((precious / name / "a.jpg").exists() for name in names)


def test_sessions_that_begin_at_once_are_apart(tmp_path: Path) -> None:
    def begin(number: int) -> str:
        with session_folder(tmp_path) as folder:
            (folder / str(number)).touch()
            assert [path.name for path in folder.iterdir() if path.name != uploads.LOCK] == [str(number)]
        return folder.name

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(begin, range(400)))) == 400
    assert list(tmp_path.iterdir()) == []
