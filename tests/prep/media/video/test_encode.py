"""Output of the video tool, judged by decoding all of it with PyAV."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fixtures.clip import encode_clip
from fixtures.ffmpeg import ffmpeg
from fixtures.make import QUADRANTS, read_clock, read_quadrants
from fixtures.sound import STAIRCASE, source
from prep.errors import UsageError
from prep.model.media import VideoInfo
from tests.prep.media import reading
from tests.types import Made, Media

UPRIGHT = tuple(QUADRANTS.values())


def _near(found: Any, wanted: Any, close: int) -> bool:
    return all(
        abs(a - b) <= close for one, two in zip(found, wanted, strict=True) for a, b in zip(one, two, strict=True)
    )


WHOLE_3S = list(range(90))
# size, rate, and the clock of every frame
REMADE: dict[str, tuple[tuple[int, int], str, list[int]]] = {
    "portrait_rot90.mov": ((720, 1280), "30", WHOLE_3S),
    "rot180.mp4": ((1280, 720), "30", WHOLE_3S),
    "rot270.mp4": ((720, 1280), "30", WHOLE_3S),
    "flip_h.mp4": ((1280, 720), "30", WHOLE_3S),
    "clip_1080p_20s.mp4": ((1280, 720), "30", list(range(447))),
    "fps10.mp4": ((1280, 720), "30", [n // 3 for n in range(150)]),
    "fps120.mp4": ((1280, 720), "60", list(range(0, 240, 2))),
    "fps23976.mp4": ((1280, 720), "24", list(range(120))),
    "short_1s.mp4": ((1280, 720), "30", [*range(30), *[29] * 30]),
    "prores_alpha.mov": ((1280, 720), "30", [*range(30), *[29] * 30]),
    "vp9_alpha.webm": ((1280, 720), "30", WHOLE_3S),
    "mjpeg_pcm.mov": ((744, 558), "30", list(range(60))),
    "no_duration.webm": ((744, 558), "30", WHOLE_3S),
    "bt601_480p.mp4": ((744, 558), "30000/1001", WHOLE_3S),
}


@pytest.mark.parametrize("name", REMADE)
def test_size_rate_and_every_frame(made: Made, name: str) -> None:
    path, entry = made(name, window="start")
    size, rate, clocks = REMADE[name]
    seen, count = reading.picture(path), len(clocks)
    assert (seen.size, seen.rate, seen.frames) == (size, Fraction(rate), count)
    assert reading.clocks(path) == clocks
    assert read_quadrants(reading.first_image(path)) == UPRIGHT
    assert seen.duration_s == pytest.approx(float(count / Fraction(rate)), abs=0.001)
    assert reading.container_s(path) - seen.duration_s < 0.03  # the sound does not outlast the picture
    assert len(reading.tracks(path)) == 2
    reading.assert_inside(path)
    assert isinstance(entry.output.info, VideoInfo)
    assert (entry.output.info.width, entry.output.info.height) == size


def test_noise_stays_under_its_bytes(made: Made) -> None:
    path, entry = made("noise_720p60.mp4#t=0.5,2.5")
    assert path.stat().st_size <= max(step.max_bytes for step in entry.steps if step.kind == "encode-video")
    assert path.stat().st_size < 50_000_000 / 15 * 2 * 3
    assert reading.picture(path).frames == 120
    assert read_clock(reading.first_image(path)) == 30


def test_the_default_soundtrack_is_the_one_that_is_kept(made: Made) -> None:
    path, _ = made("two_audio.mp4#t=0.5,2.5")
    assert reading.sound(path).pitch_hz(0.2, 1.8) == pytest.approx(1200, abs=3)


def test_surround_becomes_stereo(made: Made) -> None:
    path, _ = made("surround51.mp4#t=0.5,2.5")
    heard = reading.sound(path)
    assert (len(heard.channels), heard.codec) == (2, "aac")
    assert heard.loudest(0.2, 1.8) > 0.1


def test_mute_leaves_the_soundtrack_out_and_the_picture_alone(made: Made, media: Media) -> None:
    path, entry = made("clip_720p.mp4", mute=True)
    assert [track.kind for track in reading.tracks(path)] == ["video"]
    assert reading.packets(path, "video") == reading.packets(media("clip_720p.mp4"), "video")
    assert [step.kind for step in entry.steps] == ["mute", "remux"]


def test_mute_leaves_a_silent_video_byte_identical(made: Made, media: Media) -> None:
    path, entry = made("silent_720p.mp4", mute=True)
    assert reading.sha256(path) == reading.sha256(media("silent_720p.mp4"))
    assert entry.steps == ()


@pytest.mark.parametrize("name", ["h264_aac.mkv", "h264_aac.ts", "start_offset.ts"])
def test_another_container_keeps_the_picture(made: Made, media: Media, name: str) -> None:
    path, entry = made(name)
    assert [step.kind for step in entry.steps] == ["remux"]
    assert reading.atoms(path)[:2] == ["ftyp", "moov"]
    assert reading.clocks(path) == list(range(90))
    if name.endswith(".mkv"):
        assert reading.packets(path, "video") == reading.packets(media(name), "video")
        assert reading.packets(path, "audio") == reading.packets(media(name), "audio")
    assert reading.container_s(path) == pytest.approx(3, abs=0.05)
    assert reading.picture(path).rate == 30
    reading.assert_inside(path)


def test_another_soundtrack_keeps_the_picture(made: Made, media: Media) -> None:
    path, entry = made("opus_in_mp4.mp4")
    assert reading.packets(path, "video") == reading.packets(media("opus_in_mp4.mp4"), "video")
    heard = reading.sound(path)
    assert heard.codec == "aac"
    assert heard.pitch_hz(0.5, 2.5) == pytest.approx(440, abs=3)
    assert heard.pitch_hz(0.5, 2.5, channel=1) == pytest.approx(880, abs=3)
    assert [step.kind for step in entry.steps] == ["remux"]
    reading.assert_inside(path)


def _with_sound_of(media: Media, path: Path, seconds: float) -> None:
    """The 3 s of a picture with a soundtrack of another length."""
    ffmpeg(
        *("-t", "3", "-i", str(media("clip_720p.mp4")), *source(STAIRCASE, seconds)),
        *("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", str(path)),
    )


@pytest.mark.parametrize("fragment", ["#t=1,5", "#xywh=0,0,1280,718"])
def test_a_picture_that_ends_before_its_sound_is_held(made: Made, media: Media, tmp_path: Path, fragment: str) -> None:
    """What is made is measured by its picture as well: a part of 4 s has 4 s of it."""
    _with_sound_of(media, tmp_path / "talk.mp4", 6)
    path, _ = made(f"{tmp_path}/talk.mp4{fragment}")
    assert reading.picture(path).duration_s == pytest.approx(reading.container_s(path), abs=0.05)
    reading.assert_inside(path)


def test_a_part_after_the_picture_is_refused(made: Made, media: Media, tmp_path: Path) -> None:
    _with_sound_of(media, tmp_path / "talk.mp4", 6)
    with pytest.raises(UsageError, match=r"talk\.mp4.*t=4.*3 s"):
        made(f"{tmp_path}/talk.mp4#t=4,6")


def test_the_part_that_is_chosen_has_a_picture(made: Made, media: Media, tmp_path: Path) -> None:
    """18 s of sound over 3 s of picture."""
    _with_sound_of(media, tmp_path / "talk.mp4", 18)
    path, _ = made(f"{tmp_path}/talk.mp4")
    assert reading.clocks(path)[:90] == WHOLE_3S
    assert reading.picture(path).duration_s == pytest.approx(reading.container_s(path), abs=0.05)
    reading.assert_inside(path)


def test_a_truncated_video_becomes_whole(made: Made) -> None:
    path, _ = made("truncated_tail.mp4")
    clocks = reading.clocks(path)
    assert clocks == list(range(len(clocks)))
    assert len(clocks) > 60
    assert reading.picture(path).duration_s == pytest.approx(len(clocks) / 30, abs=0.001)
    reading.assert_inside(path)


@pytest.mark.parametrize("name", ["animated.gif", "animated.png"])
def test_an_animation_becomes_a_video(made: Made, name: str) -> None:
    path, _ = made(f"{name}#track=video")
    clocks = reading.clocks(path)
    assert clocks[:30] == [n // 3 for n in range(30)]
    assert set(clocks[30:]) == {9}
    assert [track.kind for track in reading.tracks(path)] == ["video"]
    reading.assert_inside(path)


def test_nothing_private_is_left_in_what_is_made(made: Made, media: Media) -> None:
    path, entry = made("gps.mov#t=0.5,2.5")
    assert b"+48.8582" in media("gps.mov").read_bytes()
    assert entry.source.info.private_metadata == ("gps",)
    data = path.read_bytes()
    assert b"48.8582" not in data and b"Camera 1" not in data and b"2024" not in data
    assert reading.tags(path) == {}


@pytest.mark.parametrize("fragment", ["", "#t=0.5,2.5"], ids=["copied", "encoded"])
def test_nothing_private_is_left_in_the_tracks_either(made: Made, tmp_path: Path, fragment: str) -> None:
    """Cameras and editors put names and places on tracks as well as on the file."""
    private = ("title=Jane Example", "artist=Jane Example", "location=+48.8582+002.2945/", "comment=Jane Example")
    named = [argument for tag in private for spec in ("", ":s:v", ":s:a") for argument in (f"-metadata{spec}", tag)]
    handlers = ["-metadata:s:v", "handler_name=Jane Example"]
    encode_clip(tmp_path / "named.mkv", seconds=3, output=(*named, *handlers))
    assert (tmp_path / "named.mkv").read_bytes().count(b"Jane Example") >= 2
    path, _ = made(f"{tmp_path}/named.mkv{fragment}")
    data = path.read_bytes()
    assert b"Jane Example" not in data
    assert b"48.8582" not in data


def test_chapters_subtitles_and_covers_do_not_come_along(made: Made) -> None:
    for name in ("subs_data.mp4", "cover_art.mp4"):
        path, _ = made(f"{name}#t=0.5,2.5")
        assert [track.kind for track in reading.tracks(path)] == ["video", "audio"]
        assert b"Second" not in path.read_bytes()


@pytest.mark.parametrize(("window", "start_s"), [("start", 0.0), ("middle", 1.275), ("end", 2.55)])
def test_which_part_of_a_video_is_kept_when_all_are_too_long(made: Made, window: str, start_s: float) -> None:
    """Twice 10 s share 14.9 s."""
    path, entry = made("clip_720p_10s.mp4", beside=("clip_720p_10s.mp4",), window=window)
    trim = next(step for step in entry.steps if step.kind == "trim")
    assert (trim.start_s, trim.because) == (pytest.approx(start_s, abs=0.02), ("videos-too-long",))
    clocks = reading.clocks(path)
    assert clocks == list(range(clocks[0], clocks[0] + 223))
    assert clocks[0] == pytest.approx(start_s * 30, abs=1)
    # 400 Hz and 40 Hz more for each second of the source
    assert reading.sound(path).pitch_hz(5.05 - start_s, 5.4 - start_s) == pytest.approx(600, abs=6)


def test_the_best_part_is_one_sharp_moving_shot(made: Made) -> None:
    """scenes.mp4: black to 4 s, frozen to 7, a shot to 9, a long sharp one to 17, a blurred one; the pitch climbs."""
    path, entry = made("scenes.mp4", beside=("clip_720p_10s.mp4",))
    trim = next(step for step in entry.steps if step.kind == "trim")
    heard = reading.sound(path)
    assert heard.pitch_hz(0.05, 0.25) >= 400 + 40 * 9 - 4
    assert trim.start_s + trim.duration_s <= 17.1
