"""Patches of known colour through every way that a file can say what its samples mean."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.icc import ADOBE_RGB, DISPLAY_P3, REC_2020, RgbSpace, ink_lab, ink_profile, rgb_profile
from tests.prep.media.delta_e import Triple, delta_e, lab_difference, lab_to_srgb, to_srgb
from tests.prep.media.pictures import stored
from tests.types import Made

# In sRGB and out of it, dark and bright, and greys, which must stay grey.
PATCHES = [
    *itertools.product((0, 128, 255), repeat=3),
    (60, 60, 60),
    (16, 16, 16),
    (200, 140, 110),
    (70, 110, 60),
    (40, 60, 120),
]
PATCH = 40


def _patches(colors: list[tuple[int, ...]], mode: str) -> Image.Image:
    """One row of patches on 400 rows, so that no side is too short."""
    image = Image.new(mode, (PATCH * len(colors), 700))
    for index, color in enumerate(colors):
        image.paste(color, (index * PATCH, 0, (index + 1) * PATCH, 700))
    return image


def _seen(path: Path, count: int) -> list[Any]:
    image = stored(path).convert("RGB")
    return [image.getpixel((index * PATCH + PATCH // 2, 350)) for index in range(count)]


@pytest.mark.parametrize(
    ("first", "second", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_measure_itself(first: Triple, second: Triple, difference: float) -> None:
    """Pairs from the paper's own table."""
    assert lab_difference(first, second) == pytest.approx(difference, abs=0.0001)


@pytest.mark.parametrize("space", [DISPLAY_P3, ADOBE_RGB, REC_2020], ids=lambda space: space.name)
@pytest.mark.parametrize("suffix", [".tiff", ".png", ".jpg"])
def test_wide_gamut_comes_out_as_srgb(made: Made, tmp_path: Path, space: RgbSpace, suffix: str) -> None:
    source = tmp_path / f"patches{suffix}"
    options: dict[str, Any] = {"quality": 100, "subsampling": 0} if suffix == ".jpg" else {}
    _patches(list(PATCHES), "RGB").save(source, icc_profile=rgb_profile(space), **options)
    path, _ = made(f"{source}#xywh=0,0,{PATCH * len(PATCHES)},600")
    for seen, patch in zip(_seen(path, len(PATCHES)), PATCHES, strict=True):
        assert delta_e(seen, to_srgb(patch, space)) <= 2, patch


@pytest.mark.parametrize("suffix", [".jpg", ".tiff"])
def test_inks_come_out_as_they_print(made: Made, tmp_path: Path, suffix: str) -> None:
    """Every combination of full inks, of which the profile says what it shows."""
    inks = list(itertools.product((0, 1), repeat=4))
    image = _patches([tuple(ink * 255 for ink in four) for four in inks], "CMYK")
    options: dict[str, Any] = {"quality": 100, "subsampling": 0} if suffix == ".jpg" else {}
    image.save(tmp_path / f"inks{suffix}", icc_profile=ink_profile(), **options)
    path, _ = made(f"{tmp_path}/inks{suffix}#xywh=0,0,{PATCH * 16},600")
    for seen, four in zip(_seen(path, 16), inks, strict=True):
        assert delta_e(seen, lab_to_srgb(ink_lab(*four))) <= 2, four


def test_grey_with_alpha_and_a_profile(made: Made, tmp_path: Path) -> None:
    """A profile of three channels on a picture of one: what has no colour stays grey, and the alpha as it was."""
    image = Image.new("LA", (600, 400), (120, 255))
    image.paste((40, 128), (0, 0, 300, 400))
    image.save(tmp_path / "grey.png", icc_profile=rgb_profile(DISPLAY_P3))
    path, _ = made(f"{tmp_path}/grey.png#xywh=0,0,600,380")
    made_image = stored(path)
    assert made_image.mode == "RGBA"
    assert made_image.getpixel((450, 200)) == (120, 120, 120, 255)
    assert made_image.getpixel((150, 200)) == (40, 40, 40, 128)


def test_ycck(made: Made, tmp_path: Path) -> None:
    """Inks as brightness and colour, which only the marker says: transform 2."""
    colors = [(255, 255, 255), (255, 0, 0), (0, 160, 80), (128, 128, 128)]
    inks = [tuple(255 - value for value in color) for color in colors]
    coded = [Image.new("RGB", (1, 1), three).convert("YCbCr").tobytes() for three in inks]
    # Pillow writes inverted what it is given; of black ink there is none
    image = _patches([(*(255 - value for value in three), 0) for three in coded], "CMYK").resize((800, 700))
    image.save(tmp_path / "inks.jpg", quality=100, subsampling=0)
    data = bytearray((tmp_path / "inks.jpg").read_bytes())
    data[data.index(b"Adobe") + 11] = 2
    (tmp_path / "inks.jpg").write_bytes(data)
    path, _ = made(f"{tmp_path}/inks.jpg#xywh=0,0,800,690")
    made_image = stored(path)
    for index, color in enumerate(colors):
        assert delta_e(made_image.getpixel((200 * index + 100, 300)), color) < 4  # type: ignore[arg-type]


@pytest.mark.parametrize("marker", [True, False], ids=["Adobe marker", "none"])
def test_cmyk_with_and_without_its_marker(made: Made, tmp_path: Path, marker: bool) -> None:
    """Browsers take both for inverted, as Photoshop writes them."""
    image = _patches([(0, 0, 0, 0), (0, 255, 255, 0), (0, 0, 0, 255)], "CMYK").resize((600, 700))
    image.save(tmp_path / "inks.jpg", quality=100, subsampling=0)
    data = (tmp_path / "inks.jpg").read_bytes()
    at = data.index(b"\xff\xee")
    if not marker:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        (tmp_path / "inks.jpg").write_bytes(data[:at] + data[end:])
    path, _ = made(f"{tmp_path}/inks.jpg#xywh=0,0,600,690")
    made_image = stored(path)
    for x, wanted in ((100, (255, 255, 255)), (300, (255, 0, 0)), (500, (0, 0, 0))):
        assert delta_e(made_image.getpixel((x, 300)), wanted) < 4  # type: ignore[arg-type]
