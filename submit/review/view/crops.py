"""Crops of a picture: the shapes that the page offers, and the guides that show what is allowed."""

from typing import NamedTuple

from prep.model.limits import EndpointSpec, SideLimits
from prep.model.media import ImageInfo, VideoInfo
from prep.model.plan import Options

WHOLE = 100.0
SHAPES = {"16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0, "3:4": 3 / 4, "9:16": 9 / 16}


class Shape(NamedTuple):
    """A crop around the middle, its sides in percent of the picture."""

    name: str
    x: float
    y: float
    width: float
    height: float


class Guides(NamedTuple):
    """The ratios of width to height beyond which a crop does not stay as it is, None: there is no limit, in words."""

    tallest: float | None
    widest: float | None
    words: str


def guides(info: ImageInfo | VideoInfo, spec: EndpointSpec, options: Options) -> Guides:
    """The guides for a crop of *info*."""
    tallest, widest = _aspects(info, spec)
    bounds = [f"flatter than {widest:g}:1"] if widest else []
    bounds += [f"narrower than 1:{1 / tallest:g}"] if tallest else []
    then = "is cropped further" if options.fit == "crop" else "gets bars"
    words = f"Dashed lines: a crop that ends inside them is {' or '.join(bounds)}, and {then}" if bounds else ""
    return Guides(tallest, widest, words)


def shapes(info: ImageInfo | VideoInfo, spec: EndpointSpec) -> tuple[Shape, ...]:
    """The crops for *info*, those left out that are the whole picture."""
    tallest, widest = _aspects(info, spec)
    ratios = dict(SHAPES)
    if widest:
        ratios[f"widest, {widest:g}:1"] = widest
    if tallest:
        ratios[f"tallest, 1:{1 / tallest:g}"] = tallest
    crops = (_centred(name, ratio, info.width / info.height) for name, ratio in ratios.items())
    return tuple(crop for crop in crops if (crop.width, crop.height) != (WHOLE, WHOLE))


def _aspects(info: ImageInfo | VideoInfo, spec: EndpointSpec) -> tuple[float | None, float | None]:
    """The least and the largest ratio of width to height."""
    limits: SideLimits = spec.image if isinstance(info, ImageInfo) else spec.video
    least, most = limits.min_aspect, limits.max_aspect
    return least.value if least else None, most.value if most else None


def _centred(name: str, ratio: float, whole: float) -> Shape:
    """The largest crop with *ratio* in a picture with the ratio *whole*."""
    width, height = round(min(WHOLE, WHOLE * ratio / whole), 2), round(min(WHOLE, WHOLE * whole / ratio), 2)
    return Shape(name, round((WHOLE - width) / 2, 2), round((WHOLE - height) / 2, 2), width, height)
