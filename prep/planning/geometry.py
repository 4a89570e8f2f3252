"""Sizes: the rectangle kept, the scale and the canvas that bring a picture inside its limits. Displayed pixels."""

from math import ceil, floor, log, sqrt
from typing import Literal

from prep.errors import UsageError
from prep.model.limits import SideLimits, Value
from prep.model.plan import CropTo, Pad, Scale, Step
from prep.model.reference import Crop
from prep.rules.sides import check_sides

# How many grid steps around the ideal width are tried, and how much more a wrong aspect ratio weighs than lost pixels.
REACH = 40
ASPECT_WEIGHT = 50


def arrange(
    size: tuple[int, int],
    asked: Crop | None,
    limits: SideLimits,
    fit: Literal["pad", "crop"],
    grid: int,
    because: tuple[str, ...],
    label: str,
) -> tuple[Step, ...]:
    """The steps from *size* to one inside *limits*: at most one crop, one scale, one pad, in this order.

    *asked* is the user's crop, which comes first. When no size is inside the limits the sides stay as they are, and the
    prediction shows what stands. Raises UsageError when *asked* reaches outside the picture.
    """
    kept = asked_crop(asked, *size, label) if asked else None
    width, height = (kept.width, kept.height) if kept else size
    layout = lay_out(width, height, limits, fit, grid, because) or Layout()
    crop = layout.crop
    if kept and crop:
        reasons = (*kept.because, *crop.because)
        crop = crop.model_copy(update={"x": kept.x + crop.x, "y": kept.y + crop.y, "because": reasons})
    return tuple(step for step in (crop or kept, layout.scale, layout.pad) if step)


class Layout(Value):
    """How a picture is laid out: crop, then scale, then pad. None: that is not needed."""

    crop: CropTo | None = None
    scale: Scale | None = None
    pad: Pad | None = None


def lay_out(
    width: int, height: int, limits: SideLimits, fit: Literal["pad", "crop"], grid: int, because: tuple[str, ...]
) -> Layout | None:
    """Bring *width* × *height* inside *limits*, never stretched; None when no size is inside.

    Sides come out as multiples of *grid* (2 for video, whose chroma is subsampled). The scale is as close to 1 as the
    limits allow, and the aspect ratio is kept within half a percent.
    """
    crop, canvas = None, (width, height)
    aspect = _nearest_aspect(width / height, limits)
    if aspect is not None and fit == "crop":
        crop = _centred(width, height, aspect, because)
        width, height = canvas = crop.width, crop.height
    elif aspect is not None:
        canvas = (width, ceil(width / aspect)) if width / height > aspect else (ceil(height * aspect), height)
    size = resize(*canvas, limits, grid)
    if size is None:
        return None
    if canvas == (width, height):
        scale = Scale(width=size[0], height=size[1], because=because) if size != (width, height) else None
        return Layout(crop=crop, scale=scale)
    content = _content(width, height, size, grid)
    x, y = ((size[0] - content[0]) // 2 // grid * grid, (size[1] - content[1]) // 2 // grid * grid)
    return Layout(
        scale=Scale(width=content[0], height=content[1], because=because) if content != (width, height) else None,
        pad=Pad(width=size[0], height=size[1], x=x, y=y, because=because),
    )


def resize(width: int, height: int, limits: SideLimits, grid: int) -> tuple[int, int] | None:
    """The size nearest to *width* × *height* inside *limits*, with the aspect ratio kept; None: there is none."""
    if _inside(width, height, limits, grid):
        return width, height
    ideal = _ideal_scale(width, height, limits)
    middle = round(width * ideal / grid)
    best: tuple[float, tuple[int, int]] | None = None
    for across in range(max(1, middle - REACH), middle + REACH + 1):
        exact = across * grid * height / width / grid
        for down in {max(1, floor(exact)), ceil(exact)}:
            size = across * grid, down * grid
            if not _inside(*size, limits, grid):
                continue
            stretched = abs(log(size[0] / size[1] * height / width))
            moved = abs(log(size[0] * size[1] / (width * height * ideal * ideal)))
            cost = stretched * ASPECT_WEIGHT + moved
            if best is None or cost < best[0]:
                best = cost, size
    return best[1] if best else None


def asked_crop(crop: Crop, width: int, height: int, label: str) -> CropTo:
    """The user's rectangle in whole pixels. Raises UsageError when it reaches outside the picture."""
    across, down = (width / 100, height / 100) if crop.unit == "percent" else (1, 1)
    left, top = floor(crop.x * across + 1e-6), floor(crop.y * down + 1e-6)
    wide, high = max(1, round(crop.width * across)), max(1, round(crop.height * down))
    if crop.unit == "percent":
        wide, high = min(wide, width - left), min(high, height - top)
    if left + wide > width or top + high > height or wide < 1 or high < 1:
        raise UsageError(
            f"{label}: xywh={crop.x:g},{crop.y:g},{crop.width:g},{crop.height:g} reaches outside the picture, "
            f"which is {width}×{height}"
        )
    return CropTo(x=left, y=top, width=wide, height=high, because=("asked",))


def _inside(width: int, height: int, limits: SideLimits, grid: int) -> bool:
    return width % grid == 0 and height % grid == 0 and not check_sides("video", width, height, limits)


def _ideal_scale(width: int, height: int, limits: SideLimits) -> float:
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


def _centred(width: int, height: int, aspect: float, because: tuple[str, ...]) -> CropTo:
    wide, high = (floor(height * aspect), height) if width / height > aspect else (width, floor(width / aspect))
    return CropTo(
        x=(width - wide) // 2, y=(height - high) // 2, width=max(1, wide), height=max(1, high), because=because
    )


def _content(width: int, height: int, canvas: tuple[int, int], grid: int) -> tuple[int, int]:
    """The size of the picture on its canvas: as large as fits, on the grid."""
    scale = min(canvas[0] / width, canvas[1] / height)
    across, down = (max(1, round(side * scale / grid)) * grid for side in (width, height))
    return min(across, canvas[0]), min(down, canvas[1])
