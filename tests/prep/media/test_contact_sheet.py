"""Contact sheets, read by Pillow: one cell for each file, with its picture in it."""

import base64
import io

import pytest
from PIL import Image

from prep.media.contact_sheet import contact_sheet
from prep.model.preview import Preview, Thumbnail

COLOURS = ("#ff0000", "#00ff00", "#0000ff", "#ffff00")


def thumbnail(colour: str, size: tuple[int, int] = (160, 120)) -> Thumbnail:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "WEBP", lossless=True)
    return Thumbnail(width=size[0], height=size[1], data=base64.b64encode(file.getvalue()).decode())


def sheet(*previews: Preview, caption: str = "@Image1") -> Image.Image:
    image = Image.open(io.BytesIO(contact_sheet([(caption, preview) for preview in previews])))
    assert image.format == "JPEG"
    return image.convert("RGB")


def near(pixel: object, colour: str) -> bool:
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize(
    ("number", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (16, 4), (17, 5), (30, 5)]
)
def test_every_file_has_a_cell(number: int, columns: int) -> None:
    image = sheet(*(Preview(picture=thumbnail(COLOURS[index % 4])) for index in range(number)))
    assert image.width <= 1500
    step = image.width // columns
    rows = -(-number // columns)
    height = image.height // rows
    for index in range(number):
        place = (index % columns * step + step // 2, index // columns * height + height // 2 - 10)
        assert near(image.getpixel(place), COLOURS[index % 4])


@pytest.mark.parametrize(
    ("size", "places"),
    [
        ((160, 120), [(0.25, 0.25), (0.75, 0.25), (0.25, 0.7), (0.75, 0.7)]),
        ((90, 160), [(0.125, 0.45), (0.375, 0.45), (0.625, 0.45), (0.875, 0.45)]),
    ],
    ids=["wide", "tall"],
)
def test_a_video_shows_four_moments_in_order(size: tuple[int, int], places: list[tuple[float, float]]) -> None:
    strip = tuple(thumbnail(colour, size) for colour in COLOURS for _ in range(3))
    image = sheet(Preview(picture=thumbnail("#000000"), strip=strip))
    for (x, y), colour in zip(places, COLOURS, strict=True):
        assert near(image.getpixel((int(image.width * x), int(image.height * y))), colour)


def test_a_sound_shows_its_wave_and_a_file_without_preview_says_so() -> None:
    loud, quiet = sheet(Preview(wave=(1.0,) * 240)), sheet(Preview(wave=(0.0,) * 240))
    assert _dark(loud) > 50 * _dark(quiet)
    assert _dark(sheet(Preview(), caption="")) > 0


@pytest.mark.parametrize("caption", ["@Image1 " + "wide " * 200, "@Image1 写真.jpg", "@Image1 café", ""])
def test_any_caption_fits(caption: str) -> None:
    image = sheet(Preview(picture=thumbnail("#ffffff", (400, 300))), caption=caption)
    right = image.crop((image.width - 8, 0, image.width, image.height))
    assert _dark(right) == 0
    assert (_dark(image) > 0) == bool(caption)


def _dark(image: Image.Image) -> int:
    """The number of pixels that are ink or bars."""
    return sum(image.convert("L").histogram()[:150])
