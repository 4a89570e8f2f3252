"""Geometry carried out on pixels: crop, scale, turn upright, pad. One picture of the source is in memory at a time."""

from collections.abc import Sequence
from math import ceil

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


def sized(image: Image.Image, orientation: int, divided: int, steps: Sequence[Step]) -> Image.Image:
    """Crop, scale and turn upright, in this order: what is turned is small by then.

    *image* is as stored, its sides divided by *divided*; the steps speak of the picture as displayed.
    """
    steps = tuple(steps)
    crop, scale = find(steps, CropTo), find(steps, Scale)
    # a PNG may carry an orientation that nobody planned for: only what the plan says is done
    orientation = orientation if find(steps, Orient) else 1
    whole = (0.0, 0.0, float(image.width), float(image.height))
    box = whole
    if crop is not None:
        stored = (image.width * divided, image.height * divided)
        left, top, right, bottom = (side / divided for side in stored_box(crop, orientation, stored))
        box = (left, top, min(right, image.width), min(bottom, image.height))
    if scale is not None:
        size = (scale.width, scale.height) if orientation < 5 else (scale.height, scale.width)
        image = _resampled(image, size, box)
    elif box != whole:
        image = image.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


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


def _resampled(image: Image.Image, size: tuple[int, int], box: Box) -> Image.Image:
    if image.mode in ("RGBA", "LA") or size[1] <= BAND_ROWS:
        return image.resize(size, Image.Resampling.LANCZOS, box)  # alpha is multiplied in for all of it at once
    scaled, (left, top, right, bottom) = Image.new(image.mode, size), box
    row_px = (bottom - top) / size[1]
    for row in range(0, size[1], BAND_ROWS):
        rows = min(BAND_ROWS, size[1] - row)
        # a little beyond the band is read as well, as long as it is in the picture: no seams
        band = (left, top + row * row_px, right, min(bottom, top + (row + rows) * row_px))
        scaled.paste(image.resize((size[0], rows), Image.Resampling.LANCZOS, band), (0, row))
    return scaled
