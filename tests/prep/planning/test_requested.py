"""Parts and crops that the user asked for: their facts, and their place in the joint plan."""

from typing import Any

import pytest

from prep.errors import UsageError
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import PlanEntry, Trim, find
from prep.model.reference import Crop, Part, Reference
from prep.planning.requested import is_whole_file, requested_info
from tests.made import Item, audio, image, plan_of, short_of_strict, sources, video, wav


def test_a_part_of_a_video() -> None:
    info = requested_info(sources((video(duration_s=20, bytes=4_000_000), Part(start_s=5, end_s=10)))[0])
    assert isinstance(info, VideoInfo)
    assert (info.duration_s, info.bytes, info.width) == (5, 1_000_000, 1280)


def test_a_part_of_a_sound() -> None:
    info = requested_info(sources((audio(20, bytes=400_000), Part(start_s=15)))[0])
    assert isinstance(info, AudioInfo)
    assert (info.duration_s, info.bytes) == (5, 100_000)


def test_a_rectangle() -> None:
    info = requested_info(sources((image(1000, 800), Crop(unit="percent", x=0, y=0, width=50, height=100)))[0])
    assert isinstance(info, ImageInfo)
    assert (info.width, info.height) == (500, 800)


def test_both() -> None:
    asked = Reference(location="a", part=Part(start_s=0, end_s=2), crop=Crop(x=0, y=0, width=640, height=700))
    info = requested_info(sources((video(duration_s=8), asked))[0])
    assert isinstance(info, VideoInfo)
    assert (info.width, info.height, info.duration_s) == (640, 700, 2)


@pytest.mark.parametrize("info", [image(), video(), audio()], ids=lambda info: info.kind)
def test_the_whole_file(info: ImageInfo | VideoInfo | AudioInfo) -> None:
    (source,) = sources(info)
    assert requested_info(source) == info
    assert is_whole_file(source)


def test_a_part_that_is_the_whole_file() -> None:
    (source,) = sources((video(duration_s=5), Part(start_s=0, end_s=5)))
    assert requested_info(source) == source.info
    assert is_whole_file(source)


@pytest.mark.parametrize(
    "item",
    [
        (video(duration_s=5), Part(start_s=1)),
        (image(), Crop(x=0, y=0, width=1200, height=899)),
        (audio(5, container="m4a", codec="aac"), Reference(location="a.mp4", track="audio")),
    ],
    ids=["part", "crop", "soundtrack"],
)
def test_what_has_to_be_made_first(item: Item) -> None:
    assert not is_whole_file(sources(item)[0])


def test_a_sound_that_is_one_already() -> None:
    assert is_whole_file(sources((audio(), Reference(location="a.mp3", track="audio")))[0])


def test_what_is_not_there() -> None:
    with pytest.raises(UsageError):
        requested_info(sources((video(duration_s=5), Part(start_s=5)))[0])
    with pytest.raises(UsageError):
        requested_info(sources((image(100, 100), Crop(x=90, y=0, width=20, height=20)))[0])


def _kinds(entry: PlanEntry) -> list[str]:
    return [step.kind for step in entry.steps]


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 30.0, 59.94, 60.0])
@pytest.mark.parametrize(("start", "end"), [(0, 2), (0.3, 2.3), (1.1, 3.1), (3, 18), (0, 5)])
def test_a_part_of_legal_length_is_made_as_asked(fps: float, start: float, end: float) -> None:
    """Nothing is in its way: it is neither refused nor lengthened, and is within a frame of what was asked for."""
    plan = plan_of((video(duration_s=60, fps=fps), Part(start_s=start, end_s=end)))
    (entry,) = plan.entries
    assert plan.unfixable == ()
    assert short_of_strict(entry) == []
    assert isinstance(entry.predicted, VideoInfo)
    assert entry.predicted.duration_s == pytest.approx(end - start, abs=1.01 / fps)
    trim = find(entry.steps, Trim)
    assert trim is not None and trim.because == ("asked",)
    assert trim.start_s == pytest.approx(start, abs=1.01 / fps)


@pytest.mark.parametrize(("start", "end"), [(0, 2), (0.3, 2.3), (1.1, 3.1), (0, 5), (3, 17.9)])
@pytest.mark.parametrize("make", [audio, wav], ids=["mp3", "wav"])
def test_a_part_of_a_sound_is_made_as_asked(make: Any, start: float, end: float) -> None:
    plan = plan_of(image(), (make(60), Part(start_s=start, end_s=end)))
    entry = plan.entries[1]
    assert plan.unfixable == ()
    assert short_of_strict(entry) == []
    assert isinstance(entry.predicted, AudioInfo)
    assert entry.predicted.duration_s == pytest.approx(end - start, abs=0.07)
    assert _kinds(entry) == ["trim", "encode-audio"]


@pytest.mark.parametrize("end", [15.05, 15.1, 15.2])
def test_a_part_that_is_made_has_to_be_strict(end: float) -> None:
    """Above 15 s only what the user brings is left alone: a part is made, so this is either told or cut."""
    plan = plan_of((video(duration_s=60), Part(start_s=0, end_s=end)))
    assert plan.unfixable or not short_of_strict(plan.entries[0])


@pytest.mark.parametrize(
    ("seconds", "fps", "start"),
    [(1.5, 7.5, 1.47), (2.46875, 10.0, 2.45), (60.0, 24.0, 59.97), (60.0, 24.0, 59.999), (5.01, 25.0, 5.0)],
)
def test_the_very_end_of_a_clip_is_still_in_the_clip(seconds: float, fps: float, start: float) -> None:
    """Less than a frame is left: what is kept begins inside the clip, and is not nothing."""
    plan = plan_of((video(duration_s=seconds, fps=fps), Part(start_s=start)))
    trim = find(plan.entries[0].steps, Trim)
    assert trim is not None
    assert trim.duration_s > 0
    assert trim.start_s < seconds


@pytest.mark.parametrize("make", [audio, wav], ids=["mp3", "wav"])
@pytest.mark.parametrize(("seconds", "start"), [(1.00001, 1.0), (60.0, 59.97), (60.0, 59.999), (60.0, 59.9995)])
def test_the_very_end_of_a_sound_is_not_nothing(make: Any, seconds: float, start: float) -> None:
    trim = find(plan_of(image(), (make(seconds), Part(start_s=start))).entries[1].steps, Trim)
    assert trim is not None
    assert trim.duration_s > 0
    assert 0 <= trim.start_s < seconds


def test_a_part_after_the_end_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"^video-1\.mp4: #t=9 starts after the end of the clip \(5 s\)$"):
        plan_of((video(duration_s=5), Part(start_s=9)))


def test_a_rectangle_outside_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"^image-1\.jpeg: #xywh=.* reaches outside the picture"):
        plan_of((image(1200, 900), Crop(x=1000, y=0, width=300, height=900)))


def test_a_crop_is_made_even_if_everything_complies() -> None:
    plan = plan_of((video(1280, 720), Crop(x=0, y=0, width=1000, height=700)))
    (entry,) = plan.entries
    assert _kinds(entry) == ["crop", "encode-video"]
    assert all(step.because == ("asked",) for step in entry.steps)


def test_a_crop_that_is_too_small_is_scaled_up() -> None:
    plan = plan_of((video(1280, 720), Crop(unit="percent", x=25, y=25, width=50, height=50)))
    (entry,) = plan.entries
    assert plan.unfixable == ()
    assert _kinds(entry) == ["crop", "scale", "encode-video"]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (
            [(video(duration_s=60), Part(start_s=4, end_s=34))],
            "#t=4,34 lasts 30 s (max 15 s); use #t=4,19, or no #t=, to keep the best part",
        ),
        (
            [(video(duration_s=60), Part(start_s=0, end_s=15.1))],
            "#t=0,15.1 lasts 15.1 s (max 15 s); use #t=0,15, or no #t=, to keep the best part",
        ),
        (
            [image(), (audio(60), Part(start_s=20, end_s=60))],
            "#t=20,60 lasts 40 s (max 15 s); use #t=20,35, or no #t=, to keep the best part",
        ),
        (
            [(video(duration_s=60), Part(end_s=8)), (video(duration_s=60), Part(start_s=9, end_s=18))],
            "the combined duration of the videos is 17 s (max 15 s); "
            "shorten the parts that you chose of @Video1 and @Video2",
        ),
    ],
    ids=["clip", "a little too long", "sound", "together"],
)
def test_what_is_too_long_as_asked_says_what_to_ask_for(items: list[Item], said: str) -> None:
    assert [finding.message for finding in plan_of(*items).unfixable] == [said]
