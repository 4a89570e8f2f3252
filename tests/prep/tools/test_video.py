"""What comes out of the video tool, judged by decoding all of it with PyAV."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from fixtures.clip import encode_clip
from fixtures.ffmpeg import ffmpeg
from fixtures.make import QUADRANTS, read_clock, read_quadrants
from fixtures.sound import STAIRCASE, source
from prep.errors import NonCompliantError, UsageError
from prep.model.manifest import ManifestEntry
from prep.model.media import VideoInfo
from tests.prep.tools import reading

Made = Callable[..., tuple[Path, ManifestEntry]]
Media = Callable[[str], Path]
UPRIGHT = tuple(QUADRANTS.values())


def _near(found: Any, wanted: Any, close: int) -> bool:
    return all(
        abs(a - b) <= close for one, two in zip(found, wanted, strict=True) for a, b in zip(one, two, strict=True)
    )


def _inside(path: Path) -> None:
    """What the endpoint asks of a video, literally (LIMITS.md)."""
    seen = reading.picture(path)
    width, height = seen.size
    assert seen.codec == "h264"
    assert seen.pixels == "yuv420p"
    assert seen.sar == 1 and not seen.turned
    assert 409_600 <= width * height <= 927_408
    assert min(width, height) >= 300 and max(width, height) <= 6000
    assert 0.4 <= width / height <= 2.5
    assert width % 2 == height % 2 == 0
    assert 24 <= seen.rate <= 60
    assert 2.0 <= seen.duration_s <= 15.0
    assert 2.0 <= reading.container_s(path) <= 15.0
    assert reading.atoms(path)[:2] == ["ftyp", "moov"]
    assert [track.codec for track in reading.tracks(path)] in (["h264", "aac"], ["h264"])


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
    _inside(path)
    assert isinstance(entry.output.info, VideoInfo)
    assert (entry.output.info.width, entry.output.info.height) == size


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
    _inside(path)


@pytest.mark.parametrize("ref", ["bt601_480p.mp4#t=0.5,2.5", "fps23976.mp4#t=1,3", "vfr.mp4#t=1.02,3.02"])
def test_two_seconds_of_any_rate_are_two_seconds(made: Made, ref: str) -> None:
    """59.94 frames of 29.97 fps: cut to 59 they would be too short for what is made, so there must be 60."""
    path, _ = made(ref)
    assert 2.0 <= reading.container_s(path) < 2.1
    _inside(path)


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
    _inside(path)


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


@pytest.mark.parametrize(
    ("ref", "aspect"),
    [
        ("sar_4_3.mp4", 1047 / 576),
        ("sar_1_2.mp4", 1.0),
        ("interlaced.mp4", 768 / 576),
        ("sar_1_2.mp4#t=0.5,2.5", 1.0),
        ("sar_1_2.mp4#xywh=0,0,720,700", 720 / 700),
        ("sar_4_3.mp4#xywh=percent:0,0,100,100", 1047 / 576),
    ],
)
def test_pixels_become_square(made: Made, ref: str, aspect: float) -> None:
    path, _ = made(ref)
    seen = reading.picture(path)
    assert seen.sar == 1
    assert seen.size[0] / seen.size[1] == pytest.approx(aspect, rel=0.006)
    _inside(path)


@pytest.mark.parametrize("fit", ["pad", "crop"])
def test_an_aspect_outside_the_limits(made: Made, fit: str) -> None:
    path, _ = made("wide_1280x400.mp4", fit=fit)
    image = reading.first_image(path)
    _inside(path)
    if fit == "crop":
        assert image.width / image.height == pytest.approx(2.5, abs=0.01)
        assert read_quadrants(image) == UPRIGHT
        return
    assert image.size == (1280, 512)
    inside = image.crop((0, 56, 1280, 456))
    assert read_quadrants(inside) == UPRIGHT
    assert read_clock(inside) == 0
    for bar in ((0, 0, 1280, 54), (0, 458, 1280, 512)):
        assert max(high for _, high in image.crop(bar).getextrema()) <= 6  # type: ignore[misc,union-attr]


@pytest.mark.parametrize(
    ("fragment", "corner", "colour"),
    [
        ("xywh=0,0,640,640", (0.1, 0.1), "top_left"),
        ("xywh=640,0,640,720", (0.9, 0.1), "top_right"),
        ("xywh=percent:50,25,50,75", (0.9, 0.6), "bottom_right"),
        ("xywh=percent:0,25,75,75", (0.1, 0.6), "bottom_left"),
        ("xywh=641,1,639,641", (0.9, 0.1), "top_right"),
    ],
)
def test_the_right_rectangle(made: Made, fragment: str, corner: tuple[float, float], colour: str) -> None:
    path, _ = made(f"clip_720p.mp4#t=0,2&{fragment}")
    image = reading.first_image(path)
    found = image.getpixel((int(image.width * corner[0]), int(image.height * corner[1])))
    assert _near([found], [QUADRANTS[colour]], 30)
    assert image.width * image.height >= 409_600
    _inside(path)


def test_the_right_rectangle_of_a_turned_video(made: Made) -> None:
    path, _ = made("portrait_rot90.mov#t=0,2&xywh=0,0,720,640")
    image = reading.first_image(path)
    assert image.width / image.height == pytest.approx(720 / 640, rel=0.01)
    assert _near([image.getpixel((image.width // 10, image.height // 2))], [QUADRANTS["top_left"]], 30)
    assert _near([image.getpixel((image.width * 9 // 10, image.height // 2))], [QUADRANTS["top_right"]], 30)


def test_a_rectangle_outside_the_picture(made: Made) -> None:
    with pytest.raises(UsageError, match=r"clip_720p\.mp4.*outside"):
        made("clip_720p.mp4#xywh=1000,0,640,640")


# Y, Cb, Cr of the card in BT.709 at limited range: matrices and ranges are converted, not only tagged.
@pytest.mark.parametrize(
    ("ref", "close"),
    [
        ("clip_720p.mp4#t=0.5,2.5", 4),
        ("full_range.mp4#t=0.5,2.5", 4),
        ("bt601_480p.mp4", 4),
        ("sar_4_3.mp4", 4),
        ("yuv422_10bit.mov#t=0.5,2.5", 4),
        ("vp9_alpha.webm", 4),
        ("hdr10.mp4#t=0.5,2.5", 40),
        ("hlg.mp4#t=0.5,2.5", 40),
    ],
)
def test_colours_are_bt709(made: Made, ref: str, close: int) -> None:
    path, _ = made(ref)
    assert _near(reading.raw_quadrants(path), reading.CARD_BT709, close)
    frame = next(reading.frames(path))
    assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)


def test_white_stays_white_after_tone_mapping(made: Made) -> None:
    """203 cd/m², the card's white, is SDR white; a plain conversion leaves it grey."""
    for name in ("hdr10.mp4", "hlg.mp4"):
        path, _ = made(f"{name}#t=0.5,2.5")
        white = reading.raw_quadrants(path)[3]
        assert white[0] > 200
        assert read_quadrants(reading.first_image(path)) == UPRIGHT


def test_interlaced_fields_are_woven_to_whole_frames(made: Made, media: Media) -> None:
    """Combing: neighbouring lines differ more than lines two apart, where something moves."""
    assert _combing(media("interlaced.mp4")) > 1.05
    path, _ = made("interlaced.mp4#t=0.5,3.5")
    assert _combing(path) < 0.95
    seen = reading.picture(path)
    assert (seen.rate, seen.frames) == (50, 150)  # each field is shown as a frame


def _combing(path: Path) -> float:
    near = far = 0
    for number, frame in enumerate(reading.frames(path)):
        if number % 10:
            continue
        plane, width, height = frame.planes[0], frame.width, frame.height
        data = bytes(plane)
        # the moving tile: in the middle, below 40 % of the height
        left, right = int(width * 0.35), int(width * 0.65)
        lines = [
            data[y * plane.line_size + left : y * plane.line_size + right]
            for y in range(int(height * 0.42), int(height * 0.55))
        ]
        for one, two, three in zip(lines, lines[1:], lines[2:], strict=False):
            near += sum(abs(a - b) for a, b in zip(one, two, strict=True))
            far += sum(abs(a - b) for a, b in zip(one, three, strict=True))
    return near / far


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


def _as_before_crop(image: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (image.width, image.height + 2))
    whole.paste(image, (0, 0))
    return whole


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
    _inside(path)


def test_another_soundtrack_keeps_the_picture(made: Made, media: Media) -> None:
    path, entry = made("opus_in_mp4.mp4")
    assert reading.packets(path, "video") == reading.packets(media("opus_in_mp4.mp4"), "video")
    heard = reading.sound(path)
    assert heard.codec == "aac"
    assert heard.pitch_hz(0.5, 2.5) == pytest.approx(440, abs=3)
    assert heard.pitch_hz(0.5, 2.5, channel=1) == pytest.approx(880, abs=3)
    assert [step.kind for step in entry.steps] == ["remux"]
    _inside(path)


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
    _inside(path)


def test_a_part_after_the_picture_is_refused(made: Made, media: Media, tmp_path: Path) -> None:
    _with_sound_of(media, tmp_path / "talk.mp4", 6)
    with pytest.raises(UsageError, match=r"talk\.mp4.*t=4.*3\.0"):
        made(f"{tmp_path}/talk.mp4#t=4,6")


def test_the_part_that_is_chosen_has_a_picture(made: Made, media: Media, tmp_path: Path) -> None:
    """18 s of sound over 3 s of picture."""
    _with_sound_of(media, tmp_path / "talk.mp4", 18)
    path, _ = made(f"{tmp_path}/talk.mp4")
    assert reading.clocks(path)[:90] == WHOLE_3S
    assert reading.picture(path).duration_s == pytest.approx(reading.container_s(path), abs=0.05)
    _inside(path)


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


def test_a_truncated_video_becomes_whole(made: Made) -> None:
    path, _ = made("truncated_tail.mp4")
    clocks = reading.clocks(path)
    assert clocks == list(range(len(clocks)))
    assert len(clocks) > 60
    assert reading.picture(path).duration_s == pytest.approx(len(clocks) / 30, abs=0.001)
    _inside(path)


@pytest.mark.parametrize("name", ["animated.gif", "animated.png"])
def test_an_animation_becomes_a_video(made: Made, name: str) -> None:
    path, _ = made(f"{name}#track=video")
    clocks = reading.clocks(path)
    assert clocks[:30] == [n // 3 for n in range(30)]
    assert set(clocks[30:]) == {9}
    assert [track.kind for track in reading.tracks(path)] == ["video"]
    _inside(path)


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
