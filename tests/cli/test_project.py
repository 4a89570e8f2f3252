"""Defaults of a project, and everything that overrides them."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from prep.cli.project import FILE, PYPROJECT, Project, defaults_of, find_project
from prep.errors import ExitCode, UsageError
from submit.command import all_commands
from submit.sandbox import Sandbox
from tests.made import FAST, MINI, SEEDANCE_2, SEEDANCE_2_5
from tests.types import Media

Say = Callable[..., tuple[int, str, str]]
MINE = f"""endpoint = "acme/mine"
extends = "{SEEDANCE_2}"
[video.max_duration_s]
value = 20.0
basis = "upstream"
source = "https://example.org"
checked = 2026-11-22
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below a home of its own, in which the command is called."""
    folder = tmp_path / "home" / "project"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(folder)
    return folder


def _endpoint(say: Say, *arguments: str) -> str:
    code, out, err = say("limits", *arguments, "--json")
    assert (code, err) == (0, "")
    return str(json.loads(out)["data"]["spec"]["endpoint"])


@pytest.mark.parametrize(
    ("name", "text"), [(FILE, 'endpoint = "{}"'), (PYPROJECT, '[tool.prep-and-submit]\nendpoint = "{}"')]
)
@pytest.mark.parametrize("below", [".", "a/b"])
def test_it_is_found_upwards(
    project: Path, say: Say, monkeypatch: pytest.MonkeyPatch, name: str, text: str, below: str
) -> None:
    (project / name).write_text(text.format(MINI))
    (project / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(project / below)
    assert _endpoint(say) == MINI
    assert _endpoint(say, FAST) == FAST


def test_the_nearest_counts_and_its_own_file_before_pyproject(project: Path) -> None:
    (project.parent / FILE).write_text('fit = "pad"')
    (project / PYPROJECT).write_text('[tool.prep-and-submit]\nfit = "crop"')
    found = find_project(project / "deeper", project.parent)
    assert found is not None and (found.path, found.keys) == (project / PYPROJECT, {"fit": "crop"})
    (project / FILE).write_text('short = "loop"')
    found = find_project(project, project.parent)
    assert found is not None and (found.path, found.keys) == (project / FILE, {"short": "loop"})


@pytest.mark.parametrize("other", ['[project]\nname = "x"', "[tool.ruff]\nfix = true", "= broken", "tool = 5"])
def test_a_pyproject_of_something_else_is_passed_by(project: Path, other: str) -> None:
    (project.parent / FILE).write_text('fit = "crop"')
    (project / PYPROJECT).write_text(other)
    found = find_project(project, project.parent)
    assert found is not None and found.path == project.parent / FILE


def test_a_working_directory_that_is_gone(project: Path, say: Say) -> None:
    (project / "gone").mkdir()
    os.chdir(project / "gone")
    (project / "gone").rmdir()
    assert _endpoint(say) == SEEDANCE_2


def test_what_is_above_the_home_is_not_looked_at(project: Path) -> None:
    home = project.parent
    (home.parent / FILE).write_text('fit = "crop"')
    assert find_project(project, home) is None
    elsewhere = find_project(home.parent / "elsewhere", home)
    assert elsewhere is not None and elsewhere.path == home.parent / FILE


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('\nfitt = "crop"', ":2: fitt: unknown key (did you mean 'fit'?)"),
        ('max_cost = "3"', ":1: max_cost: unknown key (did you mean 'max-cost'?)"),
        ('fit = "stretch"', ":1: fit: 'stretch' is not one of 'pad', 'crop'."),
        ("fit = 5", ":1: fit: 5 is not one of "),
        ("fit = true", ":1: fit: should be text or a number, not True"),
        ('fit = ["pad"]', ":1: fit: should be one value, not ['pad']"),
        ('mute = "yes"', ":1: mute: should be true or false, not 'yes'"),
        ("loudness = -4", ":1: loudness: -4"),
        ('max-cost = "much"', ":1: max-cost: 'much' is not an amount in US dollars"),
        ('\nselect = ["image-*", "video-hd"]', ":2: select: video-hd: no such rule (did you mean video-hdr"),
        ('ignore = ["nope"]', ":1: ignore: nope: no such rule ('prep-and-submit explain' lists them)"),
        ('out = "out"', ":1: out: works only on the command line"),
        ("allow-private-network = true", "allow-private-network: "),
        ('format = ["json"]', ":1: format: works only on the command line"),
        ("again = true", ":1: again: works only on the command line"),
        ("resubmit = true", ":1: resubmit: works only on the command line"),
        ('request-id = "a"', ":1: request-id: works only on the command line"),
        ('webhook = "https://example.com"', ":1: webhook: works only on the command line"),
        ("yes = true", ":1: yes: works only on the command line"),
        ('state = "journal"', ":1: state: works only on the command line"),
        ("refs = ['a']", ":1: refs: unknown key"),
        ("[fit]\na = 1", ":1: fit: should be text or a number, not {'a': 1}"),
        ("fit =", "not TOML: "),
    ],
)
def test_a_wrong_key_is_named_with_its_file_and_line(project: Path, say: Say, text: str, told: str) -> None:
    (project / FILE).write_text(text)
    code, out, err = say("check", "a.mp4")
    assert (code, out) == (2, "")
    assert f"{project / FILE}" in err and told in err


def test_a_switch_can_be_put_back(project: Path, say: Say, media: Callable[[str], Path]) -> None:
    (project / FILE).write_text('thorough = true\nselect = ["video-several-shots"]\n')
    assert say("check", str(media("clip_720p.mp4")))[0] == 0
    code, _, err = say("check", str(media("clip_720p.mp4")), "--no-thorough")
    assert (code, "only --thorough looks for this" in err) == (2, True)


def test_a_wrong_key_in_pyproject_has_its_line(project: Path, say: Say) -> None:
    (project / PYPROJECT).write_text('[tool.ruff]\nfit = 1\n[tool.prep-and-submit]\nfitt = "crop"\nshort = "x"\n')
    assert say("plan", "a.mp4")[2].splitlines() == [
        f"prep-and-submit: {project / PYPROJECT}:4: fitt: unknown key (did you mean 'fit'?)",
        f"prep-and-submit: {project / PYPROJECT}:5: short: 'x' is not one of 'hold', 'loop', 'refuse'.",
    ]


def test_help_does_not_depend_on_it(project: Path, say: Say) -> None:
    (project / FILE).write_text("= broken")
    unaffected = (("explain", "prompt-empty"), ("completion", "fish"))
    for arguments in (("--help",), ("run", "--help"), ("check", "-h"), ("--version",), *unaffected):
        assert say(*arguments)[0] == 0


@pytest.mark.parametrize(
    ("flags", "job", "expected"),
    [
        ((), None, {"fit": "crop", "short": "loop", "window": "end", "mute": True}),
        ((), "options: {fit: pad}", {"fit": "pad", "short": "loop", "window": "end", "mute": True}),
        (("--fit", "crop"), "options: {fit: pad, mute: false}", {"fit": "crop", "short": "loop", "mute": False}),
        (("--window", "start", "--no-mute"), None, {"fit": "crop", "window": "start", "mute": False}),
    ],
)
def test_flags_over_job_over_project_over_defaults(
    project: Path,
    say: Say,
    media: Callable[[str], Path],
    flags: tuple[str, ...],
    job: str | None,
    expected: dict[str, Any],
) -> None:
    shutil.copyfile(media("photo.jpg"), project / "photo.jpg")
    (project / FILE).write_text('fit = "crop"\nshort = "loop"\nwindow = "end"\nmute = true\n')
    if job:
        (project / "job.yaml").write_text(job)
        flags = (*flags, "--from-job", "job.yaml")
    code, out, err = say("plan", "photo.jpg", "--json", *flags)
    assert (code, err) == (0, "")
    options = json.loads(out)["data"]["options"]
    assert {name: options[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("config", "flags", "code", "rules"),
    [
        ("", (), 1, {"image-area-too-small", "image-side-too-short"}),
        ('ignore = ["image-area-*"]', (), 1, {"image-side-too-short"}),
        ('select = ["image-area-too-small"]', (), 1, {"image-area-too-small"}),
        ('select = ["image-area-too-small"]', ("--select", "image-side-*"), 1, {"image-side-too-short"}),
        ('basis = ["documented"]', (), 0, set()),
        ('fail-on = "info"\nselect = ["video-*"]', (), 0, set()),
        ("exit-zero = true", (), 0, {"image-area-too-small", "image-side-too-short"}),
    ],
)
def test_what_a_check_is_about(
    project: Path,
    say: Say,
    media: Callable[[str], Path],
    config: str,
    flags: tuple[str, ...],
    code: int,
    rules: set[str],
) -> None:
    (project / FILE).write_text(config)
    said = say("check", str(media("small_200.png")), "--json", *flags)
    assert (said[0], said[2]) == (code, "")
    assert {finding["rule"] for finding in json.loads(said[1])["findings"]} == rules


@pytest.mark.parametrize(
    ("config", "flags", "job", "endpoint"),
    [
        ("", (), "", SEEDANCE_2),
        (f'endpoint = "{MINI}"', (), "", MINI),
        (f'endpoint = "{MINI}"', (), f"endpoint: {FAST}", FAST),
        (f'endpoint = "{MINI}"', ("--endpoint", SEEDANCE_2_5), f"endpoint: {FAST}", SEEDANCE_2_5),
        ('spec = "specs/mine.toml"', (), "", "acme/mine"),
        ('spec = "specs/mine.toml"', ("--endpoint", FAST), "", FAST),
        ('spec = "specs/mine.toml"', ("--endpoint", "acme/mine"), "", "acme/mine"),
        ('spec = "specs/mine.toml"', (), "endpoint: acme/mine", "acme/mine"),
        (f'endpoint = "{MINI}"', ("--spec", "../specs/mine.toml"), f"endpoint: {FAST}", "acme/mine"),
    ],
)
def test_which_endpoint_is_meant(
    project: Path,
    say: Say,
    media: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    flags: tuple[str, ...],
    job: str,
    endpoint: str,
) -> None:
    """A spec of the user's own makes its endpoint known; its path is relative to the file that names it."""
    (project / "specs").mkdir()
    (project / "specs" / "mine.toml").write_text(MINE)
    (project / FILE).write_text(config)
    below = project / "below"
    below.mkdir()
    shutil.copyfile(media("photo.jpg"), below / "photo.jpg")
    (below / "job.yaml").write_text(f"references: [photo.jpg]\n{job}")
    monkeypatch.chdir(below)
    code, out, err = say("check", "--from-job", "job.yaml", "--json", *flags)
    assert (code, err) == (0, "")
    assert json.loads(out)["data"]["endpoint"] == endpoint


def test_a_spec_and_an_endpoint_that_differ(project: Path, say: Say) -> None:
    (project / "mine.toml").write_text(MINE)
    code, _, err = say("limits", FAST, "--spec", "mine.toml")
    assert code == 2
    assert err == f"prep-and-submit: mine.toml describes acme/mine, not {FAST}; leave one of them out\n"


def test_a_plan_for_an_endpoint_of_ones_own(project: Path, say: Say, media: Callable[[str], Path]) -> None:
    shutil.copyfile(media("photo.jpg"), project / "photo.jpg")
    (project / "mine.toml").write_text(MINE)
    code, out, _ = say("plan", "photo.jpg", "--spec", "mine.toml", "--json")
    (project / "plan.json").write_text(out)
    assert code == 0
    assert say("prep", "--plan", "plan.json", "--out", "ready")[0] == 2
    assert say("prep", "--plan", "plan.json", "--out", "ready", "--spec", "mine.toml")[0] == 0
    assert json.loads((project / "ready" / "manifest.json").read_text())["endpoint"] == "acme/mine"
    (project / FILE).write_text('spec = "mine.toml"\nfit = "crop"\n')
    assert say("prep", "--plan", "plan.json", "--out", "again")[0] == 0


def test_a_spec_of_the_project_does_not_stand_in_the_way_of_other_plans(
    project: Path, say: Say, media: Callable[[str], Path]
) -> None:
    shutil.copyfile(media("photo.jpg"), project / "photo.jpg")
    (project / "plan.json").write_text(say("plan", "photo.jpg", "--json")[1])
    (project / "mine.toml").write_text(MINE)
    assert say("prep", "--plan", "plan.json", "--out", "a", "--spec", "mine.toml")[0] == 2
    (project / FILE).write_text('spec = "mine.toml"')
    assert say("prep", "--plan", "plan.json", "--out", "b")[0] == 0


def test_every_key_takes_some_value_or_is_said_to_be_of_the_command_line(project: Path) -> None:
    """No option of any command ends in an error of another kind."""
    commands = all_commands()
    names = {name[2:] for command in commands for option in command.params for name in option.opts if name[:2] == "--"}
    assert {"endpoint", "spec", "fit", "short", "window", "mute", "max-cost", "resolution"} <= names
    for name in names:
        for value in (True, "x", 5, [], ["x"], {}):
            (project / FILE).write_text("")
            found = find_project(project, project)
            assert found is not None
            complaint = _complaint(found._replace(keys={name: value}), commands)
            assert complaint == "" or complaint.startswith(f"{project / FILE}: {name}: ")


def _complaint(project: Project, commands: list[click.Command]) -> str:
    try:
        defaults_of(project, commands)
    except UsageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("config", "job", "flags", "expected"),
    [
        pytest.param("", "", (), {"duration": "auto"}, id="defaults"),
        pytest.param('duration = "6"\nset = ["bitrate_mode=high"]', "", (), {"duration": "6"}, id="project"),
        pytest.param('duration = "6"', "{duration: 7}", (), {"duration": "7"}, id="job-over-project"),
        pytest.param('set = ["duration=6"]', "{duration: 7}", (), {"duration": "7"}, id="job-over-set"),
        pytest.param('duration = "6"', "{duration: 7}", ("--duration", "8"), {"duration": "8"}, id="flag-over-job"),
        pytest.param("", "{duration: 7}", ("--set", "duration=8"), {"duration": "8"}, id="set-over-job"),
        pytest.param('duration = "6"', "", ("--set", "duration=8"), {"duration": "8"}, id="set-over-project"),
        pytest.param(
            'set = ["bitrate_mode=high"]', "", ("--set", "seed=5"), {"duration": "auto", "seed": 5}, id="set-over-set"
        ),
    ],
)
def test_parameters_of_the_generation(
    project: Path, say: Say, media: Callable[[str], Path], config: str, job: str, flags: tuple[str, ...], expected: Any
) -> None:
    shutil.copyfile(media("at_limit_300.png"), project / "photo.png")
    (project / FILE).write_text(config)
    if job:
        (project / "job.yaml").write_text(f"generation: {job}\n")
        flags = (*flags, "--from-job", "job.yaml")
    code, out, err = say("price", "photo.png", "--json", *flags)
    assert (code, err) == (0, "")
    generation = json.loads(out)["data"]["generation"]
    assert generation.items() >= expected.items()
    assert generation.get("bitrate_mode") == ("high" if "bitrate_mode" in config and not flags else None)


def test_its_cap_is_no_consent(project: Path, say: Say, box: Sandbox, media: Media) -> None:
    """It may have come with the folder; a job file as well."""
    shutil.copyfile(media("at_limit_300.png"), project / "a.png")
    (project / "job.yaml").write_text('references: [a.png]\nprompt: "@Image1 waves"\nmax_cost: 9\n')
    (project / FILE).write_text("max-cost = 9")
    for words in (["a.png", "--prompt", "@Image1 waves"], ["--from-job", "job.yaml"]):
        code, _, err = say("run", *words, "--out", "take")
        assert (code, "needs your agreement" in err) == (ExitCode.REFUSED, True)
        (project / FILE).unlink(missing_ok=True)
    assert not box.requests()
    assert say("run", "a.png", "--prompt", "@Image1 waves", "--out", "take", "--max-cost", "9")[0] == 0
