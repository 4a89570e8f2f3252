"""Pictures to be filmed: each number is another scene, in light and in colour, that a camera can move over."""

from PIL import Image, ImageOps

from fixtures.card import texture

CELLS = (64, 18)
COLOURS = ("white", "orange", "skyblue", "violet")


def scene(number: int, size: tuple[int, int]) -> Image.Image:
    """Coarse, so that it stays when it is made small."""
    coarse = ImageOps.autocontrast(texture(CELLS, number).convert("L"), cutoff=10)
    return ImageOps.colorize(coarse, "black", COLOURS[number % len(COLOURS)]).resize(size, Image.Resampling.BICUBIC)
