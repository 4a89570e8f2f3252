"""HEICs of tiles: the pixels that libheif gives, whatever is asked for and however they are turned."""

import struct
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageOps

from fixtures.card import card, texture
from prep import prepare
from prep.media.image.heif_grid import read_grid
from prep.media.image.heif_tiles import tiled
from prep.media.image.transform import sized

SIZE = (1100, 800)  # three tiles across and two down, neither whole


def _saved(path: Path, image: Image.Image, orientation: int = 1, **options: Any) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pillow_heif.from_pillow(image).save(path, quality=80, tile_size=512, exif=exif.tobytes(), **options)
    return path


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_pixels_are_those_of_libheif(orientation: int, tmp_path: Path) -> None:
    """It rounds otherwise, by a step. pillow_heif writes the turn into the file and libheif applies it."""
    path = _saved(tmp_path / "made.heic", card(SIZE), orientation)
    wanted = pillow_heif.open_heif(path).to_pillow()
    with tiled(path) as found:
        assert found is not None
        assert (found.orientation, found.displayed) == (orientation, wanted.size)
        made = sized(found.rows, found.orientation, ())
    assert made.size == wanted.size
    assert max(high for _, high in ImageChops.difference(made, wanted).getextrema()) <= 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("mode", "orientation", "options"),
    [
        ("L", 1, {}),
        ("RGBA", 1, {}),
        ("RGB", 1, {"chroma": 444}),
        ("RGB", 1, {"matrix_coefficients": 1}),
        ("RGB", 1, {"full_range_flag": 0}),
        ("RGB", 2, {}),
    ],
    ids=["grey", "transparent", "4:4:4", "BT.709", "limited range", "mirrored"],
)
def test_what_phones_do_not_make_is_left_to_libheif(
    mode: str, orientation: int, options: dict[str, Any], tmp_path: Path
) -> None:
    image = card(SIZE).convert(mode)
    path = _saved(tmp_path / "made.heic", image, orientation, **options)
    with tiled(path) as found:
        assert found is None or mode == "RGBA"
    manifest = prepare([path], out=tmp_path / "out")
    with Image.open(tmp_path / "out" / str(manifest.entries[0].output.path)) as made:
        upright = ImageOps.exif_transpose(made).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    wanted = pillow_heif.open_heif(path).to_pillow().convert("RGB")
    assert upright.size == wanted.size
    far = ImageChops.difference(upright, wanted).convert("L").point(lambda value: 255 * (value > 24)).histogram()[255]
    assert far < 0.02 * wanted.width * wanted.height


def test_a_broken_header_is_no_grid_rather_than_an_error(tmp_path: Path) -> None:
    path = _saved(tmp_path / "made.heic", Image.new("RGB", SIZE, "orange"))
    whole = path.read_bytes()
    for at in range(900):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        grid = read_grid(path)
        assert grid is None or len(grid.tiles) == grid.columns * grid.rows


def test_tiles_that_share_their_bytes_are_left_to_libheif(tmp_path: Path) -> None:
    """Six times the file would be in memory, of a wide picture 256 times."""
    path = _saved(tmp_path / "made.heic", Image.new("RGB", SIZE, "orange"))
    data, grid = path.read_bytes(), read_grid(path)
    assert grid is not None
    for start, length in grid.tiles:
        entry = struct.pack(">IHII", start, 1, 0, length)  # in one piece, which begins where the item does
        assert data.count(entry) == 1
        data = data.replace(entry, struct.pack(">IHII", 0, 1, 0, len(data)))
    path.write_bytes(data)
    assert read_grid(path) is None


def test_a_tile_that_does_not_decode_is_told(tmp_path: Path) -> None:
    path = _saved(tmp_path / "made.heic", texture(SIZE, seed=5))
    grid = read_grid(path)
    assert grid is not None
    offset, length = grid.tiles[4]
    data = bytearray(path.read_bytes())
    data[offset + 8 : offset + length] = bytes(length - 8)
    path.write_bytes(data)
    manifest = prepare([path], out=tmp_path / "out")
    assert [finding.rule for finding in manifest.findings] == ["image-damaged"]
