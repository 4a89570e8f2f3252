"""Geometry of pixels: crop, scale, turn upright, pad; only the result is in memory, beside the source."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil, floor
from typing import NamedTuple

from PIL import Image, ImageColor

from prep.model.plan import CropTo, Pad, Scale, Step, find

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
# Rows made at once. Pillow scales a picture across and then down, with a whole picture in between. The C library keeps
# the memory of larger bands when they are freed.
BAND_ROWS = 64
LANCZOS_PX = 3
# Scaling takes about twice as long as decoding; more threads would only wait, each with a band in memory.
SCALING_THREADS = 2
# The orientations whose first stored row is displayed as the first row or the first column.
FROM_THE_START = (1, 2, 5, 8)


def divisor(stored: tuple[int, int], orientation: int, steps: Sequence[Step]) -> int:
    """The most (8, 4, 2 or 1) by which a JPEG's sides can be divided on decoding without loss for *steps*."""
    steps = tuple(steps)
    scale = find(steps, Scale)
    if scale is None:
        return 1
    left, top, right, bottom = stored_box(find(steps, CropTo), orientation, stored)
    width, height = (scale.width, scale.height) if orientation < 5 else (scale.height, scale.width)
    most = min((right - left) / width, (bottom - top) / height)
    # decoders differ in what they do with the remainder of a side
    return next((by for by in (8, 4, 2) if by <= most and stored[0] % by == stored[1] % by == 0), 1)


class Rows(NamedTuple):
    """A picture as stored: *take* returns the rows from one to another as an image of their own.

    It is called from one thread, for rows from top to bottom, a few of which it has returned before. *whole* is the
    picture itself where it is in memory anyway.
    """

    size: tuple[int, int]
    mode: str
    take: Callable[[int, int], Image.Image]
    whole: Image.Image | None = None


def rows_of(image: Image.Image) -> Rows:
    return Rows(image.size, image.mode, lambda top, bottom: image.crop((0, top, image.width, bottom)), image)


def reshape(rows: Rows, orientation: int, steps: Sequence[Step], divided: int = 1) -> Image.Image:
    """Crop, scale and turn upright at once, a band of rows at a time.

    The sides of *rows* have been divided by *divided*; *steps* refer to the picture as displayed with *orientation*.
    """
    steps = tuple(steps)
    crop, scale = find(steps, CropTo), find(steps, Scale)
    stored = stored_box(crop, orientation, (rows.size[0] * divided, rows.size[1] * divided))
    left, top, right, bottom = (side / divided for side in stored)
    size = (round(right - left), round(bottom - top))
    if scale is not None:
        size = (scale.width, scale.height) if orientation < 5 else (scale.height, scale.width)
    if rows.whole is not None and size == rows.size and orientation not in TURNS:
        return rows.whole
    return _in_bands(rows, size, (left, top, right, bottom), orientation)


def add_bars(image: Image.Image, pad: Pad) -> Image.Image:
    """The picture on its canvas; the bars of a picture with alpha are transparent."""
    canvas = Image.new(image.mode, (pad.width, pad.height))
    if pad.colors is not None:
        second = (pad.x, 0, pad.width, pad.height) if pad.x > pad.y else (0, pad.y, pad.width, pad.height)
        canvas.paste(ImageColor.getcolor(pad.colors[0], image.mode), (0, 0, pad.width, pad.height))
        canvas.paste(ImageColor.getcolor(pad.colors[1], image.mode), second)
    canvas.paste(image, (pad.x, pad.y))
    return canvas


def flatten(image: Image.Image, color: str) -> Image.Image:
    """The picture with *color* behind its transparent parts."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, color), image).convert("RGB")


def stored_box(crop: CropTo | None, orientation: int, stored: tuple[int, int]) -> Box:
    """The rectangle of the stored picture, *stored* in size, that is *crop* as displayed; None: all of it."""
    width, height = stored
    if crop is None:
        return (0, 0, width, height)
    corners = ((crop.x, crop.y), (crop.x + crop.width, crop.y + crop.height))
    points = [_stored_point(x, y, orientation, width, height) for x, y in corners]
    across, down = sorted(x for x, _ in points), sorted(y for _, y in points)
    return (across[0], down[0], across[1], down[1])


def _stored_point(x: float, y: float, orientation: int, width: int, height: int) -> tuple[float, float]:
    """The place in the stored picture of a displayed point, for each value of the EXIF tag (EXIF 2.32, 4.6.4)."""
    if orientation >= 5:
        x, y = y, x
    return width - x if orientation in (2, 3, 7, 8) else x, height - y if orientation in (3, 4, 6, 7) else y


def _in_bands(rows: Rows, size: tuple[int, int], box: Box, orientation: int) -> Image.Image:
    upright = size if orientation < 5 else (size[1], size[0])
    image, (left, top, right, bottom) = Image.new(rows.mode, upright), box
    row_px = (bottom - top) / size[1]
    scales = size != (right - left, bottom - top)
    margin = LANCZOS_PX * max(1.0, row_px) + 1 if scales else 0  # rows that the filter reads above and below its band

    def finish(band: Image.Image, first: float, last: float, count: int) -> Image.Image:
        if scales:
            band = band.resize((size[0], count), Image.Resampling.LANCZOS, (left, first, right, last))
        elif (left, right) != (0, band.width):
            band = band.crop((round(left), 0, round(right), count))
        return band.transpose(TURNS[orientation]) if orientation in TURNS else band

    def place(row: int, count: int, band: Future[Image.Image]) -> None:
        along = row if orientation in FROM_THE_START else size[1] - row - count
        image.paste(band.result(), (along, 0) if orientation >= 5 else (0, along))

    # the next band is decoded while others are scaled
    with ThreadPoolExecutor(max_workers=SCALING_THREADS) as pool:
        pending: deque[tuple[int, int, Future[Image.Image]]] = deque()
        for row in range(0, size[1], BAND_ROWS):
            count = min(BAND_ROWS, size[1] - row)
            first, last = top + row * row_px, min(bottom, top + (row + count) * row_px)
            above, below = max(0, floor(first - margin)), min(rows.size[1], ceil(last + margin))
            band = rows.take(above, below)
            pending.append((row, count, pool.submit(finish, band, first - above, last - above, count)))
            if len(pending) > SCALING_THREADS:
                place(*pending.popleft())
        for part in pending:
            place(*part)
    return image
