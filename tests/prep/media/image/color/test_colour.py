"""Colours of prepared pictures, read with Pillow."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageStat

from fixtures.card import card
from tests.prep.media.pictures import GREEN, exact_quadrants, near, stored
from tests.types import Made, Media


def test_sixteen_bits_are_scaled_not_clipped(made: Made) -> None:
    path, _ = made("grey16.png#xywh=0,0,800,300")
    image = stored(path).convert("L")
    row = [image.getpixel((x, 150)) for x in range(800)]
    wanted = [x * 255 // 799 for x in range(800)]
    assert max(abs(a - b) for a, b in zip(row, wanted, strict=True)) <= 2  # type: ignore[operator]


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_floating_point_is_scaled_by_its_own_range(made: Made, tmp_path: Path, top: float) -> None:
    """Grey in 32-bit floats goes to 1 in most programs, to 255 or 65535 in others; none of it may come out black."""
    grey = card((800, 600)).convert("L").convert("F").point(lambda value: value * (top / 255))
    grey.save(tmp_path / "float.tiff")
    path, _ = made(f"{tmp_path}/float.tiff")
    image = stored(path).convert("L")
    levels = [image.getpixel((x, y)) for x, y in ((200, 150), (600, 150), (200, 450), (600, 450))]
    assert levels == pytest.approx([76, 150, 29, 255], abs=4)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I", "I;16", "CMYK", "YCbCr", "LAB"])
def test_every_mode_of_tiff(made: Made, tmp_path: Path, mode: str) -> None:
    """Brightness must come out in the right order, whatever the samples are."""
    image = card((800, 600))
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        source = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    elif mode in ("I", "I;16"):
        source = image.convert("L").convert("I").point(lambda value: value * 257).convert(mode)
    else:
        source = image.convert(mode)
    assert source is not None
    source.save(tmp_path / "mode.tiff")
    path, _ = made(f"{tmp_path}/mode.tiff")
    grey = stored(path).convert("L")
    red, green, blue, white = (_mean(grey, x, y) for x, y in ((200, 150), (600, 150), (200, 450), (600, 450)))
    assert [red, green, blue, white] == pytest.approx([76, 150, 29, 255], abs=12)


def _mean(grey: Image.Image, x: int, y: int) -> float:
    return ImageStat.Stat(grey.crop((x - 30, y - 30, x + 30, y + 30))).mean[0]


def test_wide_gamut_becomes_srgb(made: Made, media: Media) -> None:
    """Read as sRGB without heeding a profile, the colours are those of the card."""
    with Image.open(media("photo_display_p3.jpg")) as source:
        assert not near(source.getpixel((1350, 300)), GREEN, 40)  # untreated it would be visibly off
    path, _ = made("photo_display_p3.jpg#xywh=0,0,1800,1190")
    image = stored(path)
    assert exact_quadrants(image)
    profile = image.info.get("icc_profile")
    assert profile is None or "sRGB" in ImageCms.getProfileDescription(ImageCms.getOpenProfile(BytesIO(profile)))


def test_wide_gamut_in_png_keeps_no_profile_of_the_source(made: Made, media: Media, tmp_path: Path) -> None:
    """A PNG that still carried Display P3 would be converted a second time by whoever heeds profiles."""
    with Image.open(media("photo_display_p3.jpg")) as source:
        source.save(tmp_path / "wide.tiff", icc_profile=source.info["icc_profile"])
    path, _ = made(tmp_path / "wide.tiff")
    image = stored(path)
    assert image.format != "TIFF"
    assert exact_quadrants(image)
    if profile := image.info.get("icc_profile"):
        assert "P3" not in ImageCms.getProfileDescription(ImageCms.getOpenProfile(BytesIO(profile)))


def test_transparency_survives_being_made_again(made: Made) -> None:
    path, _ = made("alpha.png#xywh=0,0,400,300")
    image = stored(path)
    assert image.mode == "RGBA"
    assert image.getpixel((20, 20))[3] == 0  # type: ignore[index]
    assert image.getpixel((200, 150)) == (255, 0, 0, 255)


def test_transparency_in_a_palette_survives_as_well(made: Made, tmp_path: Path) -> None:
    image = card((800, 600)).quantize(64)
    image.putpixel((0, 0), 63)
    image.paste(63, (0, 0, 100, 100))
    image.save(tmp_path / "palette.png", transparency=63)
    path, _ = made(f"{tmp_path}/palette.png#xywh=0,0,400,300")
    made_image = stored(path)
    assert made_image.mode == "RGBA"
    assert made_image.getpixel((20, 20))[3] == 0  # type: ignore[index]
    assert near(made_image.getpixel((200, 150)), (255, 0, 0, 255))
