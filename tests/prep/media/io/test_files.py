"""Copies and names of files."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prep.media.io import files
from prep.media.io.files import leftovers
from prep.model.media import EXTENSIONS

SAFE = re.compile(r"(image|video|audio)\d+-[A-Za-z0-9_][A-Za-z0-9._-]*")


@pytest.mark.parametrize(
    ("label", "container", "name"),
    [
        ("hero.png", "png", "image1-hero.png"),
        ("hero.png", "jpeg", "image1-hero.jpg"),
        ("hero", "webp", "image1-hero.webp"),
        (".hidden", "png", "image1-hidden.png"),
        ("a.b.c.png", "png", "image1-a.b.c.png"),
        ("with space & more.png", "png", "image1-with-space-more.png"),
        ("-rf.png", "png", "image1-rf.png"),
        ("写真.heic", "jpeg", "image1-file.jpg"),
        ("...", "png", "image1-file.png"),
        ("", "png", "image1-file.png"),
        ("image7-hero.png", "png", "image1-hero.png"),
        ("video2-image1-x.png", "png", "image1-image1-x.png"),
        ("images-of-me.png", "png", "image1-images-of-me.png"),
        ("x" * 300 + ".png", "png", "image1-" + "x" * 60 + ".png"),
        ("../../etc/passwd", "png", "image1-file.png"),
        ("C:\\temp\\a.png", "png", "image1-C-temp-a.png"),
    ],
)
def test_names_of_outputs(label: str, container: str, name: str) -> None:
    assert files.output_name("@Image1", label, container) == name


@given(label=st.text(), container=st.sampled_from(sorted(EXTENSIONS)))
def test_any_label_gives_a_plain_name(label: str, container: str) -> None:
    name = files.output_name("@Video12", label, container)
    assert SAFE.fullmatch(name)
    assert name.endswith(EXTENSIONS[container])
    assert len(name) < 100


@given(label=st.text(), container=st.sampled_from(sorted(EXTENSIONS)))
def test_the_name_of_an_output_gives_itself(label: str, container: str) -> None:
    once = files.output_name("@Audio3", label, container)
    assert files.output_name("@Audio3", once, container) == once


def test_what_is_written_whole_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system may keep the new name of a file over a power cut, and lose its content."""
    synced: list[tuple[int, int]] = []

    def fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        synced.append((status.st_ino, status.st_size))

    monkeypatch.setattr("os.fsync", fsync)
    files.write_whole(tmp_path / "note.json", "{}\n")
    assert synced == [((tmp_path / "note.json").stat().st_ino, 3)]


def test_a_copy_has_the_same_bytes_and_its_own_permissions(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"content")
    source.chmod(0o400)
    files.copy(source, target)
    assert target.read_bytes() == b"content"
    assert target.stat().st_mode & 0o200
    assert files.sha256(target) == "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"


@pytest.mark.skipif(sys.platform == "win32", reason="no open file can be removed there")
def test_what_another_process_is_making_is_not_left_over(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys\nfrom prep.media.io.files import replacing\n"
        "with replacing(pathlib.Path('video.mp4')):\n    print('begun', flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as making:
        assert making.stdout is not None
        assert making.stdout.readline() == b"begun\n"
        [half] = tmp_path.iterdir()
        assert leftovers(tmp_path) == []
        making.kill()
    assert leftovers(tmp_path) == [half]
