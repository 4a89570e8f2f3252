"""Rules about decoded content: at the limit, just under and just over."""

import pytest

from prep.model.analysis import Cuts, Inside, Unseen
from prep.model.limits import Limit
from prep.model.media import AudioInfo, VideoInfo
from prep.model.reference import Crop, Part, Reference
from prep.rules.catalogue import RULES
from prep.rules.content import LOOKED_FOR, check_inside
from prep.rules.findings import Findings
from prep.specs import load_spec
from tests.made import SEEDANCE_2, audio, video

LEAST: Limit[float] | None = load_spec(SEEDANCE_2).video.min_duration_s
EDIT = Reference(location="in/edit.mp4")


def _found(info: VideoInfo | AudioInfo, reference: Reference = EDIT, **seen: object) -> Findings:
    inside = Inside.model_validate({"start_s": 0.0, "end_s": 10.0} | seen)
    return check_inside(info, inside, reference, LEAST)


@pytest.mark.parametrize(
    ("lufs", "broken"),
    [(None, False), (-23.0, False), (-49.9, False), (-50.0, False), (-50.1, True), (-69.9, True), (-70.0, True)],
)
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_near_silence(kind: str, lufs: float | None, broken: bool) -> None:
    rule = "audio-near-silent" if kind == "audio" else "video-sound-near-silent"
    found = _found(audio() if kind == "audio" else video(), loudness_lufs=lufs)
    assert [finding.rule for finding in found] == [rule] * broken


def test_what_is_heard_a_little_can_be_raised_and_silence_can_not() -> None:
    (faint,) = _found(audio(), loudness_lufs=-58.34)
    assert (faint.actual, faint.allowed, faint.unit) == (-58.3, -50.0, "LUFS")
    assert faint.message == "nearly silent (−58.3 LUFS); `loudness=-16` raises it"
    (silent,) = _found(audio(), loudness_lufs=-70.0)
    assert (silent.actual, silent.allowed, silent.unit) == ("silence", -50.0, "LUFS")
    assert silent.message == "silent"


@pytest.mark.parametrize(
    ("cuts_s", "message"),
    [
        ((4.0,), "2 shots, cut at 0:04.0; the longest alone: in/edit.mp4#t=4,10"),
        ((7.5, 9.0), "3 shots, cut at 0:07.5 and 0:09.0; the longest alone: in/edit.mp4#t=0,7.5"),
        (
            (1.2, 3.04, 9.38),
            "4 shots, cut at 0:01.2, 0:03.0 and 0:09.4; the longest alone: in/edit.mp4#t=3.04,9.38",
        ),
        # a cut at 6.766667 s: rounded up, the part would end with a picture of the next shot
        ((6.766667,), "2 shots, cut at 0:06.8; the longest alone: in/edit.mp4#t=0,6.766"),
    ],
)
def test_shots(cuts_s: tuple[float, ...], message: str) -> None:
    (finding,) = _found(video(), cuts=Cuts(times_s=cuts_s))
    assert (finding.rule, finding.actual, finding.allowed) == ("video-several-shots", len(cuts_s) + 1, 1)
    assert finding.message == message


@pytest.mark.parametrize(
    ("cuts_s", "messages"),
    [
        ((9.99,), []),
        ((9.98,), ["ends with 0.02 s of another shot (cut at 0:10.0); without: in/edit.mp4#t=0,9.98"]),
        ((9.51,), ["ends with 0.49 s of another shot (cut at 0:09.5); without: in/edit.mp4#t=0,9.51"]),
        ((9.5,), ["2 shots, cut at 0:09.5; the longest alone: in/edit.mp4#t=0,9.5"]),
        ((0.01,), []),
        ((0.4333333,), ["begins with 0.43 s of another shot (cut at 0:00.4); without: in/edit.mp4#t=0.434,10"]),
        ((0.5,), ["2 shots, cut at 0:00.5; the longest alone: in/edit.mp4#t=0.5,10"]),
        ((0.1, 0.3), ["begins with 0.3 s of another shot (cut at 0:00.3); without: in/edit.mp4#t=0.3,10"]),
        (
            (0.3, 6.0, 9.7, 9.9),
            [
                "begins with 0.3 s of another shot and ends with 0.3 s of another shot (cut at 0:00.3 and 0:09.7); "
                "without: in/edit.mp4#t=0.3,9.7",
                "2 shots, cut at 0:06.0; the longest alone: in/edit.mp4#t=0.3,6",
            ],
        ),
    ],
    ids=["no picture", "one picture", "under", "at", "rounded", "begins", "begins at", "two flashes", "both ends"],
)
def test_flashes_at_the_ends(cuts_s: tuple[float, ...], messages: list[str]) -> None:
    assert [finding.message for finding in _found(video(), cuts=Cuts(times_s=cuts_s))] == messages


@pytest.mark.parametrize(("end_s", "named"), [(2.3, True), (2.29, False)])
def test_a_part_without_its_flash_is_long_enough_to_be_sent(end_s: float, named: bool) -> None:
    (finding,) = _found(video(), cuts=Cuts(times_s=(0.3,)), end_s=end_s)
    assert finding.rule == "video-flash-at-end" and ("#t=" in finding.message) is named


@pytest.mark.parametrize(
    ("start_s", "message"),
    [
        (0.0, "at least 2 shots, cut at 0:04.0; the longest alone: in/edit.mp4#t=4,10"),
        (6.0, "at least 2 shots, cut at 0:04.0"),
    ],
    ids=["beside the longest shot", "in the longest shot"],
)
def test_where_nobody_looked_there_may_be_more(start_s: float, message: str) -> None:
    unseen = Unseen(start_s=start_s, end_s=start_s + 2, chance=0.9, costly=True)
    (finding,) = _found(video(), cuts=Cuts(times_s=(4.0,), unseen=(unseen,)))
    assert finding.message == message


@pytest.mark.parametrize(("last_s", "alone"), [(2.0, True), (1.99, False)])
def test_a_shot_has_to_be_long_enough_to_be_sent_alone(last_s: float, alone: bool) -> None:
    (finding,) = _found(video(), cuts=Cuts(times_s=(1.5, 3.0, 3.0 + 1.0)), end_s=4.0 + last_s)
    assert ("#t=" in finding.message) is alone
    assert ("none is as long as 2 s" in finding.message) is not alone


def test_the_reference_that_is_proposed_keeps_all_else_that_was_asked_for() -> None:
    crop = Crop(unit="percent", x=25, y=0, width=50, height=100)
    asked = Reference(location="my clip.mp4", name="walk", part=Part(start_s=2, end_s=9), crop=crop)
    (finding,) = _found(video(), asked, start_s=2.0, end_s=9.0, cuts=Cuts(times_s=(4.5,)))
    assert finding.message.endswith("walk=my clip.mp4#t=4.5,9&xywh=percent:25,0,50,100")


def test_one_shot_that_is_heard_is_fine() -> None:
    assert _found(video(), loudness_lufs=-20.0) == _found(audio(), loudness_lufs=-20.0) == ()


def test_none_of_it_fails_a_run() -> None:
    assert all(RULES[rule].basis == "advice" and RULES[rule].severity != "error" for rule in LOOKED_FOR)
