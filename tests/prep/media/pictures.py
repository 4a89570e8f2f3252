"""Pixels of images, read with Pillow directly."""

from pathlib import Path
from typing import Any

from PIL import Image

from fixtures.make import QUADRANTS

UPRIGHT = tuple(QUADRANTS.values())
RED, GREEN, BLUE, WHITE = UPRIGHT
# The nearest colour is not enough: these are off by no more than an encoder's rounding.
CLOSE = 12


def stored(path: Path) -> Image.Image:
    """The pixels as stored, no orientation applied."""
    with Image.open(path) as image:
        image.load()
        return image.copy()


def near(pixel: Any, wanted: tuple[int, ...], close: int = CLOSE) -> bool:
    return all(abs(a - b) <= close for a, b in zip(pixel, wanted, strict=True))


def exact_quadrants(image: Image.Image) -> bool:
    width, height = image.size
    spots = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    rgb = image.convert("RGB")
    pixels = [rgb.getpixel((round(width * x), round(height * y))) for x, y in spots]
    return all(near(pixel, wanted) for pixel, wanted in zip(pixels, UPRIGHT, strict=True))
