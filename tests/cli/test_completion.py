"""Completion as real shells do it."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prep.rules.catalogue import RULES
from prep.specs import all_specs
from submit.command import COMMANDS
from tests.programs import program

BIN = Path(sys.executable).parent
DEADLINE_S = 60
BASH = ("bash", "--norc", "--noprofile", "-i")
ZSH = ("zsh", "-f", "-i")
SET_UP = {
    BASH: "PS1='ready> '; eval \"$(prep-and-submit completion bash)\"\n",
    ZSH: "PS1='ready> '; autoload -Uz compinit; compinit -D -u; eval \"$(prep-and-submit completion zsh)\"\n",
}


def _environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in ("LANG", "LC_ALL", "SSL_CERT_FILE")}
    return kept | {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "dumb", "COLUMNS": "200"}


class Terminal:
    """A shell at a prompt; what it shows is gathered in *shown*."""

    def __init__(self, keyboard: int) -> None:
        self._keyboard = keyboard
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._keyboard, text.encode())

    def wait_for(self, text: str) -> None:
        """Read until *text* is shown after what was shown before, and forget everything up to there."""
        end = time.monotonic() + DEADLINE_S
        while text not in self.shown:
            ready, _, _ = select.select([self._keyboard], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} is not shown: {self.shown!r}"
            self.shown += os.read(self._keyboard, 65_536).decode("utf-8", "replace")
        self.shown = self.shown.partition(text)[2]


@contextmanager
def _shell(argv: tuple[str, ...], folder: Path) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [program(argv[0]), *argv[1:]],
        cwd=folder,
        env=_environment(folder),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        terminal = Terminal(ours)
        terminal.type(SET_UP[argv] + "echo set''up\n")
        terminal.wait_for("setup\r\n")
        terminal.wait_for("ready> ")
        yield terminal
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)


@pytest.mark.parametrize(
    "argv", [pytest.param(shell, marks=pytest.mark.needs(shell[0]), id=shell[0]) for shell in (BASH, ZSH)]
)
def test_a_tab_completes(tmp_path: Path, argv: tuple[str, ...]) -> None:
    (tmp_path / "photograph.png").touch()
    with _shell(argv, tmp_path) as terminal:
        for typed, completed in (
            ("expl", "explain"),
            ("check --wind", "check --window"),
            ("check --fit cr", "check --fit crop"),
            ("limits bytedance/seedance-2.5", "limits bytedance/seedance-2.5/reference-to-video"),
            ("explain video-fps-too-l", "explain video-fps-too-low"),
            ("check photog", "check photograph.png"),
        ):
            # the line is run as an argument of echo once it is completed: what it says then is what stood there
            terminal.type(f"prep-and-submit {typed}\t\x01echo \n")
            terminal.wait_for(f"\nprep-and-submit {completed}\r\n")
            terminal.wait_for("ready> ")


def _fish(line: str, folder: Path) -> list[str]:
    script = f"prep-and-submit completion fish | source; complete -C '{line}'"
    done = subprocess.run(
        [program("fish"), "--no-config", "-c", script],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    return [candidate.partition("\t")[0] for candidate in done.stdout.splitlines()]


@pytest.mark.needs("fish")
@pytest.mark.parametrize(
    ("line", "candidates"),
    [
        ("prep-and-submit ", list(COMMANDS)),
        ("prep-and-submit check --wind", ["--window"]),
        ("prep-and-submit plan --short ", ["hold", "loop", "refuse"]),
        ("prep-and-submit run --endpoint ", list(all_specs())),
        ("prep-and-submit limits ", list(all_specs())),
        ("prep-and-submit explain ", list(RULES)),
        ("prep-and-submit check photog", ["photograph.png"]),
        ("prep-and-submit limits --live openap", ["openapi.json"]),
        ("prep-and-submit completion ", ["bash", "zsh", "fish"]),
    ],
)
def test_fish(tmp_path: Path, line: str, candidates: list[str]) -> None:
    (tmp_path / "photograph.png").touch()
    (tmp_path / "openapi.json").touch()
    assert sorted(_fish(line, tmp_path)) == sorted(candidates)


@pytest.mark.needs("fish")
def test_a_project_that_is_wrong_does_not_stop_it(tmp_path: Path) -> None:
    (tmp_path / "prep-and-submit.toml").write_text("= broken")
    assert _fish("prep-and-submit check --wind", tmp_path) == ["--window"]


@pytest.mark.parametrize("words", ["prep-and-submit ", "prep-and-submit limits byte", "prep-and-submit run --res"])
def test_it_loads_nothing_that_is_slow(tmp_path: Path, words: str) -> None:
    script = (
        "import sys; sys.argv = ['prep-and-submit']\n"
        "from submit.command import main\nassert main() == 0\n"
        "heavy = {'av', 'PIL', 'pydub', 'ffmpeg', 'fal_client', 'httpx', 'pydantic', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    asked = {"_PREP_AND_SUBMIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=_environment(tmp_path) | asked | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("plain,")
