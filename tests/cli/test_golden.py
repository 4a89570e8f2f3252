"""Every folder below cases/ is one call of the command and everything that it says.

`argv` has one argument a line; the fixtures named in it, and every other file of the case, are copied to where it runs.
`before` holds calls that go ahead of it (a blank line between two; a last line `> FILE` keeps what one prints).
`stdout`, `stderr`, `exit` and `left` (the files that are new afterwards) are what must come of it; an empty one is left
out. GOLDEN=write makes them anew: read the difference before you believe it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from jsonschema import Draft202012Validator

from fixtures.make import NAMES
from submit.command import main
from tests.docs.contract import contract, report_line

CASES = Path(__file__).parent / "cases"
OURS = ("argv", "before", "stdout", "stderr", "exit", "left")
WRITE = os.environ.get("GOLDEN") == "write"
# What differs from run to run or from machine to machine, and what stands for it.
VARIABLE = (
    (r"\b[0-9a-f]{64}\b", "SHA256"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\bresult-[2-9a-z]{8}\.mp4", "result-ID.mp4"),
    (r'(\bjob +|"job": "|\bresult )[2-9a-hjkmnp-z]{8}\b', r"\1JOB"),
    (r"/sandbox/[0-9a-f]{24}_", "/sandbox/HEX_"),
    (r'("(?:version|ffmpeg)": )"[^"]+"', r'\1"VERSION"'),
    (r"version \d+\.\d+\.\d+", "version VERSION"),
    (r"worker processes, [a-z ]+\.", "worker processes, NETWORK."),  # a container may forbid what keeps them from it
    (r'("(?:bytes|video_bytes|bitrate_bps)": )\d+', r"\1SIZE"),
    (r'("(?:prepare|upload|generate)": )[\d.]+', r"\1SECONDS"),
    (r"(prepare|upload|generate) [\d.]+ s", r"\1 SECONDS"),
    # encoders differ by a few bytes from machine to machine; the sizes in findings are kept
    (r"(?m)^((?!.*\((?:max|min) ).*?)[\d.,]+ (?:kB|MB)", r"\1SIZE"),
    (r"(?m)^((?!.*\((?:max|min) ).*?)[\d.,]+ (?:kB|MB)", r"\1SIZE"),
)


CONTRACT = Draft202012Validator(contract(closed=True))
LINE = Draft202012Validator(report_line())


class Said(NamedTuple):
    exit: int
    stdout: str
    stderr: str


Say = Callable[[list[str]], Said]


def _arguments(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _plain(text: str) -> str:
    for pattern, word in VARIABLE:
        text = re.sub(pattern, word, text)
    return text


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _set_up(case: Path, folder: Path, media: Callable[[str], Path], say: Say) -> None:
    given = "\n".join((case / name).read_text("utf-8") for name in ("argv", "before") if (case / name).exists())
    others = [path for path in case.iterdir() if path.name not in OURS]
    given += "\n".join(path.read_text("utf-8") for path in others)
    for name in NAMES:
        if re.search(rf"(?<![\w.-]){re.escape(name)}", given):
            shutil.copyfile(media(name), folder / name)
    for path in others:
        shutil.copyfile(path, folder / path.name)
    before = (case / "before").read_text("utf-8").rstrip("\n").split("\n\n") if (case / "before").exists() else []
    for call in before:
        arguments, _, kept = call.partition("\n> ")
        said = say(_arguments(arguments))
        assert said.exit == 0, said
        if kept:
            (folder / kept).write_text(said.stdout, "utf-8")


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """Call the command in this process, in an empty folder and without a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAL_KEY", raising=False)

    def say(arguments: list[str]) -> Said:
        monkeypatch.setattr(sys, "argv", ["prep-and-submit", *arguments])
        code = main()
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return say


def _elsewhere(folder: Path) -> Say:
    """Call the command in a process of its own, as a shell would."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAL_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])

    def say(arguments: list[str]) -> Said:
        command = [sys.executable, "-m", "submit.command", *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=120, check=False)
        return Said(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    return say


def _judge(case: Path, said: Said, left: set[str]) -> None:
    told = {
        "stdout": _plain(said.stdout),
        "stderr": _plain(said.stderr),
        "exit": f"{said.exit}\n" if said.exit else "",
        "left": "".join(f"{_plain(name)}\n" for name in sorted(left)),
    }
    if WRITE:
        for name, text in told.items():
            (case / name).unlink(missing_ok=True)
            if text:
                (case / name).write_text(text, "utf-8")
    golden = {name: (case / name).read_text("utf-8") if (case / name).exists() else "" for name in told}
    assert told == golden


def _rules_of_all(arguments: list[str], said: Said, left: set[str]) -> None:
    """What holds for every call, whatever its golden files say."""
    assert "Traceback" not in said.stdout + said.stderr
    assert said.exit != 3, "a bug"
    if said.exit == 0:
        assert re.fullmatch(r"(job [2-9a-z]{8}\n)?", said.stderr)  # the id of the job, at once
    elif "--fix" not in arguments:
        assert left == set()
    if "--json" in arguments:
        document = json.loads(said.stdout)
        CONTRACT.validate(document)
        assert list(document) == ["schema", "command", "ok", "findings", "data"]
        assert document["schema"] == "prep-and-submit/1"
        assert document["ok"] == (said.exit == 0)
        if said.exit > 1:
            assert document["data"]["error"]["exit_code"] == said.exit
    if "jsonl" in arguments:
        for line in said.stdout.splitlines():
            LINE.validate(json.loads(line))
    if "--json" not in arguments and said.exit > 1 and "--format" not in arguments and "over your" not in said.stderr:
        assert said.stdout == "" or said.stderr == "", "either it could not begin, or it says all of it on stdout"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case(case: Path, here: Say, media: Callable[[str], Path], tmp_path: Path) -> None:
    arguments = _arguments((case / "argv").read_text("utf-8"))
    # in this process fal_client would leave its connections open
    say = _elsewhere(tmp_path) if "--sandbox" in arguments else here
    _set_up(case, tmp_path, media, here)
    before = _files(tmp_path)
    said = say(arguments)
    left = _files(tmp_path) - before
    _judge(case, said, left)
    _rules_of_all(arguments, said, left)


@pytest.mark.parametrize("name", ["check-ok", "check-missing-json", "plan", "prep", "prep-ten-images", "run-no-key"])
def test_a_process_of_its_own_says_the_same(name: str, here: Say, media: Callable[[str], Path], tmp_path: Path) -> None:
    case = CASES / name
    _set_up(case, tmp_path, media, here)
    before = _files(tmp_path)
    said = _elsewhere(tmp_path)(_arguments((case / "argv").read_text("utf-8")))
    _judge(case, said, _files(tmp_path) - before)
