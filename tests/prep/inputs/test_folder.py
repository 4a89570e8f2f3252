"""A folder as a reference."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prep import Reference, check, plan, prepare
from prep.errors import PrepError, UsageError
from prep.inputs.references import read_references
from prep.model.finding import Finding
from prep.model.reference import Crop, Part
from tests.types import Media


def _fill(folder: Path, *names: str) -> Path:
    """Files without content: what stands for what is decided by names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).mkdir(parents=True) if name.endswith("/") else (folder / name).touch()
    return folder


def _names(*references: object) -> list[str]:
    return [reference.label for reference in read_references(references).references]


def _note(*references: object) -> Finding:
    (note,) = read_references(references).notes
    return note


@pytest.mark.parametrize("form", [str, Path, lambda path: Reference(location=str(path))], ids=["str", "Path", "value"])
def test_a_folder_stands_for_the_media_in_it(tmp_path: Path, form: Callable[[Path], object]) -> None:
    folder = _fill(tmp_path / "refs", "IMG_10.HEIC", "IMG_2.jpg", "img_3.MP4", "b.wav", "a.Png", "IMG_2b.jpg")
    assert _names(form(folder)) == ["a.Png", "b.wav", "IMG_2.jpg", "IMG_2b.jpg", "img_3.MP4", "IMG_10.HEIC"]
    assert read_references(form(folder)).notes == ()


def test_a_folder_that_was_prepared_stands_for_what_its_manifest_lists(media: Media, tmp_path: Path) -> None:
    out = tmp_path / "ready"
    prepare([media("photo.jpg"), media("at_limit_300.png")], out=out)
    prepare([media("at_limit_300.png")], out=out)
    _fill(out, "result-k7f3m2qp.mp4", "result-k7f3m2qp-2.mp4", "receipt.json", "own.jpg")
    assert _names(out) == ["image1-at_limit_300.png", "own.jpg"]
    note = _note(out).message
    assert "2 files of this program (manifest.json, receipt.json)" in note
    assert "2 results of jobs (result-k7f3m2qp-2.mp4, result-k7f3m2qp.mp4)" in note
    assert "2 earlier prepared files (image1-photo.jpg, image2-at_limit_300.png)" in note
    assert _names(out, out / "result-k7f3m2qp.mp4")[-1] == "result-k7f3m2qp.mp4"


def test_a_result_without_a_receipt_is_a_video_like_others(tmp_path: Path) -> None:
    assert _names(_fill(tmp_path / "refs", "result-final.mp4", "image1-a.png")) == ["image1-a.png", "result-final.mp4"]


def test_its_place_among_others_is_kept(tmp_path: Path) -> None:
    folder = _fill(tmp_path / "refs", "a.png", "b.png")
    assert _names(tmp_path / "first.png", folder, "https://example.com/last.png") == [
        "first.png",
        "a.png",
        "b.png",
        "last.png",
    ]


@pytest.mark.parametrize(
    ("names", "group"),
    [
        (["IMG_1.AAE"], "1 sidecar (IMG_1.AAE)"),
        (["a.xmp", "GX010001.LRV", "GX010001.THM", "DJI_1.SRT"], "4 sidecars (a.xmp, DJI_1.SRT, GX010001.LRV, …)"),
        ([".DS_Store", "Thumbs.db", "desktop.ini"], "3 system files (.DS_Store, desktop.ini, Thumbs.db)"),
        (["._a.png", "@eaDir/"], "2 system files (._a.png, @eaDir)"),
        ([".hidden.png"], "1 hidden file (.hidden.png)"),
        (["notes.txt", "module.ts"], "2 other files (module.ts, notes.txt)"),
        (["sub/", "clips.mp4/"], "2 folders (clips.mp4, sub)"),
        (["IMG_2.HEIC", "img_2.mov"], "1 Live Photo video (img_2.mov)"),
        (["new\nline.txt"], r"1 other file (new\nline.txt)"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_everything_else_is_skipped_and_named(tmp_path: Path, names: list[str], group: str) -> None:
    folder = _fill(tmp_path / "refs", "a.png", *names)
    note = _note(folder)
    assert note.message.startswith(f"{folder}: skipped {group}")
    usable = [name for name in names if name.endswith(".mov")]  # nothing else is media that `run` would take
    assert note.message.endswith("; to use img_2.mov, name it" if usable else group)
    assert (note.rule, note.severity, note.basis, note.subject) == ("input-folder-extras", "info", "advice", None)
    kept = [name for name in _names(folder) if name != "a.png"]
    assert note.actual == len(names) - len(kept)
    assert kept == [name for name in names if name.endswith(".HEIC")]


def test_the_current_folder_is_not_in_the_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_fill(tmp_path / "refs", "a.png"))
    assert [reference.location for reference in read_references(["."]).references] == ["a.png"]


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["IMG_1.MOV"], ["IMG_1.MOV"]),
        (["IMG_1.HEIC", "IMG_2.MOV"], ["IMG_1.HEIC", "IMG_2.MOV"]),
        (["IMG_1.HEIC", "IMG_1.mp4"], ["IMG_1.HEIC", "IMG_1.mp4"]),
        (["walk.jpg", "walk.mov"], ["walk.jpg", "walk.mov"]),
        (["IMG_1.heif", "IMG_1.mov"], ["IMG_1.heif"]),
    ],
    ids=" ".join,
)
def test_only_the_video_of_a_live_photo_is_skipped(tmp_path: Path, names: list[str], kept: list[str]) -> None:
    assert _names(_fill(tmp_path / "refs", *names)) == kept


def test_what_is_named_by_itself_is_used_once_and_not_told_as_skipped(tmp_path: Path) -> None:
    folder = _fill(tmp_path / "refs", "IMG_1.HEIC", "IMG_1.MOV", "IMG_2.HEIC", "IMG_2.MOV", "b.png")
    named = [f"hero={folder}/b.png", folder, folder / "IMG_1.MOV", folder]
    assert _names(*named) == ["b.png", "IMG_1.HEIC", "IMG_2.HEIC", "IMG_1.MOV"]
    assert [note.message.count("IMG_1.MOV") for note in read_references(named).notes] == [0, 0]
    assert "1 Live Photo video (IMG_2.MOV)" in read_references(named).notes[0].message


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no image, video or sound in this folder"),
        (["notes.txt", ".hidden.png"], "no image, video or sound in this folder"),
        (["clips/", "photos/"], r"it holds folders: name one of them \(clips, photos\)"),
    ],
    ids=["empty", "no media", "folders"],
)
def test_a_folder_without_media(tmp_path: Path, names: list[str], message: str) -> None:
    folder = _fill(tmp_path / "refs", *names)
    with pytest.raises(UsageError, match=f"^{folder}: .*{message}"):
        check(folder)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("refs#t=1,2", "refs: a folder has no part, crop or track; name the file you mean"),
        ("refs/#xywh=0,0,5,5", "refs: a folder has no part, crop or track"),
        ("refs#track=audio", "refs: a folder has no part, crop or track"),
        ("walk=refs", "refs: a folder has no name of its own (@walk); name the file you mean"),
        (Reference(location="refs", part=Part(end_s=2)), "refs: a folder has no part"),
        (Reference(location="refs", crop=Crop(x=0, y=0, width=5, height=5)), "refs: a folder has no part"),
    ],
    ids=str,
)
def test_a_folder_has_no_fragment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str | Reference, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _fill(tmp_path / "refs", "a.png")
    with pytest.raises(UsageError) as caught:
        check([reference])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("name", ["refs#t=1,2", "walk=refs", "a & b?", "100%", "#", "ünï", "http:refs"])
def test_a_folder_that_exists_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    _fill(tmp_path / name, "a.png")
    assert _names(name) == ["a.png"]
    with pytest.raises(UsageError, match="a folder has no part"):
        _names(f"{name}#t=2,3")


def test_a_folder_of_thousands_is_not_probed(tmp_path: Path) -> None:
    folder = _fill(tmp_path / "refs", *(f"{number}.jpg" for number in range(1001)))
    with pytest.raises(UsageError, match="1,001 images, videos and sounds, where a folder may stand for 1,000"):
        check(folder)


@pytest.fixture
def refs(media: Media, tmp_path: Path) -> Path:
    """A folder as a phone leaves it: two photos, one of them a Live Photo with an edit, and a clip."""
    folder = tmp_path / "refs"
    folder.mkdir()
    for name, source in (
        ("IMG_2.jpg", "photo.jpg"),
        ("IMG_10.HEIC", "photo.heic"),
        ("IMG_10.MOV", "short_1s.mp4"),
        ("IMG_11.mp4", "clip_720p.mp4"),
    ):
        shutil.copyfile(media(source), folder / name)
    _fill(folder, "IMG_10.AAE", ".DS_Store")
    return folder


def test_check_plan_and_prepare_use_the_same_files(refs: Path, tmp_path: Path) -> None:
    expected = [("@Image1", "IMG_2.jpg"), ("@Image2", "IMG_10.HEIC"), ("@Video1", "IMG_11.mp4")]
    report, planned = check(refs), plan(refs)
    manifest = prepare(refs, out=tmp_path / "out")
    assert [(item.tag, item.reference.label) for item in report.references] == expected
    assert [(entry.tag, entry.label) for entry in planned.entries] == expected
    assert [(entry.tag, Path(entry.source.path).name) for entry in manifest.entries] == expected
    for findings in (report.findings, planned.warnings, manifest.findings):
        (note,) = [finding for finding in findings if finding.rule == "input-folder-extras"]
        assert "1 sidecar (IMG_10.AAE), 1 Live Photo video (IMG_10.MOV)" in note.message


def test_a_name_in_the_prompt_is_that_of_a_file(refs: Path) -> None:
    report = check([f"hero={refs}/IMG_2.jpg", refs], prompt="@hero beside @Image2, as in @Video1")
    assert not [finding for finding in report.findings if finding.rule.startswith("prompt-")]


def test_too_many_are_for_the_rules_to_say(media: Media, tmp_path: Path) -> None:
    for number in range(13):
        shutil.copyfile(media("at_limit_300.png"), tmp_path / f"{number}.png")
    findings = {finding.rule: finding for finding in check(tmp_path).findings}
    assert findings["too-many-images"].actual == findings["too-many-files"].actual == 13


@pytest.mark.parametrize("out", ["refs", "refs/", "./refs", "linked"])
def test_what_is_made_does_not_go_among_the_references(
    refs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    """The next run would take it for references."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "linked").symlink_to("refs", target_is_directory=True)
    before = sorted(os.listdir(refs))
    with pytest.raises(PrepError, match="a folder of references; choose another folder"):
        prepare("refs", out=out)
    assert sorted(os.listdir(refs)) == before
    assert len(prepare("refs", out="refs/ready").entries) == len(prepare("refs", out="refs/ready").entries) == 3
