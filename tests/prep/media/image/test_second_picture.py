"""Files with a second picture in them: the first one counts."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageChops

from fixtures.card import card, read_quadrants
from fixtures.icc import DISPLAY_P3
from fixtures.second_pictures import gain_map_jpeg
from prep import check
from tests.prep.media import reading
from tests.prep.media.delta_e import delta_e, to_srgb
from tests.prep.media.pictures import UPRIGHT, stored
from tests.prep.probed import probe
from tests.types import Made, Media

PRIVATE = (b"Jane", b"SN0123", b"Exif", b"GPS", b"MPF", b"hdrgm")


def _second(path: Path) -> Image.Image:
    """The second picture, found by the start of another file inside the file."""
    data = path.read_bytes()
    second = Image.open(BytesIO(data[data.index(b"\xff\xd9\xff\xd8") + 2 :]))
    second.load()
    return second


@pytest.mark.parametrize("name", ["gain_map.jpg", "stereo.mpo"])
def test_the_fixtures_are_what_they_say(media: Media, name: str) -> None:
    second = _second(media(name))
    assert second.mode == ("L" if name == "gain_map.jpg" else "RGB")
    with Image.open(media(name)) as image:
        pictures: Any = image._getmp()  # type: ignore[attr-defined]
        entries = pictures[0xB002]
        data = media(name).read_bytes()
        start = data.index(b"MPF\0") + 4 + entries[1]["DataOffset"]
        assert data[start : start + 2] == b"\xff\xd8"
        assert len(data) == start + entries[1]["Size"]


def test_a_heic_with_a_gain_map_has_one(media: Media) -> None:
    heif: Any = pillow_heif.open_heif(media("gain_map.heic"))
    assert list(heif.info["aux"]) == ["urn:com:apple:photo:2020:aux:hdrgainmap"]


@pytest.mark.parametrize("name", ["gain_map.jpg", "gain_map.heic", "stereo.mpo"])
def test_it_is_one_picture_in_sdr(media: Media, name: str) -> None:
    info = probe(media(name)).model_dump()
    size = (600, 800) if name == "stereo.mpo" else (1800, 1200)
    assert (info["frames"], info["hdr"], info["has_alpha"]) == (1, None, False)
    assert (info["width"], info["height"]) == ((800, 600) if name == "stereo.mpo" else size)


def test_one_that_complies_goes_through(made: Made, media: Media) -> None:
    path, entry = made("gain_map.jpg")
    assert entry.steps == ()
    assert reading.sha256(path) == reading.sha256(media("gain_map.jpg"))


def test_what_the_second_picture_tells_is_told(media: Media) -> None:
    """The first one has no EXIF at all."""
    (finding,) = check([media("gain_map.jpg")]).findings
    assert (finding.rule, finding.actual) == ("image-private-metadata", "gps, serial number, owner")


def test_stripped_it_is_the_first_picture_alone(made: Made, media: Media) -> None:
    path, entry = made("gain_map.jpg", strip_metadata=True)
    assert [step.kind for step in entry.steps] == ["strip-metadata"]
    data = path.read_bytes()
    assert not [word for word in PRIVATE if word in data]
    assert data.count(b"\xff\xd8\xff") == 1
    with Image.open(media("gain_map.jpg")) as before, Image.open(path) as after:
        assert before.info["icc_profile"] == after.info["icc_profile"]
        assert ImageChops.difference(before, after).getbbox() is None
    assert reading.first_image(path).size == (1800, 1200)  # another decoder
    assert check([path]).findings == ()


@pytest.mark.parametrize("size", [(900, 700), (7000, 3000)], ids=["as it is", "decoded smaller"])
def test_made_anew_it_shows_the_first_picture(made: Made, tmp_path: Path, size: tuple[int, int]) -> None:
    """Its right half would be six times as bright by the map."""
    width, height = size
    patches = ((40, 60, 120), (200, 140, 110), (60, 60, 60), (70, 110, 60))
    picture = Image.new("RGB", size)
    for index, patch in enumerate(patches):
        picture.paste(patch, (width * index // 4, 0, width * (index + 1) // 4, height))
    gain_map_jpeg(picture, tmp_path / "patches.jpg")
    path, _ = made(f"{tmp_path}/patches.jpg#xywh=percent:0,0,100,95")
    image = stored(path)
    for index, patch in enumerate(patches):
        seen = image.getpixel((image.width * (2 * index + 1) // 8, image.height // 2))
        assert delta_e(seen, to_srgb(patch, DISPLAY_P3)) <= 2, patch  # type: ignore[arg-type]
    assert not [word for word in PRIVATE if word in path.read_bytes()]


def test_a_gain_map_in_a_heic_is_left_alone(made: Made, tmp_path: Path) -> None:
    path, entry = made("gain_map.heic")
    assert [step.kind for step in entry.steps] == ["encode-image"]
    image = stored(path)
    assert (path.suffix, image.mode, image.size) == (".jpg", "RGB", (1800, 1200))
    assert read_quadrants(image) == UPRIGHT
    untouched = card((1800, 1200))
    for x, y in ((450, 300), (1350, 300), (450, 900), (1350, 900)):
        assert delta_e(image.getpixel((x, y)), untouched.getpixel((x, y))) <= 2  # type: ignore[arg-type]


def test_of_a_stereo_pair_the_first(made: Made) -> None:
    path, entry = made("stereo.mpo")
    assert [step.kind for step in entry.steps] == ["orient", "encode-image"]
    image = stored(path)
    assert image.size == (800, 600)
    assert read_quadrants(image) == UPRIGHT
    assert not [word for word in PRIVATE if word in path.read_bytes()]


def test_an_index_of_pictures_that_says_nothing(made: Made, media: Media, tmp_path: Path) -> None:
    """Editors keep it and change what it counts; nobody is to be warned about it in Pillow's words."""
    data = bytearray(media("gain_map.jpg").read_bytes())
    at = data.index(b"MPF\0")
    data[at + 4 : at + 60] = bytes(56)
    (tmp_path / "odd.jpg").write_bytes(data)
    path, entry = made(tmp_path / "odd.jpg")
    assert entry.steps == () and path.read_bytes() == data


def test_the_second_picture_is_cut_off(made: Made, media: Media, tmp_path: Path) -> None:
    """The first one, which counts, is whole."""
    data = media("gain_map.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: data.index(b"\xff\xd9\xff\xd8") + 900])
    path, entry = made(tmp_path / "cut.jpg")
    assert entry.steps == ()
    assert read_quadrants(stored(path)) == UPRIGHT
