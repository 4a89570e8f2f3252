"""The command line and the job file say what the page says."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from prep.inputs.jobs import read_job
from prep.model.generation import Generation
from prep.model.plan import Options
from prep.model.reference import Crop, Part, Reference
from submit.command import group
from submit.review.draft import Card, Draft
from submit.review.view.command_line import command_line, job_file
from tests.made import SEEDANCE_2, SEEDANCE_2_5

DRAFT = Draft(
    cards=(
        Card("1", Reference(location="a b.mp4", name="walk", part=Part(start_s=1.5, end_s=4))),
        Card("2", Reference(location="-x.png", crop=Crop(unit="percent", x=25, y=0, width=50, height=100))),
        Card("3", Reference(location="/cache/uploads/3/voice.mov", track="audio"), uploaded=True),
    ),
    prompt="@walk isn't $HOME",
    generation=Generation(duration=8, generate_audio=False, seed=3, bitrate_mode="high"),
    options=Options(fit="crop", seconds=4.5, mute=True, background="white"),
)


def test_the_command_is_one_that_run_takes() -> None:
    words = shlex.split(command_line(DRAFT, SEEDANCE_2_5, Path("take 1"), sandbox=True))
    assert words[:5] == [
        *("prep-and-submit", "run", "walk=a b.mp4#t=1.5,4"),
        *("./-x.png#xywh=percent:25,0,50,100", "voice.mov#track=audio"),
    ]
    program = group.make_context(words[0], words[1:])
    command = group.get_command(program, "run")
    assert command is not None
    # click keeps the help option of a command as it is first asked for: without its parent it would have no -h
    given = command.make_context("run", words[2:], parent=program).params
    assert given["prompt"] == DRAFT.prompt and given["sandbox"] and given["endpoint"] == SEEDANCE_2_5
    assert (given["duration"], given["generate_audio"], given["seed"]) == ("8", False, 3)
    assert given["settings"] == (("bitrate_mode", "high"),)
    assert (given["fit"], given["seconds"], given["mute"], given["background"]) == ("crop", 4.5, True, "#ffffff")


def test_the_job_file_is_one_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "elsewhere.yaml"
    path.write_text(job_file(DRAFT, SEEDANCE_2), "utf-8")
    job = read_job(path)
    assert (job.prompt, job.generation, job.options) == (DRAFT.prompt, DRAFT.generation, DRAFT.options)
    assert job.references[0] == f"walk={tmp_path}/a b.mp4#t=1.5,4"
    assert job.endpoint == SEEDANCE_2


@pytest.mark.needs("bash")
def test_lines_of_a_prompt_and_odd_names_survive_the_shell() -> None:
    name, prompt = os.fsdecode(b"caf\xe9's.jpg"), "@Image1 waves.\n\tThen \\ it's dark"
    draft = Draft(cards=(Card("1", Reference(location=name)),), prompt=prompt)
    text = command_line(draft, SEEDANCE_2, Path("out"), sandbox=False)
    assert text.isprintable()
    words = subprocess.run(["bash", "-c", f"printf '%s\\0' {text}"], stdout=subprocess.PIPE, check=True).stdout.split(
        b"\0"
    )
    assert words[2:5] == [os.fsencode(name), b"--prompt", prompt.encode()]
