"""Geometry carried out on pixels: crop, scale, turn upright, pad; beside the source only the result is in memory."""

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import NamedTuple

from PIL import Image, ImageColor

from prep.model.plan import CropTo, Orient, Pad, Scale, Step, find

Box = tuple[float, float, float, float]

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Rows that are scaled at once. Pillow scales a picture across and then down, and keeps all of what is between.
BAND_ROWS = 256
LANCZOS_PX = 3
# The orientations whose first stored row is the first row, or the first column, of what is displayed.
FROM_THE_START = (1, 2, 5, 8)


def drafted(image: Image.Image, orientation: int, steps: Sequence[Step]) -> int:
    """Make a JPEG that is not decoded yet decode at a half, a quarter or an eighth, where that is still enough.

    Returns by what its sides are divided.
    """
    steps, size = tuple(steps), image.size
    scale = find(steps, Scale)
    if scale is None:
        return 1
    left, top, right, bottom = stored_box(find(steps, CropTo), orientation, size)
    wide, high = (scale.width, scale.height) if orientation < 5 else (scale.height, scale.width)
    most = min((right - left) / wide, (bottom - top) / high)
    if most < 2:
        return 1
    image.draft(None, (ceil(size[0] / most), ceil(size[1] / most)))
    return round(size[0] / image.size[0])


class Rows(NamedTuple):
    """A decoded picture as stored: *take* gives its rows from one to another, as an image of their own."""

    size: tuple[int, int]
    mode: str
    take: Callable[[int, int], Image.Image]


def rows_of(image: Image.Image) -> Rows:
    def take(top: int, bottom: int) -> Image.Image:
        return image if bottom - top == image.height else image.crop((0, top, image.width, bottom))

    return Rows(image.size, image.mode, take)


def sized(rows: Rows, orientation: int, divided: int, steps: Sequence[Step]) -> Image.Image:
    """Crop, scale and turn upright at once, a band of rows at a time.

    The sides of *rows* are divided by *divided*; the steps speak of the picture as displayed.
    """
    steps = tuple(steps)
    crop, scale = find(steps, CropTo), find(steps, Scale)
    orientation = orientation if find(steps, Orient) else 1
    width, height = rows.size
    box: Box = (0.0, 0.0, width, height)
    if crop is not None:
        stored = stored_box(crop, orientation, (width * divided, height * divided))
        left, top, right, bottom = (side / divided for side in stored)
        box = (left, top, min(right, width), min(bottom, height))
    if scale is not None:
        size = (scale.width, scale.height) if orientation < 5 else (scale.height, scale.width)
        if size != (box[2] - box[0], box[3] - box[1]):  # a JPEG may have been decoded at the very size
            return _resampled(rows, size, box, orientation)
    left, top, right, bottom = (round(side) for side in box)
    kept = rows.take(top, bottom)
    if (left, right) != (0, width):
        kept = kept.crop((left, 0, right, kept.height))
    return kept.transpose(TURNS[orientation]) if orientation in TURNS else kept


def padded(image: Image.Image, pad: Pad) -> Image.Image:
    """The picture on its canvas; what is transparent is padded with nothing."""
    canvas = Image.new(image.mode, (pad.width, pad.height))
    if pad.colors is not None:
        second = (pad.x, 0, pad.width, pad.height) if pad.x > pad.y else (0, pad.y, pad.width, pad.height)
        canvas.paste(ImageColor.getcolor(pad.colors[0], image.mode), (0, 0, pad.width, pad.height))
        canvas.paste(ImageColor.getcolor(pad.colors[1], image.mode), second)
    canvas.paste(image, (pad.x, pad.y))
    return canvas


def flattened(image: Image.Image, color: str) -> Image.Image:
    """What is transparent on *color*."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, color), image).convert("RGB")


def stored_box(crop: CropTo | None, orientation: int, stored: tuple[int, int]) -> Box:
    """The rectangle of the stored picture, *stored* in size, which is *crop* once it is turned; None: all of it."""
    width, height = stored
    if crop is None:
        return (0, 0, width, height)
    corners = ((crop.x, crop.y), (crop.x + crop.width, crop.y + crop.height))
    points = [_stored_point(x, y, orientation, width, height) for x, y in corners]
    across, down = sorted(x for x, _ in points), sorted(y for _, y in points)
    return (across[0], down[0], across[1], down[1])


def _stored_point(x: float, y: float, orientation: int, width: int, height: int) -> tuple[float, float]:
    """Where the displayed point is in the stored picture, for each value of the EXIF tag (EXIF 2.32, 4.6.4)."""
    match orientation:
        case 2:
            return width - x, y
        case 3:
            return width - x, height - y
        case 4:
            return x, height - y
        case 5:
            return y, x
        case 6:
            return y, height - x
        case 7:
            return width - y, height - x
        case 8:
            return width - y, x
        case _:
            return x, y


def _resampled(rows: Rows, size: tuple[int, int], box: Box, orientation: int) -> Image.Image:
    upright = size if orientation < 5 else (size[1], size[0])
    scaled, (left, top, right, bottom) = Image.new(rows.mode, upright), box
    row_px = (bottom - top) / size[1]
    beyond = LANCZOS_PX * max(1.0, row_px) + 1  # what the filter reads above and below its band
    for row in range(0, size[1], BAND_ROWS):
        count = min(BAND_ROWS, size[1] - row)
        first, last = top + row * row_px, min(bottom, top + (row + count) * row_px)
        above, below = max(0, floor(first - beyond)), min(rows.size[1], ceil(last + beyond))
        band = rows.take(above, below).resize(
            (size[0], count), Image.Resampling.LANCZOS, (left, first - above, right, last - above)
        )
        along = row if orientation in FROM_THE_START else size[1] - row - count
        turned = band.transpose(TURNS[orientation]) if orientation in TURNS else band
        scaled.paste(turned, (along, 0) if orientation >= 5 else (0, along))
    return scaled
