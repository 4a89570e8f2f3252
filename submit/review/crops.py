"""Crops that the page offers for a picture: the usual shapes, and the widest and the tallest that are allowed."""

from typing import NamedTuple

from prep.model.limits import EndpointSpec, SideLimits
from prep.model.media import ImageInfo, VideoInfo

WHOLE = 100.0
SHAPES = {"16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0, "3:4": 3 / 4, "9:16": 9 / 16}


class Shape(NamedTuple):
    """A crop around the middle, its sides in percent of the picture."""

    name: str
    x: float
    y: float
    width: float
    height: float


def shapes(info: ImageInfo | VideoInfo, spec: EndpointSpec) -> tuple[Shape, ...]:
    """The crops for *info*, those left out that are the whole picture."""
    limits: SideLimits = spec.image if isinstance(info, ImageInfo) else spec.video
    ratios = dict(SHAPES)
    if limits.max_aspect:
        ratios[f"widest, {limits.max_aspect.value:g}:1"] = limits.max_aspect.value
    if limits.min_aspect:
        ratios[f"tallest, 1:{1 / limits.min_aspect.value:g}"] = limits.min_aspect.value
    crops = (_centred(name, ratio, info.width / info.height) for name, ratio in ratios.items())
    return tuple(crop for crop in crops if (crop.width, crop.height) != (WHOLE, WHOLE))


def _centred(name: str, ratio: float, whole: float) -> Shape:
    """The largest crop with *ratio* in a picture with the ratio *whole*."""
    width, height = round(min(WHOLE, WHOLE * ratio / whole), 2), round(min(WHOLE, WHOLE * whole / ratio), 2)
    return Shape(name, round((WHOLE - width) / 2, 2), round((WHOLE - height) / 2, 2), width, height)
