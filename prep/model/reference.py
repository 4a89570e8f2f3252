"""What the user gave; `prep.inputs.parse` reads it from `[NAME=]PATH-or-URL[#t=START,END][&xywh=...][&track=...]`."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from pydantic import AfterValidator, Field, model_validator

from prep.model.input import Given
from prep.model.media import Kind
from prep.model.redact import shown, without_secrets

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
    """One reference: the path or URL in *location*, or *content*, which *location* is then only the name of.

    *content* is bytes or a file object opened for bytes; it stays out of JSON. *track* "audio" takes the sound of a
    video, "video" an animation as a video; None: by content.
    """

    location: Annotated[str, Field(min_length=1)]
    name: Annotated[str, AfterValidator(_name)] | None = None
    part: Part | None = None
    crop: Crop | None = None
    track: Literal["audio", "video"] | None = None
    content: Any = Field(default=None, exclude=True, repr=False)

    @property
    def is_url(self) -> bool:
        return self.content is None and self.location.lower().startswith(("https://", "http://"))

    @property
    def label(self) -> str:
        """What messages call it: the file's own name."""
        location = unquote(self.location.partition("?")[0]) if self.is_url else self.location
        return shown(location.rstrip("/").replace("\\", "/").rsplit("/", 1)[-1] or self.location)

    @property
    def told(self) -> str:
        """*location* as it may be told: a URL's query can be what opens the file to its bearer."""
        return without_secrets(self.location) if self.is_url else self.location

    def written(self, location: str, part: str) -> str:
        """What one writes for it on the command line: with *part* ("t=2,4", or "") in place of its own."""
        track = f"track={self.track}" if self.track else ""
        fragment = "&".join(filter(None, (part, _xywh(self.crop), track)))
        return (f"{self.name}=" if self.name else "") + location + (f"#{fragment}" if fragment else "")


def _xywh(crop: Crop | None) -> str:
    if crop is None:
        return ""
    sides = ",".join(f"{side:.2f}".rstrip("0").rstrip(".") for side in (crop.x, crop.y, crop.width, crop.height))
    return f"xywh={'percent:' if crop.unit == 'percent' else ''}{sides}"


def tags_for(kinds: Iterable[Kind]) -> tuple[str, ...]:
    """The endpoint's names (@Image1, @Video1, @Audio1), counted for each kind in the order given."""
    counts: Counter[str] = Counter()
    tags = []
    for kind in kinds:
        counts[kind] += 1
        tags.append(f"@{kind.capitalize()}{counts[kind]}")
    return tuple(tags)
