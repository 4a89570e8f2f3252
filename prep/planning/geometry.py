"""Sizes: the crop, the scale and the canvas that bring a picture inside its limits. In displayed pixels."""

from collections.abc import Iterator
from math import ceil, floor, log, sqrt
from typing import Literal

from prep.model.color import BLACK, Color
from prep.model.limits import SideLimits
from prep.model.media import ImageInfo, VideoInfo
from prep.model.plan import CropTo, Pad, Scale, Step
from prep.model.source import Source
from prep.model.value import Value
from prep.planning.requested import requested_crop
from prep.rules.sides import check_sides

Size = tuple[int, int]
Point = tuple[int, int]

SUBJECT_NOTES = {
    "face": "around the face",
    "motion": "around what moves",
    "saliency": "around the area that stands out",
    "only-saliency": "around the area that stands out; the extra smartcrop would look for faces first",
}
# The grid steps tried on either side of the ideal size.
REACH = 40
# Nobody sees a stretch of 0.1 %, so it costs nothing: more of it weighs twenty times as much as lost pixels, and none
# at all (1920×1080 to 1280×720) is worth a hundredth of them.
UNSEEN, WEIGHT, EXACT = 0.001, 20, 0.01
# A larger stretch is visible; a larger distance from the ideal size is a last resort.
MOST_STRETCH, MOST_SHIFT, NEVER = 0.005, 0.03, 10.0


class Target(Value):
    """The goal for a picture: inside *limits*, with sides that are multiples of *grid*.

    The grid is 2 for video, whose chroma is subsampled. *fit* says what to do about a wrong aspect ratio. Of *because*
    each step gets the rules that it cures, or all where it cures none of them.
    """

    limits: SideLimits
    fit: Literal["pad", "crop"] = "pad"
    grid: int = 1
    because: tuple[str, ...]


def arrange(size: Size, selection: CropTo | None, target: Target, subject: Point | None = None) -> tuple[Step, ...]:
    """Plan at most one crop, one scale and one pad, in this order, that bring *size* to *target*.

    *selection* is the user's crop, which comes first. *subject* is the point of the source that a crop for the aspect
    ratio is centred on; None: the middle. The scale is as close to 1 as the limits allow. When no size is inside the
    limits the sides stay as they are, and the prediction shows the findings that remain.
    """
    whole = CropTo(x=0, y=0, width=size[0], height=size[1], because=())
    crop = selection or whole
    aspect = _nearest_aspect(crop.width / crop.height, target.limits)
    if aspect is not None and target.fit == "crop":
        crop, aspect = _crop_to_aspect(crop, aspect, _about_aspect(target.because), subject), None
    source = crop.width, crop.height
    sizes = _best_sizes(source, aspect, target)
    if sizes is None:
        return (selection,) if selection else ()
    content, canvas = sizes
    steps: list[Step] = [crop] if crop != whole else []
    scaled: tuple[str, ...] = ()
    if content != source:
        scaled = _cured_by_scale(target.because, shrinks=content[0] < source[0] or content[1] < source[1])
        steps.append(Scale(width=content[0], height=content[1], because=scaled or target.because))
    if canvas != content:
        because = tuple(rule for rule in target.because if rule not in scaled) or target.because
        x, y = ((outer - inner) // 2 // target.grid * target.grid for outer, inner in zip(canvas, content, strict=True))
        steps.append(Pad(width=canvas[0], height=canvas[1], x=x, y=y, because=because))
    return tuple(steps)


def _about_aspect(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Those of *rules* that a crop to another aspect ratio cures."""
    return tuple(rule for rule in rules if "-aspect-" in rule) or rules


def _cured_by_scale(rules: tuple[str, ...], *, shrinks: bool) -> tuple[str, ...]:
    endings = ("-too-long", "-too-large") if shrinks else ("-too-short", "-too-small")
    return tuple(rule for rule in rules if rule.endswith((*endings, "-not-square")) and "-aspect-" not in rule)


def arrange_source(source: Source, target: Target, background: Color | None) -> tuple[Step, ...]:
    """As `arrange`, with the crop that the user asked for and the subject that was seen; notes say why.

    The bars have the colour *background*; None: that of the edges that they touch, or black.
    """
    info, subject = source.info, source.look.subject
    assert isinstance(info, ImageInfo | VideoInfo)
    point = (subject.x, subject.y) if subject else None
    steps = arrange((info.width, info.height), requested_crop(source), target, point)
    return tuple(step.model_copy(update=_explained(step, source, background)) for step in steps)


def _explained(step: Step, source: Source, background: Color | None) -> dict[str, object]:
    subject = source.look.subject
    if isinstance(step, CropTo) and subject is not None and step.because != ("asked",):
        return {"note": SUBJECT_NOTES[subject.how]}
    if not isinstance(step, Pad):
        return {}
    if background:
        return {"colors": (background, background), "note": "the colour you chose"}
    if isinstance(source.info, ImageInfo) and source.info.has_alpha:
        return {"note": "transparent"}
    if source.look.edges is None:
        return {}
    left, top, right, bottom = source.look.edges
    first, second = (left, right) if step.x > step.y else (top, bottom)
    if first is None and second is None:
        return {"note": "black, because the edges have no single colour"}
    colors = (first or BLACK, second or BLACK)
    return {"colors": colors, "note": "the colour of the edges" if colors[0] == colors[1] else "the edges' colours"}


def _best_sizes(source: Size, aspect: float | None, target: Target) -> tuple[Size, Size] | None:
    """The size of the picture, and of its canvas, which has *aspect* (None: the picture's own); None: none is inside.

    Among sizes with no stretch that anybody sees, that is the one nearest to the ideal scale.
    """
    grid, limits = target.grid, target.limits
    ideal = _ideal_scale(*_exact_canvas(*source, aspect), limits)
    for size in sorted(_sizes_around(source, ideal, grid), key=lambda size: _cost(source, size, ideal, grid)):
        canvas = _canvas(size, aspect, grid)
        if not check_sides("video", *canvas, limits):
            return size, canvas
    return None


def _sizes_around(source: Size, ideal: float, grid: int) -> Iterator[Size]:
    """Sizes on the grid around *ideal* times *source*."""
    long, short = max(source), min(source)
    middle = round(long * ideal / grid)
    for along in range(max(1, middle - REACH), middle + REACH + 1):
        exact = along * short / long
        for across in {max(1, floor(exact)), ceil(exact)}:
            yield (along * grid, across * grid) if source[0] >= source[1] else (across * grid, along * grid)


def _cost(source: Size, size: Size, ideal: float, grid: int) -> float:
    """The distance from the ideal: by stretching that shows, then by lost or added pixels."""
    stretch = abs(log(size[0] / size[1] * source[1] / source[0]))
    if ideal == 1.0 and all(abs(after - before) < grid for after, before in zip(size, source, strict=True)):
        return stretch - NEVER  # only the grid asks for a change
    shift = abs(log(size[0] * size[1] / (source[0] * source[1] * ideal * ideal)))
    cost = shift + WEIGHT * max(0.0, stretch - UNSEEN)
    if size[0] * source[1] == size[1] * source[0]:
        cost -= EXACT
    return cost + (NEVER if stretch > MOST_STRETCH else 0) + (shift > MOST_SHIFT)


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


def _crop_to_aspect(whole: CropTo, aspect: float, because: tuple[str, ...], subject: Point | None) -> CropTo:
    """The largest rectangle of *aspect* inside *whole*, as near to being centred on *subject* as its edges allow."""
    width, height = whole.width, whole.height
    if width / height > aspect:
        width = max(1, floor(height * aspect))
    else:
        height = max(1, floor(width / aspect))
    middle_x, middle_y = subject or (whole.x + whole.width // 2, whole.y + whole.height // 2)
    return CropTo(
        x=min(max(whole.x, middle_x - width // 2), whole.x + whole.width - width),
        y=min(max(whole.y, middle_y - height // 2), whole.y + whole.height - height),
        width=width,
        height=height,
        because=tuple(dict.fromkeys((*whole.because, *because))),
    )
