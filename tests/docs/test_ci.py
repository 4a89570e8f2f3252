"""docs/ci.md and .pre-commit-hooks.yaml: every shell line of them runs.

Two things replace those of a pipeline: a `pip` that only notes its arguments, and a repository like a checkout.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import parse

import pytest
import yaml

from prep.inputs.folder import MEDIA
from tests.types import Media

pytestmark = pytest.mark.needs("bash")
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


ACTION, GITLAB, PRE_COMMIT = map(yaml.safe_load, _blocks("yaml"))
LINES = [line for block in _blocks("sh") for line in re.split(r"(?<!\\)\n", block.strip())]
CHANGED, QUEUE, LIMITS, WARNINGS, EXIT_ZERO, EXCLUDE, STATISTICS, THOROUGH = LINES


class Pipeline(NamedTuple):
    """A checkout: `run` passes a line to the shell that runners use, and returns its exit code and output."""

    folder: Path
    run: Callable[[str], tuple[int, str]]

    def add(self, source: Path, name: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, self.folder / name)


@pytest.fixture
def pipeline(media: Media, tmp_path: Path) -> Pipeline:
    """With a photo that is fine in assets/."""
    tools, checkout = tmp_path / "tools", tmp_path / "checkout"
    tools.mkdir()
    for name, text in (
        ("pip", f'[ "$1 $2" = "install prep.whl" ] && touch {shlex.quote(str(tmp_path / "installed"))}'),
        ("prep-and-submit", f'exec {shlex.quote(sys.executable)} -m submit.command "$@"'),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PREP_AND_SUBMIT": "prep.whl",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }

    def run(line: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line],
            cwd=checkout,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout

    pipeline = Pipeline(checkout, run)
    pipeline.add(media("photo.jpg"), "assets/photo.jpg")
    return pipeline


def _all(pipeline: Pipeline, lines: list[str]) -> tuple[int, str]:
    """One after the other until one fails, as a job does; the exit code and output of the last one."""
    code, output = 0, ""
    for line in lines:
        code, output = pipeline.run(line)
        if code:
            break
    return code, output


STEPS = [step["run"] for step in ACTION["jobs"]["media"]["steps"] if "run" in step]
JOBS = [pytest.param(STEPS, id="github"), pytest.param(GITLAB["media"]["script"], id="gitlab")]


@pytest.mark.parametrize("lines", JOBS)
def test_a_job_passes_and_fails(pipeline: Pipeline, media: Media, lines: list[str]) -> None:
    assert _all(pipeline, lines)[0] == 0
    assert (pipeline.folder.parent / "installed").exists()
    pipeline.add(media("panorama.png"), "assets/deep/panorama.png")
    assert _all(pipeline, lines)[0] == 1
    pipeline.add(media("text.mp4"), "assets/text.mp4")
    assert _all(pipeline, lines)[0] == 2


def test_the_job_leaves_the_files_that_are_named_later(pipeline: Pipeline, media: Media) -> None:
    pipeline.add(media("panorama.png"), "assets/panorama.png")
    _, output = _all(pipeline, STEPS)
    assert output.startswith("::error file=assets/panorama.png,line=1,title=image-aspect-too-wide::")
    (upload,) = (step["with"] for step in ACTION["jobs"]["media"]["steps"] if "upload-sarif" in step.get("uses", ""))
    sarif = json.loads((pipeline.folder / upload["sarif_file"]).read_text("utf-8"))
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["image-aspect-too-wide"]
    _all(pipeline, GITLAB["media"]["script"])
    report = parse(pipeline.folder / GITLAB["media"]["artifacts"]["reports"]["junit"])
    assert report.getroot().get("failures") == "1"


@pytest.mark.needs("git")
def test_only_what_was_changed(pipeline: Pipeline, media: Media) -> None:
    pipeline.add(media("tower.png"), "assets/old and wrong.png")
    author = "-c user.name=a -c user.email=a@example.org"
    commit = f"git add . && git {author} commit -qm a"
    assert pipeline.run(f"git init -q . && {commit} && git update-ref refs/remotes/origin/main @") == (0, "")
    assert pipeline.run(CHANGED) == (0, ""), "nothing changed"
    pipeline.add(media("panorama.png"), "assets/new and wrong.png")
    pipeline.add(media("panorama.png"), "elsewhere.png")
    (pipeline.folder / "assets" / "README.md").write_text("what is here\n", "utf-8")
    assert pipeline.run(f"git add . && git rm -q assets/photo.jpg && git {author} commit -qm b") == (0, "")
    code, output = pipeline.run(CHANGED)
    assert code == 1
    assert [line.split(",")[0] for line in output.splitlines()] == ["::error file=assets/new and wrong.png"]


def test_a_queue(pipeline: Pipeline) -> None:
    jobs = [{"references": ["assets/photo.jpg"]}, {"references": ["none.png"]}]
    (pipeline.folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, jobs)), "utf-8")
    assert pipeline.run(QUEUE)[0] == 2
    answers = (pipeline.folder / "answers.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(answer)["ok"] for answer in answers] == [True, False]


@pytest.mark.parametrize(
    ("added", "codes"),
    [
        ("photo_orient6.jpg", {LIMITS: 0, WARNINGS: 1, EXIT_ZERO: 0, THOROUGH: 0}),
        ("photo_gps.jpg", {LIMITS: 0, WARNINGS: 0, EXIT_ZERO: 0}),
        ("panorama.png", {LIMITS: 1, WARNINGS: 1, EXIT_ZERO: 0, EXCLUDE: 1, STATISTICS: 1, THOROUGH: 1}),
        ("drafts/panorama.png", {LIMITS: 1, EXCLUDE: 0, STATISTICS: 1}),
    ],
)
def test_what_to_fail_on(pipeline: Pipeline, media: Media, added: str, codes: dict[str, int]) -> None:
    pipeline.add(media(Path(added).name), f"assets/{added}")
    assert {line: pipeline.run(line)[0] for line in codes} == codes


def _hook(arguments: list[str], names: list[str]) -> str:
    """The line that the framework makes of a hook: its entry, the arguments, the names."""
    return f"{HOOK['entry']} {shlex.join([*arguments, *names])}"


def test_the_hook(pipeline: Pipeline, media: Media) -> None:
    (own,) = PRE_COMMIT["repos"][0]["hooks"]
    assert own["id"] == HOOK["id"] == "prep-and-submit-check"
    assert pipeline.run(_hook(own["args"], ["assets/photo.jpg"]))[0] == 0
    pipeline.add(media("photo_orient6.jpg"), "turned it.jpg")
    names = ["assets/photo.jpg", "turned it.jpg"]
    assert pipeline.run(_hook([], names))[0] == 0
    code, output = pipeline.run(_hook(own["args"], names))
    assert (code, output.splitlines()[0]) == (1, "turned it.jpg")


@pytest.mark.parametrize("name", ["a.jpg", "b/c.JPEG", "d e.Mov", *(f"x{extension}" for extension in sorted(MEDIA))])
def test_the_hook_is_for_media(name: str) -> None:
    assert re.search(HOOK["files"], name)


@pytest.mark.parametrize("name", ["a.svg", "b.ts", "jpg", "a.jpg.txt", "mp4/readme.md", "x.icon"])
def test_the_hook_leaves_the_rest_alone(name: str) -> None:
    assert not re.search(HOOK["files"], name)


def test_the_hook_says_what_the_framework_needs() -> None:
    assert {"id", "name", "entry", "language", "description"} <= set(HOOK)
    assert HOOK["language"] == "python"
