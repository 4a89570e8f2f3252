"""Fixes for the findings of a check."""

import shutil
from pathlib import Path

import av
import pytest
from PIL import Image

from prep import Options
from prep.check_many import check_each
from prep.errors import UsageError
from prep.fix import CantFix, Fixer, check_and_fix
from prep.model.reference import Reference
from prep.model.report import Report
from tests.made import SEEDANCE_2
from tests.types import Media, Say


def _fixed_files(
    paths: list[str], out: Path | None, *, unsafe: bool = False, options: Options | None = None
) -> list[Report]:
    references = [Reference(location=path) for path in paths]
    return list(check_each(references, options=options, fixer=Fixer(out, unsafe=unsafe, references=references)))


@pytest.fixture
def here(media: Media, tmp_path: Path) -> Path:
    """A folder `in` with pictures: one sideways, one too wide, one in a format that is not taken, one that is fine."""
    (tmp_path / "in").mkdir()
    for name in ("photo_orient6.jpg", "panorama.png", "photo.jpg"):
        shutil.copyfile(media(name), tmp_path / "in" / name)
    with Image.open(tmp_path / "in" / "photo.jpg") as photo:
        photo.resize((900, 600)).save(tmp_path / "in" / "drawing.bmp")
    return tmp_path


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_fixed_file_replaces_only_itself(here: Path) -> None:
    (report,) = _fixed_files(["in/drawing.bmp"], here / "out")
    made = Path(report.fixes[0].made or "")
    _fixed_files(["in/drawing.bmp"], here / "out")
    made.write_text("the user's own")
    with pytest.raises(CantFix, match="another file is there"):
        _fixed_files(["in/drawing.bmp"], here / "out")
    assert made.read_text() == "the user's own"


PATHS = ["in/drawing.bmp", "in/panorama.png", "in/photo.jpg", "in/photo_orient6.jpg"]


def test_safe_changes_are_made_and_the_others_shown(here: Path) -> None:
    before = {path: (here / path).read_bytes() for path in PATHS}
    bmp, panorama, photo, turned = _fixed_files(PATHS, here / "out")
    assert [len(_files(here / "out"))] == [2]
    made = {Path(fix.made) for report in (bmp, turned) for fix in report.fixes if fix.made}
    assert {path.relative_to(here / "out").parent for path in made} == {Path("in")}
    assert {path.name.split(".")[0] for path in made} == {"drawing", "photo_orient6"}
    for path in made:
        with Image.open(path) as image:
            image.load()
            assert image.format in ("JPEG", "PNG", "WEBP")
            assert image.getexif().get(0x0112, 1) == 1
    assert (bmp.findings, turned.findings) == ((), ())
    assert [finding.rule for finding in panorama.findings] == ["image-aspect-too-wide"]
    assert [(fix.unsafe, fix.made) for fix in panorama.fixes] == [(("pad",), None)]
    assert photo.fixes == ()
    assert {path: (here / path).read_bytes() for path in PATHS} == before


def test_what_is_unsafe_is_made_when_it_is_allowed(here: Path) -> None:
    (report,) = _fixed_files(["in/panorama.png"], here / "out", unsafe=True)
    assert (report.ok, report.fixes[0].made) == (True, str(here / "out" / "in" / "panorama.png"))
    with Image.open(here / "out" / "in" / "panorama.png") as image:
        assert image.width / image.height <= 2.5


def test_without_a_folder_nothing_is_made(here: Path) -> None:
    before = _files(here)
    reports = _fixed_files(PATHS, None)
    assert [bool(report.fixes) for report in reports] == [True, True, False, True]
    assert [report.ok for report in reports] == [False, False, True, True]
    assert _files(here) == before


def test_a_name_says_what_it_is_and_where_it_came_from(here: Path) -> None:
    """a.bmp and a.jpg must not become the same file; a second run replaces what the first has made."""
    for _ in range(2):
        (report,) = _fixed_files(["in/drawing.bmp"], here / "out")
        name = Path(report.fixes[0].made or "").name
        assert name.startswith("drawing.bmp.")
        assert _files(here / "out") == [f"in/{name}"]


@pytest.mark.parametrize("path", ["{here}/in/photo_orient6.jpg", "../{name}/in/photo_orient6.jpg"])
def test_nothing_lands_outside_the_folder(here: Path, path: str) -> None:
    path = path.format(here=here, name=here.name)
    (report,) = _fixed_files([path], here / "out")
    assert Path(report.fixes[0].made or "").resolve().is_relative_to(here / "out")


def test_a_source_is_never_replaced(here: Path) -> None:
    before = (here / "in/photo_orient6.jpg").read_bytes()
    with pytest.raises(UsageError, match="choose another folder"):
        _fixed_files(["in/photo_orient6.jpg"], here)
    assert (here / "in/photo_orient6.jpg").read_bytes() == before


def test_a_picture_that_does_not_decode(here: Path) -> None:
    """Its header is fine, so that only the attempt to make something of it shows that it is broken."""
    whole = (here / "in/drawing.bmp").read_bytes()
    (here / "in/half.bmp").write_bytes(whole[: len(whole) // 2])
    (report,) = _fixed_files(["in/half.bmp"], here / "out")
    assert [finding.rule for finding in report.findings] == ["input-unreadable"]
    assert _files(here / "out") == []


def test_a_set_is_made_whole(media: Media, here: Path) -> None:
    references = ["in/photo.jpg", f"{media('portrait_rot90.mov')}#t=0,2.5"]
    report = check_and_fix(references, SEEDANCE_2, Fixer(here / "out"))
    assert report.ok
    assert _files(here / "out") == ["image1-photo.jpg", "manifest.json", "video1-portrait_rot90.mp4"]
    with av.open(str(here / "out" / "video1-portrait_rot90.mp4")) as container:
        assert (container.duration or 0) / av.time_base == pytest.approx(2.5, abs=0.1)


def test_the_safe_part_of_a_set_is_made(here: Path) -> None:
    references = ["in/panorama.png", "in/photo.jpg", "in/drawing.bmp"]
    report = check_and_fix(references, SEEDANCE_2, Fixer(here / "out"))
    assert not report.ok
    assert [(fix.tag, fix.unsafe, bool(fix.made)) for fix in report.fixes] == [
        ("@Image1", ("pad",), False),
        ("@Image3", (), True),
    ]
    assert {finding.tag for finding in report.findings if finding.severity == "error"} == {"@Image1"}
    assert _files(here / "out") == ["in/drawing.bmp.png"], "no manifest: these files are not the set"


def test_the_safe_part_is_made_beside_what_nothing_can_fix(here: Path) -> None:
    report = check_and_fix(["in/drawing.bmp", *["in/photo.jpg"] * 9], SEEDANCE_2, Fixer(here / "out"))
    assert [finding.rule for finding in report.findings if finding.fix is None and finding.severity == "error"]
    assert _files(here / "out") == ["in/drawing.bmp.png"]


def test_the_safe_part_is_not_judged_as_a_set(media: Media, here: Path) -> None:
    """A sound by itself is no set, and neither is the only video if it is shorter than all have to be together."""
    references = [media("tone_5s.flac"), media("short_1s.mp4")]
    report = check_and_fix(references, SEEDANCE_2, Fixer(here / "out"))
    assert [(fix.tag, bool(fix.made)) for fix in report.fixes if not fix.unsafe] == [("@Audio1", True)]


def test_the_command_says_what_it_did_not_make(here: Path, say: Say) -> None:
    code, out, _ = say("check", "in/panorama.png", "in/drawing.bmp", "--fix", "--out", "out")
    assert (code, out.splitlines()[0]) == (1, "1 file fixed; still 1 problem; `prep` fixes it")
    assert "Made 1 of 2 files, but not in/panorama.png, which must be padded (--unsafe-fixes allows that)." in out
    assert out.splitlines()[-1].startswith("Next: prep-and-submit check in/panorama.png in/drawing.bmp --fix --unsafe")
    code, out, _ = say("check", "in/panorama.png", "--fix", "--out", "no")
    assert (code, "Nothing was made of in/panorama.png, which must be padded" in out) == (1, True)
