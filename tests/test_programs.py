"""Tests that need a program: left out with one line where it is missing, unless all is demanded."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tests.programs

TESTS = """
import pytest
from tests.programs import program

@pytest.mark.needs("no-such-shell")
@pytest.mark.parametrize("number", range(3))
def test_that_needs_it(number):
    program("no-such-shell")

@pytest.mark.needs("sh")
def test_that_needs_what_is_there():
    assert program("sh")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text('pytest_plugins = ("tests.programs",)\n')
    (tmp_path / "tests" / "test_it.py").write_text(TESTS)
    shutil.copy(tests.programs.__file__, tmp_path / "tests")
    return tmp_path


def _pytest(project: Path, *options: str, **environment: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-q", *options, "tests"]
    environment = {"PYTHONPATH": ".", "PATH": "/usr/bin:/bin"} | environment
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_it_is_left_out_with_one_line(project: Path, workers: str) -> None:
    code, lines = _pytest(project, "-n", workers)
    assert code == 0
    assert [line for line in lines if "no-such-shell" in line] == ["left out: 3 tests (no no-such-shell)"]
    assert lines[-1].startswith("1 passed")


def test_it_fails_where_all_is_demanded(project: Path) -> None:
    code, lines = _pytest(project, PREP_TESTS_NEED_ALL="1")
    assert code == 1
    assert "no-such-shell is not installed, or can't run here: apt-get install no-such-shell" in lines
    assert lines[-1].startswith("3 failed, 1 passed")


def test_what_the_machine_forbids_is_left_out_all_the_same(project: Path, tmp_path: Path) -> None:
    (tmp_path / "tests" / "test_it.py").write_text(TESTS.replace("no-such-shell", "bwrap"))
    bwrap = tmp_path / "bwrap"
    bwrap.write_text("#!/bin/sh\nexit 1\n")
    bwrap.chmod(0o755)
    code, lines = _pytest(project, PREP_TESTS_NEED_ALL="1", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert code == 0
    assert "left out: 3 tests (no bwrap)" in lines
