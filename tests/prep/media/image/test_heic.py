"""HEIC as phones make it and as others do: in tiles or whole, with and without colour and alpha; and cut short."""

from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageChops

from fixtures.card import card, card_with_hole
from prep.errors import UnreadableError
from tests.prep.media.pictures import stored
from tests.prep.probed import probe
from tests.types import Made, Media

SIZE = (1100, 800)  # three tiles across and two down, neither whole


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {}),
        ("RGB", {"chroma": 444}),
        ("RGB", {"matrix_coefficients": 1}),
        ("RGB", {"full_range_flag": 0}),
        ("L", {}),
    ],
    ids=["as phones do", "4:4:4", "BT.709", "limited range", "grey"],
)
@pytest.mark.parametrize("tiles", [{}, {"tile_size": 512}], ids=["whole", "tiles"])
def test_colours(made: Made, tmp_path: Path, mode: str, options: dict[str, Any], tiles: dict[str, Any]) -> None:
    image = card(SIZE).convert(mode)
    pillow_heif.from_pillow(image).save(tmp_path / "photo.heic", quality=90, **options, **tiles)
    difference = ImageChops.difference(stored(made(tmp_path / "photo.heic")[0]).convert("RGB"), image.convert("RGB"))
    histogram = difference.convert("L").point(lambda value: 255 * (value > 24)).histogram()
    assert histogram[255] < 0.02 * SIZE[0] * SIZE[1]  # coding blurs the edges


@pytest.mark.parametrize("tiles", [{}, {"tile_size": 512}], ids=["whole", "tiles"])
def test_alpha(made: Made, tmp_path: Path, tiles: dict[str, Any]) -> None:
    image = card_with_hole(SIZE)
    pillow_heif.from_pillow(image).save(tmp_path / "photo.heic", quality=90, **tiles)
    path, entry = made(tmp_path / "photo.heic")
    assert entry.source.info.has_alpha  # type: ignore[union-attr]
    alpha = stored(path).getchannel("A")
    assert ImageChops.difference(alpha, image.getchannel("A")).getextrema()[1] <= 2  # type: ignore[operator]


@pytest.mark.parametrize("name", ["photo.heic", "photo_grid.heic", "photo.avif"])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_truncated_file_is_refused_by_check(media: Media, tmp_path: Path, name: str, share: float) -> None:
    data = media(name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UnreadableError, match=name.replace(".", r"\.")):
        probe(tmp_path / name)


def test_appended_bytes_do_not_make_a_file_truncated(media: Media, tmp_path: Path) -> None:
    (tmp_path / "photo.heic").write_bytes(media("photo.heic").read_bytes() + b"SEFT" * 25)
    whole, appended = probe(media("photo.heic")), probe(tmp_path / "photo.heic")
    assert appended == whole.model_copy(update={"bytes": whole.bytes + 100, "private_metadata": ("appended data",)})


def test_a_heic_of_one_pixel_row_less_than_its_tiles(made: Made, tmp_path: Path) -> None:
    """The tiles at the edges are cropped by the grid around them."""
    image = Image.new("RGB", (1023, 511), "orange")
    pillow_heif.from_pillow(image).save(tmp_path / "photo.heic", quality=90, tile_size=512)
    assert stored(made(tmp_path / "photo.heic")[0]).size == (1023, 511)
