"""The suite leaves the checkout as it was: every test works in a folder of its own, and checkout.py looks after it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tests.checkout
from tests.checkout import ROOT, tracked_files


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_ignored_files_do_not_count(tmp_path: Path) -> None:
    ignored = ["out/c.jpg", "x.egg-info/d", ".git/e"]
    _write(tmp_path, {".gitignore": "out/\n*.egg-info/\n", "room/b.py": "", **dict.fromkeys(ignored, "")})
    assert tracked_files(tmp_path) == {".gitignore", "room/b.py"}


@pytest.mark.parametrize(("name", "code"), [("manifest.json", 1), ("out/manifest.json", 0)], ids=["left", "ignored"])
def test_a_run_that_leaves_a_file_fails(tmp_path: Path, name: str, code: int) -> None:
    test = f"from pathlib import Path\ndef test_it():\n    Path('out').mkdir()\n    Path({name!r}).touch()\n"
    conftest = 'pytest_plugins = ("tests.checkout",)\n'
    _write(tmp_path, {".gitignore": "__pycache__/\nout/\n", "tests/conftest.py": conftest, "tests/test_it.py": test})
    shutil.copy(tests.checkout.__file__, tmp_path / "tests")
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": "."}, capture_output=True, text=True, check=False)
    assert (done.returncode, f"left in the checkout by the tests: {name}" in done.stdout) == (code, code == 1)


def test_a_test_works_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """Whatever a call writes to the working directory by mistake stays out of the checkout."""
    assert Path.cwd() == tmp_path
    assert not Path.cwd().is_relative_to(ROOT)
