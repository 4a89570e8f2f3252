"""Pixels, seconds and sound of the generated video, from the request's arguments."""

from collections.abc import Mapping
from typing import Any

from prep.model.limits import EndpointSpec, OutputSize
from prep.model.value import Value
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
    values = {name: body.get(name) or parameter.default for name, parameter in spec.request}
    for name, parameter in spec.request:
        for other in parameter.resets.get(str(values[name]), ()):
            values[other] = spec.request[other].default
    resolution, duration, aspect_ratio = (str(values[name]) for name in ("resolution", "duration", "aspect_ratio"))
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
    """The sizes of a resolution; those of 720p where the spec has none."""
    price = spec.price or load_spec().price
    assert price is not None, "the default endpoint has a price"
    return tuple(size for size in price.sizes if size.resolution == resolution) or tuple(
        size for size in price.sizes if size.resolution == FALLBACK_RESOLUTION
    )
