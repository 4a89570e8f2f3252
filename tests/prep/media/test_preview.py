"""Small pictures and waveforms, read back with Pillow."""

import base64
import os
import wave
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from fixtures.clip import BT601_525, BT709, Colour, encode_clip
from fixtures.make import QUADRANTS, read_clock, read_quadrants
from prep.errors import UnreadableError
from prep.inputs.parse import parse_reference
from prep.media.isolation.pool import isolation_of
from prep.media.preview import PICTURE_BYTES, STRIP, STRIP_BYTES, PreviewSource, preview, previews
from prep.model.preview import Preview, Thumbnail
from tests.prep.media.reading import sound
from tests.prep.probed import probe
from tests.types import Media

UPRIGHT = tuple(QUADRANTS.values())


def _decoded(thumbnail: Thumbnail | None) -> Image.Image:
    assert thumbnail is not None
    with Image.open(BytesIO(base64.b64decode(thumbnail.data, validate=True)), formats=("WEBP",)) as image:
        image.load()
    assert image.size == (thumbnail.width, thumbnail.height)
    return image


def _of(path: Path, moment_s: float | None = None) -> Preview:
    reference = parse_reference(str(path), lambda _: True)
    return preview(path, probe(path, reference.track), moment_s)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *((f"photo_orient{number}.jpg", (640, 427)) for number in range(1, 9)),
        ("photo.heic", (640, 427)),
        ("photo_display_p3.jpg", (640, 427)),
        ("photo.avif", (640, 427)),
        ("palette.png", (640, 480)),
        ("cmyk.jpg", (640, 427)),
        ("at_limit_300.png", (300, 300)),
        ("animated.gif", (640, 480)),
    ],
)
def test_images_are_upright_and_small(media: Media, name: str, size: tuple[int, int]) -> None:
    seen = _of(media(name))
    assert _decoded(seen.picture).size == size
    if name != "cmyk.jpg":  # its colours are another card's
        assert read_quadrants(_decoded(seen.picture)) == UPRIGHT
    assert (seen.strip, seen.wave) == ((), ())


def test_transparency_stays(media: Media) -> None:
    image = _decoded(_of(media("alpha.png")).picture)
    assert image.mode == "RGBA"
    assert image.getpixel((10, 10))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    "name",
    [
        "portrait_rot90.mov",
        "rot180.mp4",
        "rot270.mp4",
        "flip_h.mp4",
        "sar_1_2.mp4",
        "start_offset.ts",
        "no_duration.webm",
    ],
)
def test_videos_are_upright(media: Media, name: str) -> None:
    info, seen = probe(media(name)), _of(media(name))
    for thumbnail in (seen.picture, *seen.strip):
        image = _decoded(thumbnail)
        assert read_quadrants(image) == UPRIGHT
        assert image.width / image.height == pytest.approx(info.width / info.height, rel=0.03)  # type: ignore[union-attr]
    assert len(seen.strip) == STRIP


@pytest.mark.parametrize(("size", "colour"), [((1280, 720), BT709), ((854, 480), BT601_525)], ids=["hd", "sd"])
def test_without_tags_the_size_tells_the_matrix(tmp_path: Path, size: tuple[int, int], colour: Colour) -> None:
    """As it does where the clip is made anew: before and after show the same colours."""
    encode_clip(tmp_path / "bare.mp4", seconds=1, size=size, colour=colour, tags=Colour(*["unknown"] * 3), sound=None)
    shown = _of(tmp_path / "bare.mp4")
    for thumbnail in (shown.picture, *shown.strip):
        image = _decoded(thumbnail).convert("RGB")
        for (across, down), wanted in zip(((1, 1), (3, 1), (1, 3), (3, 3)), UPRIGHT, strict=True):
            seen = image.getpixel((image.width * across // 4, image.height * down // 4))
            assert isinstance(seen, tuple)
            assert seen == pytest.approx(wanted, abs=14)


def test_the_strip_goes_from_the_start_to_the_end(media: Media) -> None:
    """Black to 4 s of 20, frozen to 7, then moving: a picture for each 1.67 s, from the middle of them."""
    pictures = [_decoded(frame).convert("L") for frame in _of(media("scenes.mp4")).strip]
    light = [ImageStat.Stat(picture).mean[0] for picture in pictures]
    assert max(light[:2]) < 8 < min(light[2:])

    def difference(first: int, second: int) -> float:
        return ImageStat.Stat(ImageChops.difference(pictures[first], pictures[second])).mean[0]

    assert difference(2, 3) < 2 < min(difference(3, 4), difference(4, 5), difference(6, 7))


@pytest.mark.parametrize(("moment_s", "frame"), [(None, 75), (0.0, 0), (4.9, 147), (99.0, 149)])
def test_the_picture_is_that_of_a_moment(media: Media, moment_s: float | None, frame: int) -> None:
    image = _decoded(_of(media("clip_720p.mp4"), moment_s).picture)
    assert abs(read_clock(image) - frame) <= 8


def test_what_is_shown_of_a_damaged_clip_is_what_is_left(media: Media) -> None:
    seen = _of(media("truncated_tail.mp4"))
    assert read_quadrants(_decoded(seen.strip[0])) == UPRIGHT


def test_an_animation_as_a_video(media: Media) -> None:
    for name in ("animated.webp", "animated.gif"):
        path = media(name)
        seen = preview(path, probe(path, "video"))
        clocks = [read_clock(_decoded(frame).resize((640, 480))) for frame in (seen.strip[0], seen.strip[-1])]
        assert clocks[0] < clocks[1]


def test_a_wave_shows_where_it_is_silent(media: Media) -> None:
    """Silence to 3 s of 20, then sound to 5.6 s, and 0.9 s of silence."""
    seen = _of(media("silence_then_speech.wav"))
    assert len(seen.wave) == 240
    assert max(seen.wave[:35]) == 0
    assert min(seen.wave[38:65]) > 0.1
    assert max(seen.wave[69:76]) < 0.01


def test_a_wave_tells_how_loud_it_is(media: Media) -> None:
    for name in ("tone_5s.flac", "song_20s.mp3", "voice.mp3"):
        path = media(name)
        loudest = sound(path).loudest(0, probe(path).duration_s)  # type: ignore[union-attr]
        assert max(_of(path).wave) == pytest.approx(loudest, rel=0.25)


def test_a_long_sound_is_heard_in_places(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 8000 * 200)
        file.writeframes(b"\xff\x3f\x01\xc0" * 4000 * 200)
    seen = _of(path).wave
    assert max(seen[:119]) == 0
    assert min(seen[121:]) > 0.4


def test_noise_keeps_to_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    Image.frombytes("RGB", (640, 640), os.urandom(640 * 640 * 3)).save(path)
    picture = _of(path).picture
    assert picture is not None
    assert len(base64.b64decode(picture.data)) <= PICTURE_BYTES


def test_a_strip_of_noise_keeps_to_its_bytes(media: Media) -> None:
    seen = _of(media("noise_720p60.mp4"))
    assert all(len(base64.b64decode(frame.data)) <= STRIP_BYTES for frame in seen.strip)


def test_what_can_not_be_shown_is_empty(media: Media, tmp_path: Path) -> None:
    """The file went away, or changed, after it was probed."""
    info, sound = probe(media("photo.jpg")), probe(media("voice.mp3"))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(media("photo.jpg").read_bytes()[:3000])
    files = [(tmp_path / "gone.jpg", info), (broken, info), (media("text.mp4"), sound), (media("photo.jpg"), info)]
    seen = previews((PreviewSource(partial(Path, path), facts) for path, facts in files), isolation_of("process"))
    assert [(one.picture, one.strip, one.wave) for one in seen[:3]] == [(None, (), ())] * 3
    assert seen[3].picture


def test_what_can_not_be_had_says_why(media: Media) -> None:
    def fetched() -> Path:
        raise UnreadableError("https://h.example/a.jpg: too large")

    assert previews([PreviewSource(fetched, probe(media("photo.jpg")))], isolation_of("process")) == (
        Preview(why="https://h.example/a.jpg: too large"),
    )
