"""Geometry on pixels, compared with Pillow doing one thing after the other on the whole picture."""

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from fixtures.card import card
from prep.media.image.transform import BAND_ROWS, TURNS, reshape, rows_of
from prep.model.plan import CropTo, Scale, Step

WHY = ("asked",)
STORED = (1501, 1100)  # odd, and more rows than a few bands
CROP = CropTo(x=101, y=57, width=803, height=777, because=WHY)
SCALE = Scale(width=640, height=620, because=WHY)


def _reference(image: Image.Image, orientation: int, crop: CropTo | None, scale: Scale | None) -> Image.Image:
    if orientation in TURNS:
        exif = Image.Exif()
        exif[0x0112] = orientation
        image = image.copy()
        image.getexif().load(exif.tobytes())
        image = ImageOps.exif_transpose(image)
    if crop is not None:
        image = image.crop((crop.x, crop.y, crop.x + crop.width, crop.y + crop.height))
    return image.resize((scale.width, scale.height), Image.Resampling.LANCZOS) if scale else image


@pytest.mark.parametrize("steps", [(CROP,), (SCALE,), (CROP, SCALE), ()], ids=["crop", "scale", "both", "turn"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_at_once_is_as_one_after_the_other(orientation: int, steps: tuple[Step, ...]) -> None:
    assert SCALE.height > 2 * BAND_ROWS
    image = card(STORED)
    crop, scale = (CROP if CROP in steps else None), (SCALE if SCALE in steps else None)
    wanted = _reference(image, orientation, crop, scale)
    made = reshape(rows_of(image), orientation, steps)
    assert made.size == wanted.size
    difference = ImageChops.difference(made, wanted)
    if scale is None:
        assert difference.getbbox() is None
    else:
        # the scaler sees what lies around a crop, so its edges differ; turned, it rounds across before down
        inside = difference.crop((4, 4, made.width - 4, made.height - 4))
        assert max(ImageStat.Stat(inside).mean) < 0.2
        assert orientation >= 5 or max(high for _, high in inside.getextrema()) <= 1  # type: ignore[misc]


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "CMYK"])
def test_bands_leave_no_seams(mode: str) -> None:
    image = card(STORED).convert(mode)
    made = reshape(rows_of(image), 1, (SCALE,))
    wanted = image.resize((SCALE.width, SCALE.height), Image.Resampling.LANCZOS)
    assert all(high <= 1 for _, high in (band.getextrema() for band in ImageChops.difference(made, wanted).split()))  # type: ignore[misc]
