"""Advice that takes decoding, through check, plan and prepare."""

import re
from pathlib import Path

import pytest

from fixtures.clip import encode_clip
from fixtures.ffmpeg import ffmpeg
from fixtures.sound import encode_sound
from prep import Options, check, plan, prepare
from prep.check_many import Question, check_each, check_jobs
from prep.errors import UsageError
from prep.model.finding import Finding
from prep.model.plan import Trim, find
from prep.model.reference import Reference
from prep.rules.content import LOOKED_FOR
from tests.prep.media import reading
from tests.prep.media.scenes import FIXED, X264, film, scene
from tests.types import Media

SIZE = (854, 480)
SHOTS, SOUND, SILENT = "video-several-shots", "audio-near-silent", "video-sound-near-silent"


def _seen(findings: tuple[Finding, ...]) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.tag) for finding in findings if finding.rule in LOOKED_FOR]


@pytest.fixture(scope="module")
def edit(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compliant clip of 6 s that is cut at 2.5 s, with a silent soundtrack."""
    folder = tmp_path_factory.mktemp("edit")
    for number, seconds in ((0, 2.5), (5, 3.5)):
        picture = scene(number, SIZE)
        encode_clip(folder / f"{number}.mp4", size=SIZE, picture=picture, seconds=seconds, sound=("0", "0"))
    (folder / "list.txt").write_text("file 0.mp4\nfile 5.mp4\n")
    ffmpeg("-f", "concat", "-i", str(folder / "list.txt"), "-c", "copy", str(folder / "edit.mp4"))
    return folder / "edit.mp4"


@pytest.fixture(scope="module")
def silence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("silence") / "silence.wav"
    encode_sound(path, ("0",), 4)
    return path


def test_check_decodes_only_when_it_is_asked_to(edit: Path, silence: Path) -> None:
    assert _seen(check([edit, silence]).findings) == []
    report = check([edit, silence], thorough=True)
    assert _seen(report.findings) == [(SHOTS, "@Video1"), (SILENT, "@Video1"), (SOUND, "@Audio1")]
    assert report.ok, "advice fails nothing"
    shots = next(finding for finding in report.findings if finding.rule == SHOTS)
    assert (shots.actual, shots.subject, shots.basis, shots.fix) == (2, "edit.mp4", "advice", None)
    assert shots.message.startswith(f"2 shots, cut at 0:02.5; the longest alone: {edit}#t=2.5,6")


@pytest.mark.parametrize(("part", "shots"), [("#t=0,2.5", False), ("#t=2.5,6", False), ("#t=1,5", True)])
def test_it_is_about_the_part_that_is_sent(edit: Path, part: str, shots: bool) -> None:
    ref = f"{edit}{part}"
    assert ((SHOTS, "@Video1") in _seen(check([ref], thorough=True).findings)) is shots
    assert ((SHOTS, "@Video1") in _seen(plan([ref]).warnings)) is shots


def test_what_is_proposed_is_one_shot(edit: Path, tmp_path: Path) -> None:
    (finding,) = (item for item in check([edit], thorough=True).findings if item.rule == SHOTS)
    proposed = finding.message.rpartition(": ")[2]
    manifest = prepare([proposed], out=tmp_path / "out")
    assert _seen(manifest.findings) == [(SILENT, "@Video1")]
    assert reading.picture(tmp_path / "out" / "video1-edit.mp4").duration_s == pytest.approx(3.5, abs=0.04)


def test_a_compliant_file_goes_through_with_its_advice(edit: Path, silence: Path, tmp_path: Path) -> None:
    planned = plan([edit, silence])
    assert all(entry.steps == () for entry in planned.entries)
    expected = [(SHOTS, "@Video1"), (SILENT, "@Video1"), (SOUND, "@Audio1")]
    assert _seen(planned.warnings) == expected
    manifest = prepare(planned, out=tmp_path / "out")
    assert _seen(manifest.findings) == expected
    assert reading.sha256(tmp_path / "out" / "video1-edit.mp4") == reading.sha256(edit)


def test_what_is_left_out_or_raised_is_not_told_of(edit: Path, silence: Path, tmp_path: Path) -> None:
    assert _seen(plan([edit], options=Options(mute=True)).warnings) == [(SHOTS, "@Video1")]
    encode_sound(tmp_path / "faint.wav", ("0.001*sin(2*PI*440*t)",), 4)
    pair = [edit, tmp_path / "faint.wav", silence]
    assert (SOUND, "@Audio1") in _seen(plan(pair).warnings)
    raised = _seen(plan(pair, options=Options(loudness=-16)).warnings)
    assert (SOUND, "@Audio1") not in raised
    assert (SOUND, "@Audio2") in raised, "silence stays silence"


def test_bytes_and_files_of_a_sweep_and_jobs_are_looked_into(edit: Path) -> None:
    assert _seen(check([edit.read_bytes()], thorough=True).findings) == [(SHOTS, "@Video1"), (SILENT, "@Video1")]
    (report,) = check_each([Reference(location=str(edit))], thorough=True)
    assert [(finding.rule, finding.subject) for finding in report.findings] == [(SHOTS, str(edit)), (SILENT, str(edit))]
    (report,) = check_jobs([("jobs:1", Question(references=(edit,)))], thorough=True)
    assert _seen(report.findings) == [(SHOTS, "@Video1"), (SILENT, "@Video1")]


def test_pictures_have_nothing_inside(media: Media) -> None:
    assert check([media("photo.jpg")], thorough=True).findings == ()


def test_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="thorough"):
        check(["a.mp4"], thorough="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["truncated_tail.mp4", "animated.webp#track=video"])
def test_what_can_not_be_looked_into_is_no_failure(media: Media, name: str) -> None:
    file, _, fragment = name.partition("#")
    check([f"{media(file)}#{fragment}" if fragment else media(file)], thorough=True)


PLAIN = (*X264, *FIXED)
LONG = (*X264, "-g", "250", "-sc_threshold", "0")
WHITE = "drawbox=color=white:t=fill:enable='lt(mod(t+0.001,2.5),0.1)'"
JUMPS = "crop=300:168:x='if(lt(mod(t,6),3),0,60)':y=20"
# Each film: its encoder, how long its shots are and what they show, a filter for all of it, and the shots in the part
# that is kept of it (14.9 s, or a whole shot).
FILMS = {
    "one cut": (PLAIN, (325, 425), (1, 2), "null", 1),
    "one cut, few keyframes": (LONG, (325, 425), (1, 2), "null", 1),
    "one cut, letterboxed": (PLAIN, (325, 425), (1, 2), "scale=426:178,pad=426:240:0:31", 1),
    "a cut each 4 s": (PLAIN, (100,) * 6, (1, 2, 3, 4, 5, 6), "null", 4),
    "a cut each 4 s, few keyframes": (LONG, (100,) * 6, (1, 2, 3, 4, 5, 6), "null", 4),
    "a cut each 6 s": (PLAIN, (150,) * 5, (1, 2, 3, 4, 5), "null", 1),
    "a cut each 6 s, few keyframes": (LONG, (150,) * 5, (1, 2, 3, 4, 5), "null", 1),
    "jump cuts": (PLAIN, (750,), (1,), JUMPS, 1),
    "jump cuts, few keyframes": (LONG, (750,), (1,), JUMPS, 1),
    "flashes": (PLAIN, (750,), (1,), WHITE, 1),
    "flashes, few keyframes": (LONG, (750,), (1,), WHITE, 1),
    "a cut and flashes": (PLAIN, (325, 425), (1, 2), WHITE, 1),
}


@pytest.mark.parametrize("name", FILMS)
def test_the_plan_and_the_advice_see_the_same_cuts(tmp_path: Path, name: str) -> None:
    encoder, lengths, scenes, after, shots = FILMS[name]
    path = film(tmp_path / "film.mp4", encoder, lengths, scenes, after)
    planned = plan([path])
    trim = find(planned.entries[0].steps, Trim)
    assert trim is not None
    advice = next((finding for finding in planned.warnings if finding.rule == SHOTS), None)
    (checked,) = [finding for finding in check([path], thorough=True).findings if finding.rule == SHOTS] or [None]
    moments = re.findall(r"(\d+):([\d.]+)", checked.message.split(";")[0]) if checked else ()
    cuts_s = [60 * int(minute) + float(second) for minute, second in moments]
    kept = [time_s for time_s in cuts_s if trim.start_s + 0.15 < time_s < trim.start_s + trim.duration_s - 0.15]
    assert len(kept) + 1 == shots
    assert (advice.actual if advice else 1) == shots
    assert re.match("one (steady )?shot" if shots == 1 else f"{shots} shots", trim.note)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("0,2.5", None),
        ("2.5,6", None),
        ("0,2.567", "ends with 0.07 s of another shot (cut at 0:02.5); without: {}#t=0,2.5"),
        ("0,2.6", "ends with 0.1 s of another shot (cut at 0:02.5); without: {}#t=0,2.5"),
        ("0,2.9", "ends with 0.4 s of another shot (cut at 0:02.5); without: {}#t=0,2.5"),
        ("0,3.1", None),
        ("2.4,6", "begins with 0.1 s of another shot (cut at 0:02.5); without: {}#t=2.5,6"),
        ("2.1,5", "begins with 0.4 s of another shot (cut at 0:02.5); without: {}#t=2.5,5"),
        ("1.9,5", None),
        ("0.7,2.7", "ends with 0.2 s of another shot (cut at 0:02.5)"),
    ],
)
def test_a_flash_of_another_shot(edit: Path, part: str, message: str | None) -> None:
    rule = "video-flash-at-end"
    reference = f"{edit}#t={part}"
    for findings in (check([reference], thorough=True).findings, plan([reference]).warnings):
        messages = [finding.message for finding in findings if finding.rule == rule]
        assert messages == ([] if message is None else [message.format(edit)])
        assert (SHOTS in [finding.rule for finding in findings]) is (part in ("0,3.1", "1.9,5"))
