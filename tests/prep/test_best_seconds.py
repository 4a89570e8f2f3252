"""The best N seconds, of one reference (`#t=best:6`) or of all (`seconds`)."""

import re
from pathlib import Path

import pytest

from prep import Options, Plan, Reference, check, plan, prepare
from prep.errors import UsageError
from prep.fix import Fixer, check_and_fix
from prep.model.plan import Trim, find
from prep.model.reference import Part
from prep.specs import DEFAULT_ENDPOINT
from tests.prep.media import reading
from tests.types import Media, Say

SHORTER = "you asked for {} s, but 8 s are kept: a video may last 15 s, and the best part is shorter"


def _trims(planned: Plan) -> list[Trim | None]:
    return [find(entry.steps, Trim) for entry in planned.entries]


def test_of_a_clip_the_sharp_shot_is_kept(media: Media, tmp_path: Path) -> None:
    """Of the scenes only 7 to 9 s and 9 to 17 s are sharp shots that move."""
    clip = f"{media('scenes.mp4')}#t=best:6"
    (trim,) = _trims(plan([clip]))
    assert trim is not None and trim.because == ("asked",)
    assert 9 <= trim.start_s <= 11 and trim.duration_s == 6
    (entry,) = prepare([clip], out=tmp_path / "out").entries
    assert reading.picture(tmp_path / "out" / (entry.output.path or "")).duration_s == pytest.approx(6, abs=0.05)


def test_of_a_sound_the_speech_is_kept(media: Media, tmp_path: Path) -> None:
    """Silence to 3 s, then speech of 2.6 s with pauses of 0.9 s."""
    references = [media("at_limit_300.png"), f"{media('silence_then_speech.wav')}#t=best:2.6"]
    trim = _trims(plan(references))[1]
    assert trim is not None and trim.start_s >= 2.9
    entry = prepare(references, out=tmp_path / "out").entries[1]
    assert reading.sound(tmp_path / "out" / (entry.output.path or "")).duration_s == pytest.approx(2.6, abs=0.35)


def test_all_without_a_part_of_their_own(media: Media) -> None:
    references = [
        media("scenes.mp4"),
        f"{media('clip_1080p_20s.mp4')}#t=1,3",
        f"{media('clip_720p.mp4')}#t=best:2",
        media("silence_then_speech.wav"),
        media("photo.jpg"),
        media("short_1s.mp4"),
    ]
    trims = _trims(plan(references, options=Options(seconds=4)))
    assert [trim and round(trim.duration_s, 1) for trim in trims[:3]] == [4.0, 2.0, 2.0]
    assert trims[3] is not None and 3.7 <= trims[3].duration_s <= 4
    assert trims[4:] == [None, None]
    assert trims[1] is not None and trims[1].start_s == 1


@pytest.mark.parametrize(("window", "start_s"), [("start", 0), ("middle", 8), ("end", 16)])
def test_seconds_go_by_the_window_and_best_does_not(media: Media, window: str, start_s: float) -> None:
    options = Options.model_validate({"seconds": 4, "window": window})
    (trim,) = _trims(plan([media("scenes.mp4")], options=options))
    assert trim is not None and trim.start_s == start_s
    (best,) = _trims(plan([f"{media('scenes.mp4')}#t=best:4"], options=options))
    assert best is not None and 9 <= best.start_s <= 13


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("photo.jpg", "but this is a still picture"),
        ("animated.gif", "#t=best:2 picks a clip; add &track=video, or write #t= with one moment"),
    ],
)
def test_a_picture_has_no_seconds(media: Media, name: str, message: str) -> None:
    for call in (check, plan):
        with pytest.raises(UsageError, match=message):
            call([f"{media(name)}#t=best:2"])


def test_check_judges_as_many_seconds(media: Media) -> None:
    clip = media("clip_1080p_20s.mp4")
    assert "video-too-long" in [finding.rule for finding in check([clip]).findings]
    rules = [finding.rule for finding in check([f"{clip}#t=best:6"]).findings]
    assert rules == ["video-area-too-large", "part-not-made"]
    assert "part-not-made" not in [finding.rule for finding in check([f"{clip}#t=best:60"]).findings]


def test_a_thorough_check_looks_into_the_seconds_that_plan_keeps(media: Media) -> None:
    """All of it has three shots; the part has one."""
    clip = media("scenes.mp4")
    assert "video-several-shots" in [finding.rule for finding in check([clip], thorough=True).findings]
    rules = [finding.rule for finding in check([f"{clip}#t=best:6"], thorough=True).findings]
    assert rules == ["part-not-made"]


def test_a_part_that_was_asked_for_is_a_safe_fix(media: Media, tmp_path: Path) -> None:
    reference = Reference(location=str(media("scenes.mp4")), part=Part(best_s=6))
    report = check_and_fix([reference], DEFAULT_ENDPOINT, Fixer(tmp_path / "out"))
    (fix,) = report.fixes
    assert fix.unsafe == () and fix.made is not None


def test_a_plan_is_carried_out_from_its_json(media: Media, tmp_path: Path) -> None:
    planned = plan([f"{media('scenes.mp4')}#t=best:6"])
    read = Plan.model_validate_json(planned.model_dump_json())
    assert read.entries[0].reference.part == Part(best_s=6)
    assert prepare(read, out=tmp_path / "out").entries[0].steps == planned.entries[0].steps


@pytest.mark.parametrize(
    ("clip", "seconds", "message", "kept_s"),
    [
        ("scenes.mp4#t=best:20", None, SHORTER.format(20), 8),
        (
            "scenes.mp4#t=0,18",
            None,
            None,
            18,
        ),
        ("scenes.mp4", 18, SHORTER.format(18), 8),
        ("scenes.mp4#t=15,30", None, "you asked for #t=15,30, but the file ends at 20 s, so only 5 s can be used", 5),
        ("portrait_rot90.mov#t=best:6", None, "you asked for 6 s, but the file lasts only 3 s", 3),
        ("scenes.mp4#t=best:1", None, "you asked for 1 s, but 2 s are kept: the endpoint takes nothing shorter", 2),
        ("scenes.mp4", 1, "you asked for 1 s, but 2 s are kept: the endpoint takes nothing shorter", 2),
        (
            "scenes.mp4#t=1,2",
            None,
            "the part you asked for lasts 1 s, less than the endpoint takes, so its last frame is held for 1 s",
            1,
        ),
        ("scenes.mp4#t=1,6", None, None, 5),
        ("scenes.mp4#t=15", None, None, 5),
        ("scenes.mp4#t=best:6", None, None, 6),
        ("portrait_rot90.mov", 6, None, 3),
    ],
)
def test_other_seconds_than_asked_for_are_a_warning(
    media: Media, clip: str, seconds: float | None, message: str | None, kept_s: float
) -> None:
    name, _, fragment = clip.partition("#")
    reference = f"{media(name)}#{fragment}" if fragment else str(media(name))
    planned = plan([reference], options=Options(seconds=seconds))
    messages = [finding.message for finding in planned.warnings if finding.rule == "part-length-changed"]
    assert messages == ([message] if message else [])
    (trim,) = _trims(planned)
    assert (trim.duration_s if trim else planned.entries[0].source.duration_s) == pytest.approx(kept_s, abs=0.06)
    if message and "the file" in message:
        assert message in [finding.message for finding in check([reference]).findings]


def test_check_counts_too_few_seconds_as_the_least(media: Media) -> None:
    assert [finding.rule for finding in check([f"{media('scenes.mp4')}#t=best:1"]).findings] == ["part-not-made"]


@pytest.mark.parametrize(
    "fields", [{"best_s": 0}, {"best_s": -1}, {"best_s": 6, "start_s": 1}, {"best_s": 6, "end_s": 9}], ids=str
)
def test_seconds_to_choose_have_no_start(fields: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="best_s"):
        Part(**fields)


def test_the_command(media: Media, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "walk.mp4").write_bytes(media("scenes.mp4").read_bytes())
    code, out, err = say("plan", "walk.mp4", "--seconds", "6")
    assert (code, err) == (0, "")
    assert re.search(r"\(6 s\): one (steady )?shot, [^;]*  because you asked", out)
    assert "prep walk.mp4 --seconds 6" in out
    code, out, err = say("plan", "walk.mp4#t=best:6")
    assert "walk.mp4#t=best:6" in out.splitlines()[-1]
    assert say("plan", "walk.mp4", "--seconds", "0")[0] == 2
