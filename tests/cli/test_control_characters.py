"""Control characters from strangers: none reaches a terminal, wherever a message quotes them."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screen import run_on_terminal
from tests.types import Media

pytestmark = [pytest.mark.timeout(120), pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")]
EVIL = "\x1b]0;mine\x07\x1b[2J\x9b\u202e"
# What the progress display itself sends: it moves up, erases a line, hides the cursor, and shows colours.
OURS = re.compile(r"\x1b\[[\d;]*[AKm]|\x1b\[\?25[lh]|\r")


def _job(**fields: Any) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        document = {"references": ["photo.jpg"], "prompt": "hi"} | fields
        (folder / "job.json").write_text(json.dumps(document), "utf-8")
        return ["check", "--from-job", "job.json"]

    return write


def _manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        run_on_terminal(["-m", "submit.command", "prep", "photo.jpg", "--out", "out"], folder, 80)
        path = folder / "out" / "manifest.json"
        document = json.loads(path.read_text("utf-8"))
        change(document["entries"][0])
        path.write_text(json.dumps(document), "utf-8")
        return ["submit", "out", "--prompt", "hi", "--dry-run"]

    return write


CASES: dict[str, Callable[[Path], list[str]]] = {
    "a key of a job file": _job(**{EVIL: 1}),
    "an option of a job file": _job(options={EVIL: 1}),
    "a file of a manifest": _manifest(lambda entry: entry["output"].update(path=f"a{EVIL}.jpg")),
    "a name of a manifest": _manifest(lambda entry: entry.update(name=f"a{EVIL}")),
    "a folder": lambda folder: ["prep", "photo.jpg", "--out", f"photo.jpg/{EVIL}"],
    "a folder that is made": lambda folder: ["prep", "photo.jpg", "--out", f"o{EVIL}"],
    "a receipt": lambda folder: ["status", f"./{EVIL}"],
    "a rule": lambda folder: ["explain", EVIL],
}


@pytest.mark.parametrize("what", CASES)
def test_none_reaches_the_terminal(media: Media, tmp_path: Path, what: str) -> None:
    (tmp_path / "photo.jpg").write_bytes(media("photo.jpg").read_bytes())
    command = CASES[what](tmp_path)
    code, text = run_on_terminal(["-m", "submit.command", *command], tmp_path, 200, FAL_KEY="a:b")
    assert code in (0, 2)
    hostile = [char for char in OURS.sub("", text) if not char.isprintable() and char != "\n"]
    assert hostile == []
