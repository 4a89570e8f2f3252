"""A reference denotes the part and the crop that the user asked for, not the whole file."""

import pytest

from prep.errors import UsageError
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.reference import Crop, Part, Reference
from prep.planning.requested import asks_for_change, denoted
from tests.made import Item, audio, image, sources, video


def test_a_part_of_a_video() -> None:
    info = denoted(sources((video(duration_s=20, bytes=4_000_000), Part(start_s=5, end_s=10)))[0])
    assert isinstance(info, VideoInfo)
    assert (info.duration_s, info.bytes, info.width) == (5, 1_000_000, 1280)


def test_a_part_of_a_sound() -> None:
    info = denoted(sources((audio(20, bytes=400_000), Part(start_s=15)))[0])
    assert isinstance(info, AudioInfo)
    assert (info.duration_s, info.bytes) == (5, 100_000)


def test_a_rectangle() -> None:
    info = denoted(sources((image(1000, 800), Crop(unit="percent", x=0, y=0, width=50, height=100)))[0])
    assert isinstance(info, ImageInfo)
    assert (info.width, info.height) == (500, 800)


def test_both() -> None:
    asked = Reference(location="a", part=Part(start_s=0, end_s=2), crop=Crop(x=0, y=0, width=640, height=700))
    info = denoted(sources((video(duration_s=8), asked))[0])
    assert isinstance(info, VideoInfo)
    assert (info.width, info.height, info.duration_s) == (640, 700, 2)


@pytest.mark.parametrize("info", [image(), video(), audio()], ids=lambda info: info.kind)
def test_the_whole_file(info: ImageInfo | VideoInfo | AudioInfo) -> None:
    (source,) = sources(info)
    assert denoted(source) == info
    assert not asks_for_change(source)


def test_a_part_that_is_the_whole_file() -> None:
    (source,) = sources((video(duration_s=5), Part(start_s=0, end_s=5)))
    assert denoted(source) == source.info
    assert not asks_for_change(source)


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
    assert asks_for_change(sources(item)[0])


def test_a_sound_that_is_one_already() -> None:
    assert not asks_for_change(sources((audio(), Reference(location="a.mp3", track="audio")))[0])


def test_what_is_not_there() -> None:
    with pytest.raises(UsageError):
        denoted(sources((video(duration_s=5), Part(start_s=5)))[0])
    with pytest.raises(UsageError):
        denoted(sources((image(100, 100), Crop(x=90, y=0, width=20, height=20)))[0])
