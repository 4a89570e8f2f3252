"""A terminal of a given width: the command runs in it, and what stays on its screen is read."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIECE = re.compile(r"\x1b\[(?P<count>\d*)(?P<code>[A-Za-z])|\x1b\[\?\d+[hl]|(?P<char>.)", re.DOTALL)


def run_on_terminal(command: Sequence[str], folder: Path, columns: int, **environment: str) -> tuple[int, str]:
    """The exit code of a Python *command*, and everything that reached the terminal, with its control sequences."""
    ours, theirs = pty.openpty()
    own = os.environ | {"COLUMNS": str(columns), "PYTHONPATH": str(ROOT), "TERM": "xterm"} | environment
    with subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=own, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(ours, 65_536):
                text += piece
        except OSError:  # the other end was closed
            pass
        code = process.wait(60)
    os.close(ours)
    return code, text.decode()


def screen(text: str) -> list[str]:
    """The lines that stay: of control sequences, those that rich uses to move up and to erase a line are obeyed."""
    lines, row, column = [""], 0, 0
    for match in PIECE.finditer(text):
        char, code = match["char"], match["code"]
        if char == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif char == "\r":
            column = 0
        elif char:
            lines[row] = f"{lines[row]:<{column}}"[:column] + char + lines[row][column + 1 :]
            column += 1
        elif code == "A":
            row = max(0, row - int(match["count"] or 1))
        elif code == "K" and match["count"] == "2":
            lines[row] = ""
    return [line.rstrip() for line in lines]
