"""Containerfile: its instructions, and a trial of its commands in a folder in the place of an image."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.checkout import ROOT

FILE = ROOT / "Containerfile"
FOR_ROOT = ("chown",)  # commands that only the root of an image may run


class Instruction(NamedTuple):
    """One instruction, such as RUN, and what follows it."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)


def read_containerfile(text: str) -> list[Instruction]:
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [Instruction(*line.split(None, 1)) for line in lines]


def try_containerfile(folder: Path) -> Path:
    """Copy and run below *folder* what the file copies and runs, as written there; the path of its command.

    Raises CalledProcessError when a command fails, and FileNotFoundError when a source is missing.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # that of an environment: outside of one, Debian has a python3 but no python
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = ""
    for name, text in read_containerfile(FILE.read_text("utf-8")):
        words = shlex.split(text)
        if name == "COPY":
            target = Path(f"{folder}{words[-1]}")
            target.mkdir(parents=True)
            for pattern in words[:-1]:
                for source in copied(pattern):
                    shutil.copy(source, target)
        elif name == "RUN" and not any(word in words for word in FOR_ROOT):
            moved = f" {text}".replace(" /", f" {folder}/")
            subprocess.run(["sh", "-ec", moved], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE)
        elif name == "ENTRYPOINT":
            command = text.strip('[]"')
    (found,) = folder.glob(f"opt/*/bin/{command}")
    return found


def copied(pattern: str) -> list[Path]:
    """The files of a source of COPY."""
    sources = sorted(ROOT.glob(pattern))
    if not sources:
        raise FileNotFoundError(f"{FILE.name}: {pattern}: no such file")
    return sources
