"""References that can't be read, beside others that can."""

import json
import shutil
from pathlib import Path

import pytest

from prep import check, plan, prepare, read_manifest
from prep.errors import ExitCode, ManyErrors, UnreadableError
from prep.fix import Fixer, check_and_fix
from prep.specs import DEFAULT_ENDPOINT
from tests.types import Media, Say


@pytest.fixture(autouse=True)
def here(media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo, a panorama that is too wide, a clip, a sound; and files that are empty, text or not there."""
    monkeypatch.chdir(tmp_path)
    for name in ("photo.jpg", "panorama.png", "clip_720p.mp4", "voice.mp3", "empty.mp4"):
        shutil.copyfile(media(name), tmp_path / name)
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "blob").write_text("of no kind that a name tells")
    return tmp_path


def _told(findings: tuple[object, ...], rule: str) -> list[tuple[str, str]]:
    return [(finding.subject, finding.message) for finding in findings if finding.rule == rule]


def test_the_message_does_not_repeat_the_file(here: Path) -> None:
    for name in ("text.png", str(here / "text.png")):
        ((subject, message),) = _told(check([name, "photo.jpg"]).findings, "input-unreadable")
        assert subject == name and "text.png" not in message


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("./text.png", "text.png"),
        (".//sub/./text.png", "sub/text.png"),
        ("./missing.png", "missing.png"),
        ("sub/../text.png", "sub/../text.png"),
        ("./sub/", "sub/text.png"),
        ("sub//*.png", "sub/text.png"),
    ],
    ids=["dot", "in the middle", "missing", "parent", "folder", "pattern"],
)
def test_a_path_has_one_spelling(here: Path, typed: str, path: str, say: Say) -> None:
    (here / "sub").mkdir()
    shutil.copyfile(here / "text.png", here / "sub/text.png")
    _, out, _ = say("check", typed, "photo.jpg", "--json")
    (finding,) = [finding for finding in json.loads(out)["findings"] if finding["rule"] == "input-unreadable"]
    assert finding["subject"] == path and "png" not in finding["message"]


def test_a_path_that_looks_like_a_url_stays_a_path(here: Path) -> None:
    (here / "https:" / "e.org").mkdir(parents=True)
    shutil.copyfile(here / "photo.jpg", here / "https:/e.org/a.jpg")
    (item,) = check(["https://e.org/a.jpg"]).references
    assert item.reference.location == "https:/e.org/a.jpg" and not item.reference.is_url


def test_check_judges_the_others(here: Path) -> None:
    report = check(["text.png", "panorama.png", "sub/missing.mp4", "photo.jpg"])
    assert not report.ok and not report.readable
    assert [(item.tag, item.reference.label) for item in report.references] == [
        ("@Image2", "panorama.png"),
        ("@Image3", "photo.jpg"),
    ]
    assert [finding.rule for finding in report.findings] == [
        "image-aspect-too-wide",
        "input-unreadable",
        "input-unreadable",
    ]
    unreadable = _told(report.findings, "input-unreadable")
    assert [subject for subject, _ in unreadable] == ["text.png", "sub/missing.mp4"]
    assert unreadable[1] == ("sub/missing.mp4", "no such file")


@pytest.mark.parametrize(
    ("references", "error"),
    [(["missing.png"], UnreadableError), (["missing.png", "empty.mp4"], ManyErrors)],
    ids=["one", "two"],
)
def test_where_nothing_can_be_read_it_is_an_error(references: list[str], error: type[Exception]) -> None:
    for call in (check, plan):
        with pytest.raises(error, match=r"missing\.png: no such file"):
            call(references)


def test_what_reading_it_might_disprove_is_not_said() -> None:
    rules = [finding.rule for finding in check(["voice.mp3", "text.png"]).findings]
    assert rules == ["input-unreadable"]
    assert "audio-without-visual" in [finding.rule for finding in check(["voice.mp3"]).findings]


@pytest.mark.parametrize(
    ("references", "prompt", "broken"),
    [
        (["text.png", "photo.jpg"], "@Image1 and @Image2", []),
        (["text.png", "photo.jpg"], "@Image3, @Image1, @Image2", ["prompt-tag-out-of-range"]),
        (["hero=text.png", "photo.jpg"], "@hero and @Image2", []),
        (["hero=text.png", "photo.jpg"], "@hera, @hero and @Image2", ["prompt-tag-undefined"]),
        (["blob", "photo.jpg"], "@Image1 and @Video1", []),
        (["hero=blob", "photo.jpg"], "@hero and @Image1", []),
        (["hero=blob", "photo.jpg"], "@hera and @Image1", ["prompt-tag-undefined"]),
        (["clip_720p.mp4#track=audio", "x=missing#track=audio", "photo.jpg"], "@Audio2, @Audio1, @Image1", []),
    ],
)
def test_the_prompt_is_judged_as_if_it_were_there(references: list[str], prompt: str, broken: list[str]) -> None:
    findings = check(references, prompt=prompt).findings
    assert [finding.rule for finding in findings if finding.rule.startswith("prompt-")] == broken


def test_plan_and_prepare_refuse_and_name_all(here: Path) -> None:
    for call in (plan, lambda references: prepare(references, out="out")):
        with pytest.raises(ManyErrors) as caught:
            call(["text.png", "photo.jpg", "empty.mp4", "missing.mp4"])
        assert [type(problem) for problem in caught.value.problems] == [UnreadableError] * 3
        lines = str(caught.value).splitlines()
        assert [line.partition(":")[0] for line in lines] == ["text.png", "empty.mp4", "missing.mp4"]
        assert lines[-1].endswith("to continue without it: `skip_unreadable=True`")
    assert not (here / "out").exists()


def test_prepare_goes_on_without_them(here: Path) -> None:
    references = ["text.png", "panorama.png", "empty.mp4", "clip_720p.mp4"]
    planned = plan(references, skip_unreadable=True)
    manifest = prepare(references, out="out", skip_unreadable=True)
    kept = [("@Image1", "panorama.png"), ("@Video1", "clip_720p.mp4")]
    assert [(entry.tag, entry.label) for entry in planned.entries] == kept
    assert [(entry.tag, entry.source.path) for entry in manifest.entries] == kept
    for findings in (planned.warnings, manifest.findings):
        skipped = _told(findings, "input-skipped")
        assert [subject for subject, _ in skipped] == ["text.png", "empty.mp4"]
        assert skipped[1][1] == "the file is empty (0 bytes); it gets no tag, so clip_720p.mp4 is @Video1"
    again = prepare(planned, out="again")
    assert [entry.output.sha256 for entry in again.entries] == [entry.output.sha256 for entry in manifest.entries]


def test_where_all_is_readable_nothing_changes() -> None:
    assert plan(["photo.jpg"], skip_unreadable=True) == plan(["photo.jpg"])


def test_what_can_be_read_is_fixed(here: Path) -> None:
    """The files that are made are the set without the others: they are tagged as that set."""
    report = check_and_fix(["text.png", "panorama.png"], DEFAULT_ENDPOINT, Fixer(here / "out", unsafe=True))
    assert _told(report.findings, "input-unreadable")[0][0] == "text.png"
    assert "image-aspect-too-wide" not in [finding.rule for finding in report.findings]
    assert [item.tag for item in report.references] == ["@Image1"]
    assert [fix.made for fix in report.fixes] == [str(here / "out" / "image1-panorama.png")]
    manifest = read_manifest(here / "out")
    assert [entry.tag for entry in manifest.entries] == ["@Image1"]
    assert [subject for subject, _ in _told(manifest.findings, "input-skipped")] == ["text.png"]


@pytest.mark.parametrize("more", [[], ["--diff"], ["--fix", "--unsafe-fixes", "--out", "out"]])
def test_the_command_says_both(say: Say, more: list[str]) -> None:
    code, out, _ = say("check", "text.png", "panorama.png", *more)
    assert code == 2
    assert "✗ text.png: input-unreadable" in out
    assert "input-skipped" not in out
    assert ("pad to 4000×1600" in out) == bool(more)
    assert ("the other is fixed" in out.splitlines()[0]) == ("--fix" in more)


def test_what_needed_no_fix_is_copied(say: Say) -> None:
    _, out, _ = say("check", "text.png", "photo.jpg", "--fix", "--out", "out")
    assert out.startswith("1 file can't be used; the other is copied\n")


def test_check_goes_on_without_them_as_run_does(say: Say) -> None:
    files = ["text.png", "photo.jpg", "panorama.png", "blob"]
    planned = plan(files, skip_unreadable=True)
    report = check(files, skip_unreadable=True, prompt="@Image1 @Image2")
    assert [(item.tag, item.reference.label) for item in report.references] == [
        (entry.tag, entry.label) for entry in planned.entries
    ]
    assert report.readable
    assert [subject for subject, _ in _told(report.findings, "input-skipped")] == ["text.png", "blob"]
    assert [finding.rule for finding in report.findings if finding.rule.startswith("prompt-")] == []
    assert _told(report.findings, "input-skipped")[0][1].endswith(
        "; it gets no tag, so photo.jpg is @Image1, panorama.png is @Image2"
    )
    renamed = check(["hero=text.png", "photo.jpg"], skip_unreadable=True, prompt="@hero")
    assert "prompt-reference-skipped" in [finding.rule for finding in renamed.findings]
    code, out, _ = say("check", "photo.jpg", "missing.mp4", "--skip-bad")
    assert code == 0
    assert "! missing.mp4: input-skipped: no such file" in " ".join(out.split())


def test_files_that_are_judged_one_by_one_are_skipped_as_well(say: Say) -> None:
    code, out, _ = say("check", "--recursive", "photo.jpg", "text.png", "--skip-bad")
    assert (code, "input-skipped" in out) == (0, True)


@pytest.mark.parametrize(("name", "kind"), [("IMG_1.AAE", "a sidecar"), (".DS_Store", "a system file")])
def test_what_lies_beside_media_is_called_that(here: Path, say: Say, name: str, kind: str) -> None:
    """The shell's `*` names it as well."""
    (here / name).write_text("x")
    _, out, _ = say("check", "photo.jpg", name)
    assert f"{name}: input-unreadable: {kind}, not an image, video or sound; leave it out" in out


def test_an_unreadable_reference_keeps_its_tag(say: Say) -> None:
    _, out, _ = say("check", "text.png", "photo.jpg")
    assert "@Image2  photo.jpg" in out
    assert "; it keeps the tag @Image1" in out


def test_check_exits_with_2_and_shows_the_others(say: Say) -> None:
    code, out, err = say("check", "panorama.png", "text.png", "missing.mp4")
    assert (code, err) == (ExitCode.USAGE, "")
    assert "✗ image-aspect-too-wide" in out
    assert "✗ missing.mp4: input-unreadable: no such file" in out
    assert "2 files can't be used, so this is not a full check; in the others 1 problem that `prep` can fix" in out
    assert "(--skip-bad leaves out what is unreadable)" in out


def test_the_document_of_a_check_holds_both(say: Say) -> None:
    code, out, _ = say("check", "--json", "panorama.png", "missing.mp4")
    document = json.loads(out)
    assert (code, document["ok"]) == (2, False)
    assert [finding["rule"] for finding in document["findings"]] == ["image-aspect-too-wide", "input-unreadable"]
    assert [item["path"] for item in document["data"]["references"]] == ["panorama.png"]
    assert document["data"]["error"] == {"message": "missing.mp4: no such file", "exit_code": 2}


@pytest.mark.parametrize("command", [["plan"], ["prep", "--out", "out"]], ids=["plan", "prep"])
def test_the_command_names_the_flag_and_takes_it(say: Say, command: list[str]) -> None:
    code, out, err = say(*command, "photo.jpg", "missing.mp4")
    assert (code, out) == (2, "")
    assert err == "prep-and-submit: missing.mp4: no such file; to continue without it: --skip-bad\n"
    code, out, err = say(*command, "photo.jpg", "missing.mp4", "--skip-bad", "--json")
    assert (code, err) == (0, "")
    assert [finding["rule"] for finding in json.loads(out)["findings"]] == ["input-skipped"]


def test_the_page_of_a_preparation_shows_what_was_kept(say: Say, here: Path) -> None:
    code, _, _ = say(
        "prep", "text.png", "panorama.png", "voice.mp3", "--out", "out", "--skip-bad", "--report", "r.html"
    )
    page = (here / "r.html").read_text("utf-8")
    assert code == 0
    assert "panorama.png" in page and "input-skipped" in page
