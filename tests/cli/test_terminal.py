"""Text on a terminal: whole words within its width, and commands that a shell reads back."""

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screen import run_on_terminal, screen

Media = Callable[[str], Path]
ROOT = Path(__file__).parents[2]
NAMES = ("huge_7000.jpg", "photo_gps.jpg", "portrait_rot90.mov", "panorama.png")
ODD = "my 'holiday' $HOME.png"


def _shown(folder: Path, columns: int, *arguments: str) -> str:
    """What the command prints where stdout is a terminal of that width."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    command = [sys.executable, "-m", "submit.command", *arguments]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # the other end was closed
                break
            if not piece:
                break
            text += piece
        process.wait(60)
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


@pytest.fixture
def folder(media: Media, tmp_path: Path) -> Path:
    for name in NAMES:
        shutil.copyfile(media(name), tmp_path / name)
    shutil.copyfile(media("photo.jpg"), tmp_path / ODD)
    return tmp_path


def _words(text: str) -> list[str]:
    return [word for word in text.split() if word != "\\"]


@pytest.mark.parametrize("command", ["check", "plan"])
def test_words_stay_whole_and_lines_within_the_width(folder: Path, command: str) -> None:
    wide = _shown(folder, 1000, command, *NAMES, ODD)
    for columns in (40, 80, 120):
        narrow = _shown(folder, columns, command, *NAMES, ODD)
        assert _words(narrow) == _words(wide)
        for line in narrow.splitlines():
            assert len(line) <= columns or " " not in line.strip(" \\").replace("' '", ""), line


SENTENCE = "stopped waiting; 'prep-and-submit result k7f3m2qp' fetches it, 'prep-and-submit cancel k7f3m2qp' stops it"
COMMANDS = ("'prep-and-submit result k7f3m2qp'", "'prep-and-submit cancel k7f3m2qp'")


@pytest.mark.parametrize("columns", range(30, 121, 10))
@pytest.mark.parametrize("label", ["", "video        "])
def test_a_command_in_a_sentence_stays_whole(tmp_path: Path, columns: int, label: str) -> None:
    say = f"from prep.cli.terminal import say; say({label + SENTENCE!r})"
    show = f"from prep.model.progress import Progress; show(Progress(stage='job', label='a', message={SENTENCE!r}))"
    bars = f"from prep.cli.progress import show_progress\nwith show_progress() as show: {show}"
    for program in (say, bars):
        code, text = run_on_terminal(["-c", program], tmp_path, columns)
        assert code == 0, text
        assert all(any(command in line for line in screen(text)) for command in COMMANDS), text


@pytest.mark.parametrize("columns", [40, 80])
def test_an_example_in_the_help_stays_whole(tmp_path: Path, columns: int) -> None:
    for command in ([], ["run"], ["check"]):
        _, text = run_on_terminal(["-m", "submit.command", *command, "--help"], tmp_path, columns)
        examples = [line for line in text.splitlines() if line.strip().startswith("prep-and-submit ")]
        assert [shlex.split(line)[:2] for line in examples] == [["prep-and-submit", *(command or ["run"])]]


def test_a_number_keeps_its_unit(folder: Path) -> None:
    for columns in range(60, 90, 3):
        for line in _shown(folder, columns, "check", "huge_7000.jpg").splitlines():
            assert not re.match(r"\s*(px|MB|kB|s)\b", line), line


@pytest.mark.parametrize("columns", [40, 80, 1000])
def test_the_next_command_is_one_that_a_shell_reads(folder: Path, columns: int) -> None:
    text = _shown(folder, columns, "check", *NAMES, ODD, "--fit", "crop")
    _, _, command = text.rpartition("Next: ")
    assert shlex.split(command.replace("\\\n", "")) == [
        *("prep-and-submit", "prep", *NAMES, ODD, "--fit", "crop", "--out", "ready"),
    ]


@pytest.mark.parametrize("columns", range(40, 121, 8))
def test_an_option_keeps_its_value(folder: Path, columns: int) -> None:
    options = ["--fit", "crop", "--mute", "--window", "middle", "--seconds", "4"]
    text = _shown(folder, columns, "check", *NAMES, *options)
    _, _, command = text.rpartition("Next: ")
    lines = [line.removesuffix("\\").split() for line in command.splitlines() if line.strip()]
    assert all(line[-1] not in ("--fit", "--window", "--seconds", "--out") for line in lines), command


def test_a_pipe_gets_one_line_for_each(folder: Path) -> None:
    command = [sys.executable, "-m", "submit.command", "check", *NAMES]
    environment = os.environ | {"COLUMNS": "40", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert max(map(len, done.stdout.decode().splitlines())) > 100
