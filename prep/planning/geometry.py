"""Sizes: the rectangle kept, the scale and the canvas that bring a picture inside its limits. Displayed pixels."""

from collections.abc import Iterator
from math import ceil, floor, log, sqrt
from typing import Literal

from prep.errors import UsageError
from prep.model.limits import SideLimits, Value
from prep.model.media import ImageInfo, VideoInfo
from prep.model.plan import CropTo, Pad, Scale, Step
from prep.model.reference import Crop
from prep.rules.sides import check_sides

Size = tuple[int, int]
Point = tuple[int, int]

# The grid steps tried on either side of the ideal width, and the weight of a wrong aspect ratio against lost pixels.
REACH = 40
ASPECT_WEIGHT = 50
# A larger stretch is visible; a larger distance from the ideal size is a last resort.
MOST_STRETCH, MOST_SHIFT, NEVER = 0.005, 0.03, 10.0


class Target(Value):
    """The goal for a picture: inside *limits*, with sides that are multiples of *grid*.

    *fit* says what to do about a wrong aspect ratio; *because* goes into every step.
    """

    limits: SideLimits
    fit: Literal["pad", "crop"]
    grid: int
    because: tuple[str, ...]


def arrange(size: Size, selection: CropTo | None, target: Target, subject: Point | None = None) -> tuple[Step, ...]:
    """Plan at most one crop, one scale and one pad, in this order, that bring *size* to *target*.

    *selection* is the user's crop, which comes first; *subject* what a crop for the aspect ratio is put around, in
    pixels of the source, None: the middle. When no size is inside the limits the sides stay as they are, and the
    prediction shows the findings that remain.
    """
    width, height = (selection.width, selection.height) if selection else size
    around = (subject[0] - selection.x, subject[1] - selection.y) if subject and selection else subject
    layout = lay_out((width, height), target, around) or Layout()
    crop = layout.crop
    if selection and crop:
        reasons = (*selection.because, *crop.because)
        crop = crop.model_copy(update={"x": selection.x + crop.x, "y": selection.y + crop.y, "because": reasons})
    return tuple(step for step in (crop or selection, layout.scale, layout.pad) if step)


class Layout(Value):
    """The layout of a picture: crop, then scale, then pad. None: not needed."""

    crop: CropTo | None = None
    scale: Scale | None = None
    pad: Pad | None = None


def lay_out(source: Size, target: Target, subject: Point | None = None) -> Layout | None:
    """Bring *source* to *target*, never stretched; None when no size is inside the limits.

    Sides come out as multiples of the grid (2 for video, whose chroma is subsampled). The scale is as close to 1 as the
    limits allow, and the aspect ratio is kept within half a percent.
    """
    crop, because = None, target.because
    aspect = _nearest_aspect(source[0] / source[1], target.limits)
    if aspect is not None and target.fit == "crop":
        crop = _around_subject(source, aspect, because, subject or (source[0] // 2, source[1] // 2))
        source = crop.width, crop.height
        aspect = None
    best = _best_fit(source, aspect, target.limits, target.grid)
    if best is None:
        return None
    size, canvas = best
    scale = Scale(width=size[0], height=size[1], because=because) if size != source else None
    if canvas == size:
        return Layout(crop=crop, scale=scale)
    x, y = ((whole - side) // 2 // target.grid * target.grid for whole, side in zip(canvas, size, strict=True))
    return Layout(scale=scale, pad=Pad(width=canvas[0], height=canvas[1], x=x, y=y, because=because))


def resize(width: int, height: int, limits: SideLimits, grid: int) -> Size | None:
    """The size nearest to *width* × *height* inside *limits*, with the aspect ratio kept; None: there is none."""
    best = _best_fit((width, height), None, limits, grid)
    return best[0] if best else None


def _best_fit(source: Size, aspect: float | None, limits: SideLimits, grid: int) -> tuple[Size, Size] | None:
    """The size of the picture and of the canvas around it, which has *aspect* (None: the picture's own)."""
    ideal = _ideal_scale(*_exact_canvas(*source, aspect), limits)
    sizes = _sizes_around(source, ideal, grid)
    fits = [(size, canvas) for size in sizes if _inside(*(canvas := _canvas(size, aspect, grid)), limits, grid)]
    if not fits:
        return None
    return min(fits, key=lambda fit: _cost(source, fit[0], ideal, grid))


def _sizes_around(source: Size, ideal: float, grid: int) -> Iterator[Size]:
    """Sizes on the grid around *ideal* times *source*."""
    long, short = max(source), min(source)
    middle = round(long * ideal / grid)
    for along in range(max(1, middle - REACH), middle + REACH + 1):
        exact = along * short / long
        for across in {max(1, floor(exact)), ceil(exact)}:
            yield (along * grid, across * grid) if source[0] >= source[1] else (across * grid, along * grid)


def _cost(source: Size, size: Size, ideal: float, grid: int) -> float:
    """The distance from the ideal: first by more than a step, then by stretching, then by lost or added pixels."""
    stretch = abs(log(size[0] / size[1] * source[1] / source[0]))
    shift = abs(log(size[0] * size[1] / (source[0] * source[1] * ideal * ideal)))
    if ideal == 1.0 and all(abs(after - before) < grid for after, before in zip(size, source, strict=True)):
        return stretch - NEVER  # only the grid asks for a change
    return stretch * ASPECT_WEIGHT + shift + (NEVER if stretch > MOST_STRETCH else 0) + (shift > MOST_SHIFT)


def _exact_canvas(width: float, height: float, aspect: float | None) -> tuple[float, float]:
    """The smallest canvas, in parts of a pixel, that holds the picture and has *aspect* (None: the picture's own)."""
    if aspect is None:
        return width, height
    return (width, width / aspect) if width / height > aspect else (height * aspect, height)


def _canvas(size: Size, aspect: float | None, grid: int) -> Size:
    """The smallest canvas on the grid that holds *size* and is no narrower or wider than *aspect*."""
    across, down = _exact_canvas(*size, aspect)
    # a hair less, or 2.5 × 400 would be rounded up to a step more than 1000
    return ceil(across / grid - 1e-9) * grid, ceil(down / grid - 1e-9) * grid


def real_crop(crop: Crop | None, info: ImageInfo | VideoInfo) -> Crop | None:
    """*crop*, or None when it names the whole picture: then nothing is cropped."""
    if crop is None:
        return None
    across, down = (info.width / 100, info.height / 100) if crop.unit == "percent" else (1, 1)
    covers = crop.width * across >= info.width and crop.height * down >= info.height
    return None if covers and crop.x == crop.y == 0 and _fits(crop, info) else crop


def _fits(crop: Crop, info: ImageInfo | VideoInfo) -> bool:
    return crop.unit == "percent" or (crop.width <= info.width and crop.height <= info.height)


def asked_crop(crop: Crop, width: int, height: int, label: str) -> CropTo:
    """The user's rectangle in whole pixels. Raises UsageError when it reaches outside the picture."""
    across, down = (width / 100, height / 100) if crop.unit == "percent" else (1, 1)
    left, top = floor(crop.x * across + 1e-6), floor(crop.y * down + 1e-6)
    wide, high = max(1, round(crop.width * across)), max(1, round(crop.height * down))
    if crop.unit == "percent":
        wide, high = min(wide, width - left), min(high, height - top)
    if left + wide > width or top + high > height or wide < 1 or high < 1:
        raise UsageError(
            f"{label}: #xywh={crop.x:g},{crop.y:g},{crop.width:g},{crop.height:g} reaches outside the picture "
            f"({width}×{height})"
        )
    return CropTo(x=left, y=top, width=wide, height=high, because=("asked",))


def _inside(width: int, height: int, limits: SideLimits, grid: int) -> bool:
    return width % grid == 0 and height % grid == 0 and not check_sides("video", width, height, limits)


def _ideal_scale(width: float, height: float, limits: SideLimits) -> float:
    area, short, long = width * height, min(width, height), max(width, height)
    least = max(
        limits.min_side_px.value / short if limits.min_side_px else 0,
        sqrt(limits.min_area_px.value / area) if limits.min_area_px else 0,
    )
    most = min(
        limits.max_side_px.value / long if limits.max_side_px else float("inf"),
        sqrt(limits.max_area_px.value / area) if limits.max_area_px else float("inf"),
    )
    return min(max(1.0, least), most)


def _nearest_aspect(aspect: float, limits: SideLimits) -> float | None:
    """The aspect ratio to aim at when *aspect* is outside the limits; None when it is inside."""
    if limits.max_aspect and aspect > limits.max_aspect.value:
        return limits.max_aspect.value
    if limits.min_aspect and aspect < limits.min_aspect.value:
        return limits.min_aspect.value
    return None


def _around_subject(source: Size, aspect: float, because: tuple[str, ...], subject: Point) -> CropTo:
    """The largest rectangle of *aspect* in the picture, centred on *subject* as far as the edges allow."""
    width, height = source
    wide, high = (floor(height * aspect), height) if width / height > aspect else (width, floor(width / aspect))
    wide, high = max(1, wide), max(1, high)
    x, y = (
        min(max(0, at - side // 2), whole - side)
        for at, side, whole in ((subject[0], wide, width), (subject[1], high, height))
    )
    return CropTo(x=x, y=y, width=wide, height=high, because=because)
