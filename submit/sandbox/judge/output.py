"""Pixels, seconds and sound of the generated video, from the request's arguments."""

from collections.abc import Mapping
from typing import Any

from prep.model.limits import EndpointSpec, OutputSize, Value
from prep.specs import load_spec

AUTO_DURATION_S = 5
FALLBACK_RESOLUTION = "720p"
FPS = 24


class Output(Value):
    """The shape of one generated video."""

    resolution: str
    width: int
    height: int
    duration_s: int
    sound: bool
    fps: int = FPS


def choose_output(body: Mapping[str, Any], spec: EndpointSpec, first_aspect: float | None) -> Output:
    """The output that *body* (already judged to be fine) asks for.

    *first_aspect* is width / height of the first visual reference, which "auto" follows; without one it is 16:9.
    """
    request = spec.request
    resolution = str(body.get("resolution") or request.resolution.default)
    duration = str(body.get("duration") or request.duration.default)
    aspect_ratio = str(body.get("aspect_ratio") or request.aspect_ratio.default)
    sizes = _sizes(spec, resolution)
    if aspect_ratio == "auto":
        wanted = first_aspect or 16 / 9
        size = min(sizes, key=lambda size: abs(size.width / size.height - wanted))
    else:
        size = next(size for size in sizes if size.aspect_ratio == aspect_ratio)
    return Output(
        resolution=resolution,
        width=size.width,
        height=size.height,
        duration_s=AUTO_DURATION_S if duration == "auto" else int(duration),
        sound=body.get("generate_audio") is not False,
    )


def _sizes(spec: EndpointSpec, resolution: str) -> tuple[OutputSize, ...]:
    """The published sizes of a resolution; where none are (1080p, unpriced endpoints), those of 720p stand in."""
    price = spec.price or load_spec().price
    assert price is not None, "the default endpoint has a price"
    return tuple(size for size in price.sizes if size.resolution == resolution) or tuple(
        size for size in price.sizes if size.resolution == FALLBACK_RESOLUTION
    )
