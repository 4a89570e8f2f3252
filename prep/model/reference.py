"""What the user gave; `prep.references` reads it from `[NAME=]PATH-or-URL[#t=START,END][&xywh=...][&track=...]`."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from prep.model.given import Given
from prep.model.shown import shown

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
TAG = re.compile(r"(image|video|audio)\d+", re.IGNORECASE)

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Part(Given):
    """The seconds to keep, of the source's own time. *end_s* None: to the end."""

    start_s: NotNegative = 0.0
    end_s: NotNegative | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end_s is not None and self.end_s <= self.start_s:
            raise ValueError(f"the end ({self.end_s:g} s) must come after the start ({self.start_s:g} s)")
        return self


class Crop(Given):
    """The rectangle to keep, of the picture as displayed, in *unit*."""

    unit: Literal["pixel", "percent"] = "pixel"
    x: NotNegative
    y: NotNegative
    width: NotNegative
    height: NotNegative

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.width == 0 or self.height == 0:
            raise ValueError("the crop has no area")
        if self.unit == "percent" and (self.x + self.width > 100 or self.y + self.height > 100):
            raise ValueError("the crop reaches outside the picture")
        return self


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{shown(name)!r} is not a name; letters, digits, _ and - are allowed, a letter or _ first")
    if TAG.fullmatch(name):
        raise ValueError(f"the name {name!r} is one of the endpoint's own tags; choose another")
    return name


class Reference(Given):
    """One reference. *track* "audio" takes the sound of a video, "video" an animation as a video; None: by content."""

    location: Annotated[str, Field(min_length=1)]
    name: Annotated[str, AfterValidator(_name)] | None = None
    part: Part | None = None
    crop: Crop | None = None
    track: Literal["audio", "video"] | None = None

    @property
    def is_url(self) -> bool:
        return self.location.startswith(("https://", "http://"))

    @property
    def label(self) -> str:
        """What messages call it: the file's own name."""
        return shown(self.location.rstrip("/").replace("\\", "/").rsplit("/", 1)[-1] or self.location)
