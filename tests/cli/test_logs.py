"""-v, -q and --log-format on the commands that do work, with the real fal_client against the sandbox."""

import json
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from prep import prepare
from submit import run
from submit.command import COMMANDS, group
from submit.sandbox import Sandbox
from tests.types import Media, Say

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # fal_client closes no connection
ROOT = str(Path(__file__).parents[2])
WORKING = {
    "run",
    "batch",
    "check",
    "mcp",
    "plan",
    "price",
    "prep",
    "submit",
    "status",
    "result",
    "resume",
    "cancel",
    "review",
}


def test_every_command_that_does_work_has_them() -> None:
    flags = {}
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command
        flags[name] = {flag for option in command.params for flag in option.opts}
    assert {name for name in COMMANDS if {"-v", "-q", "--log-format"} <= flags[name]} == WORKING


def _records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_each_record_names_job_and_reference(box: Sandbox, media: Media, say: Say) -> None:
    photo, clip = str(media("photo_orient6.jpg")), str(media("silent_720p.mp4"))
    code, out, err = say("run", photo, clip, "--prompt", "@Image1 @Video1", "--yes", "--log-format", "json", "--json")
    assert code == 0
    job = json.loads(out)["data"]["job"]
    records = _records(err)
    assert all({"time", "level", "logger", "message", "job", "reference"} <= record.keys() for record in records)
    assert {record["logger"].partition(".")[0] for record in records} == {"prep", "submit"}
    states = [record["message"] for record in records if record["logger"] == "submit.job.context"]
    assert states == ["uploaded", "submitting", "submitted", "completed", "downloaded"]
    assert {record["job"] for record in records if record["logger"] == "submit.job.context"} == {job}
    made = [record for record in records if record["message"].startswith("made ")]
    assert {record["reference"] for record in made} == {"photo_orient6.jpg", "silent_720p.mp4"}
    uploaded = {record["reference"] for record in records if record["message"].startswith("uploaded, ")}
    assert uploaded == {"image1-photo_orient6.jpg", "video1-silent_720p.mp4"}


def test_verbose_is_for_people(box: Sandbox, media: Media, say: Say) -> None:
    code, _, err = say("prep", str(media("photo_orient6.jpg")), "--out", "ready", "-v")
    assert code == 0
    lines = err.splitlines()
    assert any(line[8:].startswith("  info  photo_orient6.jpg: planned: orient, encode-image") for line in lines)
    assert not any("  debug  " in line for line in lines)


def test_twice_verbose_shows_programs(media: Media, say: Say) -> None:
    _, _, err = say("prep", str(media("portrait_rot90.mov")), "--out", "ready", "-vv")
    assert any("  debug  portrait_rot90.mov: running " in line for line in err.splitlines())


def test_it_is_over_with_the_command(media: Media, say: Say) -> None:
    loggers = [logging.getLogger(name) for name in ("prep", "submit")]
    before = [(logger.level, logger.handlers[:], logger.propagate) for logger in loggers]
    assert say("check", str(media("photo.jpg")), "-v")[2]
    assert [(logger.level, logger.handlers[:], logger.propagate) for logger in loggers] == before
    assert say("check", str(media("photo.jpg")))[2] == ""


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [(("check", "none.jpg"), 2), (("check", "--nonsense"), 2), (("plan",), 2), (("cancel", "k7f3"), 2)],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_error_is_a_record_too(say: Say, arguments: tuple[str, ...], exit_code: int) -> None:
    code, _, err = say(*arguments, "--log-format=json")
    last = _records(err)[-1]
    assert (code, last["exit_code"], last["level"]) == (exit_code, exit_code, "error")


def test_findings_of_a_refusal_are_in_its_record(media: Media, say: Say) -> None:
    code, _, err = say("prep", str(media("voice.mp3")), "--out", "ready", "--log-format", "json")
    assert code == 1
    assert any("audio-without-visual" in finding for finding in _records(err)[-1]["findings"])


def test_quiet_and_verbose(say: Say, media: Media) -> None:
    code, _, err = say("check", str(media("photo.jpg")), "-q", "-v")
    assert code == 2 and "leave one of them out" in err


def test_quiet_says_nothing_beside_the_result(box: Sandbox, media: Media, say: Say) -> None:
    photo = str(media("at_limit_300.png"))
    code, out, err = say("run", photo, "--prompt", "@Image1", "--yes", "-q", "--out", "quiet")
    assert (code, err) == (0, "")
    assert "video        quiet/result-" in out
    loud = say("run", photo, "--prompt", "@Image1 waves", "--yes", "--out", "loud")[2]
    assert loud.startswith("job ")


@pytest.mark.parametrize(("flag", "bars"), [("", True), ("-q", False), ("-v", False), ("--log-format=json", False)])
def test_bars_on_a_terminal(media: Media, tmp_path: Path, flag: str, bars: bool) -> None:
    main, side = pty.openpty()
    command = [sys.executable, "-m", "submit.command", "plan", str(media("portrait_rot90.mov")), *filter(None, [flag])]
    environment = {**os.environ, "PYTHONPATH": ROOT, "TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=side)
    os.close(side)
    text = b""
    try:
        while piece := os.read(main, 65536):
            text += piece
    except OSError:  # the terminal closes with its last writer
        pass
    os.close(main)
    assert process.wait(60) == 0
    assert (b"\x1b[" in text) == bars
    assert bool(text) == (flag != "-q")


def test_the_library_logs_and_leaves_the_rest_to_the_program(
    box: Sandbox, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "prep"), caplog.at_level(logging.INFO, "submit"):
        prepare(media("photo_orient6.jpg"), out="ready")
        job = run(media("photo_orient6.jpg"), "@Image1", out="out").job
    ours = [record for record in caplog.records if record.name.startswith(("prep.", "submit."))]
    assert ours and all(hasattr(record, "job") and hasattr(record, "reference") for record in ours)
    assert {getattr(record, "job", None) for record in ours} == {None, job}
