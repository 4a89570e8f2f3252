"""`check` as a pipeline calls it: lists on stdin, reports in files, exit codes."""

import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

from prep.cli.check.output import FORMATS
from submit.command import main

Media = Callable[[str], Path]
Say = Callable[..., tuple[int, str, str]]
NAMES = ("photo.jpg", "panorama.png", "portrait_rot90.mov")


@pytest.fixture
def say(media: Media, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """Call `check` in a folder with a photo that is fine, a panorama that is too wide and a video on its side."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        (tmp_path / "assets" / "deep").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(media(name), tmp_path / "assets" / "deep" / name)

    def said(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["prep-and-submit", "check", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        return (main(), *capsys.readouterr())

    return said


PHOTO, PANORAMA, PORTRAIT = (f"assets/deep/{name}" for name in NAMES)


def test_a_list_on_stdin_is_a_set_or_many_files(say: Say) -> None:
    listed = f"{PHOTO}\n{PORTRAIT}#t=0,2\n".encode()
    code, out, _ = say("--json", "-", stdin=listed)
    data = json.loads(out)["data"]
    assert (code, [item["tag"] for item in data["references"]]) == (0, ["@Image1", "@Video1"])
    code, out, _ = say("--json", "--recursive", "-", stdin=listed)
    assert code == 0
    assert [item["references"][0]["tag"] for item in json.loads(out)["data"]["reports"]] == [None, None]


@pytest.mark.parametrize("stdin", [b"", b"\n\n"])
def test_an_empty_list(say: Say, stdin: bytes) -> None:
    """Nothing changed, so there is nothing to judge; but a set of nothing is a mistake."""
    assert say("--recursive", "-", stdin=stdin) == (0, "0 files: 0 with errors\n", "")
    code, out, err = say("-", stdin=stdin)
    assert (code, out) == (2, "")
    assert "name at least one" in err


def test_a_folder(say: Say) -> None:
    code, out, _ = say("--recursive", "assets", "--format", "jsonl")
    assert code == 1
    assert [(line["origin"], line["ok"]) for line in map(json.loads, out.splitlines())] == [
        (PANORAMA, False),
        (PHOTO, True),
        (PORTRAIT, True),
    ]
    assert say("-r", "assets", "--format", "jsonl")[1] == out, "the same again"


def test_a_name_that_is_no_text_in_a_folder(say: Say, tmp_path: Path) -> None:
    """It is judged like any other, and each format names it in its own way."""
    shutil.copyfile(tmp_path / PANORAMA, os.fsencode(tmp_path) + b"/assets/caf\xe9.jpg")
    names = dict.fromkeys(FORMATS, rb"assets/caf\xe9.jpg") | {"sarif": b"assets/caf%E9.jpg"}
    names |= {"json": rb"assets/caf\\xe9.jpg", "jsonl": rb"assets/caf\\xe9.jpg"}
    for name, shown in names.items():
        code, out, err = say("-r", "assets", "--format", f"{name}=report", "--format", "text")
        assert (code, err) == (1, "")
        assert out.endswith("4 files: 2 with errors, 2 without errors\n")
        assert shown in (tmp_path / "report").read_bytes()


def test_several_reports_at_once(say: Say, tmp_path: Path) -> None:
    formats = ("junit=report.xml", "sarif=out.sarif", "json=all.json", "github=notes", "jsonl=lines")
    code, out, err = say("-r", "assets", *(word for text in formats for word in ("--format", text)))
    assert (code, err) == (1, "")
    assert out.endswith("3 files: 1 with errors, 2 without errors\n"), "text on stdout, as nothing else goes there"
    assert parse(tmp_path / "report.xml").getroot().get("failures") == "1"
    assert len(json.loads((tmp_path / "out.sarif").read_text("utf-8"))["runs"][0]["results"]) == 2
    assert len(json.loads((tmp_path / "all.json").read_text("utf-8"))["data"]["reports"]) == 3
    assert (tmp_path / "notes").read_text("utf-8").count("::error") == 1
    assert len((tmp_path / "lines").read_text("utf-8").splitlines()) == 3
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "all.json",
        "lines",
        "notes",
        "out.sarif",
        "report.xml",
    ]


def test_a_report_is_written_when_nothing_could_be_judged(say: Say, tmp_path: Path) -> None:
    code, out, err = say("missing.png", "--format", "junit=report.xml")
    assert (code, out, err) == (2, "", "prep-and-submit: missing.png: no such file\n")
    assert parse(tmp_path / "report.xml").getroot().get("errors") == "1"


def test_a_job_that_could_not_be_judged_has_its_place(say: Say, tmp_path: Path) -> None:
    """Code scanning takes no result without one."""
    (tmp_path / "job.json").write_text(json.dumps({"references": ["missing.png"]}), "utf-8")
    assert say("--from-job", "job.json", "--format", "sarif=check.sarif")[0] == 2
    (result,) = json.loads((tmp_path / "check.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "job.json"


def test_no_half_report(say: Say, tmp_path: Path) -> None:
    code, _, err = say("-r", "assets", "none/*.png", "--format", "junit=report.xml")
    assert (code, err) == (2, "prep-and-submit: none/*.png: no file matches\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assets"]


def test_a_report_into_what_is_no_file(say: Say, tmp_path: Path) -> None:
    """A pipe, a device or a link is written to: a file in its place would take it away from everybody else."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("behind.xml")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert say(PHOTO, "--format", "jsonl=pipe", "--format", "junit=link")[0] == 0
        assert json.loads(os.read(reader, 65_536))["ok"] is True
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()
    assert parse(tmp_path / "behind.xml").getroot().get("tests") == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assets", "behind.xml", "link", "pipe"]


def test_a_report_is_not_written_over_media(say: Say, tmp_path: Path) -> None:
    """Whatever it is called."""
    source = (tmp_path / PHOTO).rename(tmp_path / "photo")
    before = source.read_bytes()
    code, out, err = say("photo", "--format", "junit=photo")
    assert (code, out) == (2, "")
    assert "would overwrite an image" in err
    assert source.read_bytes() == before


def test_a_report_in_a_folder_that_is_not_there_yet(say: Say, tmp_path: Path) -> None:
    assert say(PHOTO, "--format", "junit=reports/media/check.xml")[0] == 0
    assert [path.name for path in (tmp_path / "reports" / "media").iterdir()] == ["check.xml"]


def test_a_report_where_none_can_be_written(say: Say) -> None:
    code, _, err = say(PHOTO, "--format", f"junit={PHOTO}/report.xml")
    assert code == 2
    assert err.startswith(f"prep-and-submit: {PHOTO}/report.xml: can't be written: ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((PHOTO,), 0),
        ((PANORAMA,), 1),
        ((PANORAMA, "--exit-zero"), 0),
        ((PANORAMA, "--ignore", "image-aspect-*"), 0),
        ((PANORAMA, "--select", "video-*"), 0),
        ((PANORAMA, "--basis", "documented"), 0),
        ((PANORAMA, "--basis", "documented", "--basis", "upstream"), 1),
        ((PORTRAIT,), 0),
        ((PORTRAIT, "--fail-on", "warning"), 1),
        ((PORTRAIT, "--fail-on", "info"), 1),
        ((PORTRAIT, "--fail-on", "warning", "--basis", "documented"), 0),
        ((PORTRAIT, "--fail-on", "warning", "--exit-zero"), 0),
        ((PHOTO, "missing.png"), 2),
        (("-r", PHOTO, "missing.png"), 2),
        (("-r", PHOTO, "missing.png", "--exit-zero"), 2),
        (("-r", PHOTO, "missing.png", "--select", "video-*"), 2),
        (("-r", "assets"), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_exit_codes(say: Say, arguments: tuple[str, ...], code: int) -> None:
    """And `ok` of the document is true exactly when the code is 0."""
    assert say(*arguments)[0] == code
    again, out, _ = say(*arguments, "--json")
    assert (again, json.loads(out)["ok"]) == (code, code == 0)


def test_flags_override_every_job_of_a_list(say: Say, tmp_path: Path) -> None:
    job = {"references": [PANORAMA], "options": {"fit": "pad"}, "endpoint": "none"}
    (tmp_path / "jobs.jsonl").write_text(json.dumps(job) + "\n", "utf-8")
    assert say("--from-job", "jobs.jsonl")[0] == 2
    endpoint = "bytedance/seedance-2.5/reference-to-video"
    code, out, _ = say("--from-job", "jobs.jsonl", "--endpoint", endpoint, "--format", "jsonl")
    line = json.loads(out)
    assert (code, line["origin"], line["endpoint"]) == (1, "jobs.jsonl:1", endpoint)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--fix", "--diff", "--out", "x", PHOTO), "leave one of them out"),
        (("--fix", PHOTO), "needs --out"),
        (("--out", "x", PHOTO), "needs --fix"),
        (("--unsafe-fixes", PHOTO), "needs --fix or --diff"),
        (("--from-job", "jobs.jsonl", PHOTO), "has its own references"),
        (("--from-job", "jobs.jsonl", "--diff"), "take no list of jobs"),
        (("--format", "junit=", PHOTO), "known are text, json"),
        (("--format", "github", "--format", "text", PHOTO), "can't both go to stdout"),
        (("--format", "json=x", "--format", "junit=./x", PHOTO), "json and junit can't both go to x"),
        (("--format", "junit=assets", PHOTO), "assets: can't be written: Is a directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_usage(say: Say, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "jobs.jsonl").write_text("{}\n", "utf-8")
    code, out, err = say(*arguments)
    assert (code, out) == (2, "")
    assert told in err


def test_the_summary_of_a_step(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub Actions shows the file as Markdown; each step adds to it."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    hostile = "assets/a|b <img src=x> `c` [d](e) 走.png"
    shutil.copyfile(PANORAMA, hostile)
    assert say("--recursive", "assets", "--format", "github")[0] == 1
    text = (tmp_path / "summary.md").read_text("utf-8")
    assert text.startswith(
        "before\n### prep-and-submit check\n\n4 files: 2 with errors, 2 without errors\n\n| severity |"
    )
    rows = [line for line in text.splitlines() if line.startswith(("| error |", "| warning |"))]
    assert len(rows) == 3
    assert all(len(re.split(r"(?<!\\)\|", row)) == 6 for row in rows)
    assert "<img" not in text and "`c`" not in text and "[d](e)" not in text
    assert say(PHOTO, "--format", "github") == (0, "", "")
    assert (tmp_path / "summary.md").read_text("utf-8") == f"{text}### prep-and-submit check\n\nOK as it is\n\n\n"


def test_no_summary_for_other_formats(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert say(PANORAMA, "--format", "jsonl")[0] == 1
    assert not (tmp_path / "summary.md").exists()


def test_a_summary_that_can_not_be_written(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    code, _, err = say(PHOTO, "--format", "github")
    assert (code, "GITHUB_STEP_SUMMARY" in err) == (2, True)


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.png", {PHOTO, PORTRAIT}),
        ("photo.jpg", {PANORAMA, PORTRAIT}),
        ("deep/*.mov", {PHOTO, PANORAMA}),
        ("deep", set()),
        ("deep/", set()),
        ("assets/deep", set()),
        ("eep/*.png", {PHOTO, PANORAMA, PORTRAIT}),
        ("[!a]*.jpg", {PANORAMA, PORTRAIT}),
        ("PHOTO.JPG", {PHOTO, PANORAMA, PORTRAIT}),
    ],
)
def test_excluded_files(say: Say, pattern: str, left: set[str]) -> None:
    _, out, _ = say("--recursive", "assets", "--exclude", pattern, "--json")
    assert {report["origin"] for report in json.loads(out)["data"]["reports"]} == left


def test_an_excluded_file_leaves_its_number_to_the_next(say: Say) -> None:
    _, out, _ = say(PANORAMA, PHOTO, "--exclude", "panorama*", "--json")
    assert [(item["tag"], item["path"]) for item in json.loads(out)["data"]["references"]] == [("@Image1", PHOTO)]
