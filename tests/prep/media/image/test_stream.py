"""Rows decoded one after the other: the same pixels as Pillow decodes at once."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.card import card, texture
from prep.media.image.color.srgb import simplify
from prep.media.image.stream import Damaged, find_damage, open_rows
from tests.types import Media

# odd, more rows than a band, no multiple of a block
SIZE = (301, 619)


def _drawn(mode: str) -> Image.Image:
    image = card(SIZE)
    if mode in ("LA", "RGBA"):
        image.putalpha(image.convert("L"))
    return image.convert("L").convert("I;16") if mode == "I;16" else image.convert(mode)


CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "4:2:0": ("RGB", "jpeg", {"subsampling": "4:2:0"}),
    "4:2:2": ("RGB", "jpeg", {"subsampling": "4:2:2"}),
    "4:4:4": ("RGB", "jpeg", {"subsampling": "4:4:4"}),
    "progressive": ("RGB", "jpeg", {"progressive": True}),
    "with restarts": ("RGB", "jpeg", {"restart_marker_rows": 1}),
    "not YCbCr": ("RGB", "jpeg", {"keep_rgb": True}),
    "grey JPEG": ("L", "jpeg", {}),
    "CMYK": ("CMYK", "jpeg", {}),
    "RGB": ("RGB", "png", {}),
    "RGBA": ("RGBA", "png", {}),
    "grey": ("L", "png", {}),
    "grey with alpha": ("LA", "png", {}),
    "palette": ("P", "png", {}),
    "palette of 16 colours, one transparent": ("P", "png", {"bits": 4, "transparency": 3}),
    "black and white": ("1", "png", {}),
    "16 bits": ("I;16", "png", {}),
    "one colour is transparent": ("RGB", "png", {"transparency": (255, 255, 255)}),
}


@pytest.mark.parametrize(("mode", "container", "options"), CASES.values(), ids=CASES)
def test_rows_are_those_that_pillow_decodes(mode: str, container: str, options: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "made"
    _drawn(mode).save(path, container, **options)
    with Image.open(path) as image:
        wanted = simplify(image)
        wanted.load()
    with open_rows(path, container) as rows:
        assert (rows.size, rows.mode) == (wanted.size, wanted.mode)
        for top, bottom in ((0, 256), (249, 512), (500, 619)):  # bands lean on the one before
            assert rows.take(top, bottom).tobytes() == wanted.crop((0, top, SIZE[0], bottom)).tobytes()


def test_cmyk_without_a_marker_is_read_as_pillow_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "made.jpg"
    _drawn("CMYK").save(path)
    data = path.read_bytes()
    at = data.index(b"\xff\xee")  # APP14, which says that the inks are inverted
    path.write_bytes(data[:at] + data[at + 16 :])
    with Image.open(path) as image, open_rows(path, "jpeg") as rows:
        assert rows.take(0, SIZE[1]).tobytes() == image.tobytes()


@pytest.mark.parametrize("divided", [2, 4, 8])
def test_a_jpeg_at_a_part_of_its_size_is_as_pillow_drafts_it(divided: int, tmp_path: Path) -> None:
    card((304, 640)).save(tmp_path / "made.jpg")
    with Image.open(tmp_path / "made.jpg") as image, open_rows(tmp_path / "made.jpg", "jpeg", divided) as rows:
        image.draft(None, (304 // divided, 640 // divided))
        assert rows.size == image.size == (304 // divided, 640 // divided)
        assert rows.take(0, image.height).tobytes() == image.tobytes()


@pytest.mark.parametrize("divided", [1, 2, 8])
def test_what_is_missing_in_the_last_rows_is_seen_at_any_size(divided: int, tmp_path: Path) -> None:
    texture((640, 480), seed=5).save(tmp_path / "made.jpg", subsampling="4:4:4")
    data = (tmp_path / "made.jpg").read_bytes()
    (tmp_path / "made.jpg").write_bytes(data[:-500] + data[-460:])
    with (
        open_rows(tmp_path / "made.jpg", "jpeg", divided) as rows,
        pytest.raises(Damaged, match="before the last pixel"),
    ):
        rows.take(0, rows.size[1])


def test_the_file_is_read_anew_each_time(tmp_path: Path) -> None:
    for color in ("red", "blue"):
        image = Image.new("RGB", (64, 64), color)
        image.save(tmp_path / "made.png")
        with open_rows(tmp_path / "made.png", "png") as rows:
            assert rows.take(0, 64).tobytes() == image.tobytes()


@pytest.mark.parametrize(
    "name", ["photo.jpg", "photo_orient6.jpg", "cmyk.jpg", "textured.jpg", "grey16.png", "palette.png"]
)
def test_a_sound_picture_has_no_damage(name: str, media: Media) -> None:
    assert find_damage(media(name), "png" if name.endswith(".png") else "jpeg") is None
