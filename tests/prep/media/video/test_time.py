"""Parts, rates and lengths of what the video tool makes, judged by decoding all of it with PyAV."""

from pathlib import Path

import av
import pytest
from PIL import Image

from fixtures.clip import encode_clip
from fixtures.ffmpeg import ffmpeg
from fixtures.make import QUADRANTS, read_clock
from fixtures.sound import STAIRCASE
from prep.errors import NonCompliantError
from tests.prep.media import reading
from tests.types import Made, Media

UPRIGHT = tuple(QUADRANTS.values())


# fragment → first clock, last clock, frames; the sources have 30 fps
TRIMS: dict[str, tuple[int, int, int]] = {
    "clip_720p.mp4#t=1,3": (30, 89, 60),
    "clip_720p.mp4#t=1.5,4.5": (45, 134, 90),
    "clip_720p.mp4#t=1.1,3.7": (33, 110, 78),
    "clip_720p.mp4#t=,2.5": (0, 74, 75),
    "clip_720p.mp4#t=3": (90, 149, 60),
    "clip_720p.mp4#t=2,99": (60, 149, 90),
    "clip_720p.mp4#t=0:01,00:00:03.5": (30, 104, 75),
    "clip_720p_10s.mp4#t=6.5,9.9": (195, 296, 102),
    "moov_at_end.mp4#t=1,3": (30, 89, 60),
    "silent_720p.mp4#t=1,4": (30, 119, 90),
    "h264_aac.mkv#t=0.5,2.5": (15, 74, 60),
    "h264_aac.ts#t=0.5,2.5": (15, 74, 60),
    "start_offset.ts#t=0.5,2.5": (15, 74, 60),
    "negative_ts.mp4#t=0.5,2.5": (45, 104, 60),
    "no_duration.webm#t=0.5,2.5": (15, 74, 60),
    "portrait_rot90.mov#t=0.5,2.5": (15, 74, 60),
    "two_audio.mp4#t=0.5,2.5": (15, 74, 60),
    "cover_art.mp4#t=0.5,2.5": (15, 74, 60),
    "truncated_tail.mp4#t=0.5,2.5": (15, 74, 60),
    "hlg.mp4#t=0.5,2.5": (15, 74, 60),
}


@pytest.mark.parametrize("ref", TRIMS)
def test_a_part_starts_and_ends_on_the_right_frame(made: Made, ref: str) -> None:
    path, entry = made(ref)
    first, last, count = TRIMS[ref]
    clocks = reading.clocks(path)
    assert (clocks[0], clocks[-1], len(clocks)) == (first, last, count)
    assert clocks == list(range(first, last + 1))
    assert reading.picture(path).duration_s == pytest.approx(count / 30, abs=0.001)
    assert reading.container_s(path) - count / 30 < 0.03
    assert "asked" in next(step for step in entry.steps if step.kind == "trim").because
    assert [track.kind for track in reading.tracks(path)] in (["video", "audio"], ["video"])
    reading.assert_inside(path)


@pytest.mark.parametrize("ref", ["bt601_480p.mp4#t=0.5,2.5", "fps23976.mp4#t=1,3", "vfr.mp4#t=1.02,3.02"])
def test_two_seconds_of_any_rate_are_two_seconds(made: Made, ref: str) -> None:
    """59.94 frames of 29.97 fps: cut to 59 they would be too short for what is made, so there must be 60."""
    path, _ = made(ref)
    assert 2.0 <= reading.container_s(path) < 2.1
    reading.assert_inside(path)


KEYFRAMES: dict[str, tuple[int, int, int]] = {  # every 60 frames, at 0, 2, 4 s
    "clip_720p.mp4#t=2": (60, 149, 90),
    "clip_720p.mp4#t=,4": (0, 119, 120),
    "clip_720p.mp4#t=2,4": (60, 119, 60),
    "clip_720p.mp4#t=1.99,4.01": (60, 119, 60),
    "moov_at_end.mp4#t=2,4": (60, 119, 60),
    "clip_720p_10s.mp4#t=4,8": (120, 239, 120),
}


@pytest.mark.parametrize("ref", KEYFRAMES)
def test_a_part_between_keyframes_is_copied(made: Made, media: Media, ref: str) -> None:
    path, entry = made(ref)
    first, last, count = KEYFRAMES[ref]
    assert [step.kind for step in entry.steps] == ["trim", "remux"]
    whole, kept = reading.packets(media(ref.partition("#")[0]), "video"), reading.packets(path, "video")
    assert kept == whole[first : last + 1]
    clocks = reading.clocks(path)
    assert (clocks[0], clocks[-1], len(clocks)) == (first, last, count)
    assert reading.container_s(path) == pytest.approx(count / 30, abs=0.03)
    assert reading.picture(path).duration_s == pytest.approx(count / 30, abs=0.001)
    with av.open(str(path)) as container:
        starts = [float((stream.start_time or 0) * stream.time_base) for stream in container.streams]  # type: ignore[operator]
    assert starts == pytest.approx([0.0, 0.0], abs=0.03)
    reading.assert_inside(path)


def test_the_sound_of_a_copied_part_is_of_the_same_seconds(made: Made) -> None:
    path, _ = made("clip_720p_10s.mp4#t=4,8")
    assert reading.sound(path).seconds_heard()[:3] == [4, 5, 6]


def test_a_part_of_a_file_in_fragments(made: Made) -> None:
    """Its first frame lasts longer, so the clock is a frame behind; what is asked for is still right to a frame."""
    path, _ = made("fragmented.mp4#t=1,3")
    clocks = reading.clocks(path)
    assert clocks[0] in (28, 29, 30)
    assert clocks[-1] in (88, 89, 90)


def test_the_sound_of_a_part_is_of_the_same_seconds(made: Made) -> None:
    path, _ = made("clip_720p_10s.mp4#t=3,7")
    heard = reading.sound(path)
    assert heard.seconds_heard()[:3] == [3, 4, 5]
    assert heard.duration_s == pytest.approx(4, abs=0.05)
    assert heard.pitch_hz(1.2, 1.8, channel=1) - heard.pitch_hz(1.2, 1.8) == pytest.approx(200, abs=3)


@pytest.mark.parametrize("ref", ["sync_720p.mp4#t=0.5,5.5", "sync_720p.mp4#t=1.25,5"])
def test_flash_and_beep_stay_together(made: Made, ref: str) -> None:
    path, _ = made(ref)
    start_s = float(ref.partition("t=")[2].partition(",")[0])
    bright = []
    for number, frame in enumerate(reading.frames(path)):
        # the red quadrant turns white in a flash
        red, green, blue = frame.to_image(width=160, height=90).getpixel((20, 12))
        bright.append((number / 30, min(green, blue) > 150 and red > 150))
    flashes = [time for (time, lit), (_, before) in zip(bright[1:], bright, strict=False) if lit and not before]
    heard = reading.sound(path)
    for flash in flashes:
        assert (flash + start_s + 0.5) % 1 == pytest.approx(0.5, abs=0.04)
        assert heard.loudest(flash - 0.2, flash - 0.05) < 0.05
        assert heard.loudest(flash + 0.02, flash + 0.08) > 0.3
    assert len(flashes) >= 3


def test_a_short_clip_is_held_silently(made: Made) -> None:
    path, entry = made("short_1s.mp4")
    assert reading.container_s(path) == pytest.approx(2.0, abs=0.001)
    assert [step.kind for step in entry.steps] == ["extend", "encode-video"]
    heard = reading.sound(path)
    assert heard.pitch_hz(0.2, 0.8) == pytest.approx(440, abs=3)
    if heard.duration_s > 1.1:
        assert heard.loudest(1.1, heard.duration_s) < 0.01


def test_a_short_clip_loops_when_asked(made: Made) -> None:
    path, _ = made("short_1s.mp4", short="loop")
    assert reading.clocks(path) == [*range(30), *range(30)]
    heard = reading.sound(path)
    assert heard.pitch_hz(0.2, 0.8) == pytest.approx(440, abs=3)
    assert heard.pitch_hz(1.2, 1.8) == pytest.approx(440, abs=3)


def test_a_short_clip_is_refused_when_asked(made: Made) -> None:
    with pytest.raises(NonCompliantError) as caught:
        made("short_1s.mp4", short="refuse")
    assert "video-too-short" in {finding.rule for finding in caught.value.findings}  # type: ignore[attr-defined]


def test_a_short_part_holds_its_own_last_frame(made: Made) -> None:
    """What comes after the part was not asked for and must not be seen or heard."""
    path, _ = made("clip_720p_10s.mp4#t=2,3")
    assert reading.clocks(path) == [*range(60, 90), *[89] * 30]
    heard = reading.sound(path)
    assert heard.pitch_hz(0.2, 0.8) == pytest.approx(480, abs=3)
    if heard.duration_s > 1.1:
        assert heard.loudest(1.1, heard.duration_s) < 0.01


def test_a_short_part_loops_when_asked(made: Made) -> None:
    path, _ = made("clip_720p_10s.mp4#t=2,3", short="loop")
    assert reading.clocks(path) == [*range(60, 90), *range(60, 90)]
    heard = reading.sound(path)
    assert heard.pitch_hz(1.2, 1.8) == pytest.approx(480, abs=3)


def test_a_variable_rate_becomes_constant_and_keeps_time(made: Made) -> None:
    """The clock of this one counts sixtieths of a second, with up to five of them between frames."""
    path, _ = made("vfr.mp4#xywh=0,0,1280,718")
    seen = reading.picture(path)
    assert seen.rate == 60
    frames = list(reading.frames(path))
    assert 356 <= len(frames) <= 360  # the sound is a little longer than the picture
    for number in range(0, 356, 7):
        image = frames[number].to_image()
        assert number - 6 <= read_clock(_as_before_crop(image)) <= number + 1


def test_a_picture_that_starts_late_stays_with_its_sound(made: Made, tmp_path: Path) -> None:
    encode_clip(tmp_path / "whole.mp4", seconds=3, sound=STAIRCASE)
    source_path, late = str(tmp_path / "whole.mp4"), str(tmp_path / "late.mp4")
    ffmpeg(
        *("-itsoffset", "0.7", "-i", source_path, "-i", source_path),
        *("-map", "0:v", "-map", "1:a", "-c", "copy", late),
    )
    path, _ = made(f"{late}#xywh=0,0,1280,718")
    frames = [frame.to_image() for frame in reading.frames(path)]
    # 1.7 s after the start the clock shows 30, and the second second is heard
    assert abs(read_clock(_as_before_crop(frames[51])) - 30) <= 1
    assert reading.sound(path).pitch_hz(1.2, 1.8) == pytest.approx(440, abs=3)


def _as_before_crop(image: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (image.width, image.height + 2))
    whole.paste(image, (0, 0))
    return whole


@pytest.mark.parametrize("part", ["t=3,5", "t=2,4"], ids=["encoded", "copied"])
def test_a_part_after_the_sound_has_ended_is_silent(made: Made, media: Media, tmp_path: Path, part: str) -> None:
    short, whole = str(tmp_path / "short.mp4"), str(media("clip_720p.mp4"))
    ffmpeg("-i", whole, "-t", "1.5", "-i", whole, *("-map", "0:v", "-map", "1:a", "-c", "copy", short))
    path, _ = made(f"{short}#{part}")
    start = round(float(part[2]) * 30)
    assert reading.clocks(path) == list(range(start, start + 60))
    heard = reading.sound(path)
    assert heard.loudest(0, heard.duration_s) < 0.001
    reading.assert_inside(path)


def test_a_sound_that_starts_late_stays_with_its_picture(made: Made, tmp_path: Path) -> None:
    encode_clip(tmp_path / "whole.mp4", seconds=3, sound=STAIRCASE)
    source_path, late = str(tmp_path / "whole.mp4"), str(tmp_path / "late.mkv")
    ffmpeg(
        *("-i", source_path, "-itsoffset", "0.7", "-t", "3", "-i", source_path),
        *("-map", "0:v", "-map", "1:a", "-c", "copy", late),
    )
    path, _ = made(f"{late}#xywh=0,0,1280,718")
    heard = reading.sound(path)
    assert heard.loudest(0, 0.65) < 0.01
    assert heard.pitch_hz(0.8, 1.6) == pytest.approx(400, abs=3)
    assert heard.pitch_hz(1.8, 2.6) == pytest.approx(440, abs=3)
