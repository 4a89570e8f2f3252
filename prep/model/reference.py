"""Reference: a path, a URL or content, with the part of it that is meant. `prep.inputs.parse` reads one from text."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from prep.model.media import Kind
from prep.model.redact import escape_bytes, shown, without_secrets
from prep.model.value import Given

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
TAG = re.compile(r"(image|video|audio)\d+", re.IGNORECASE)
BEST = "best:"
URLS, OBJECTS = ("https://", "http://"), ("s3://", "gs://", "az://")


def _location(value: Any, validate: ValidatorFunctionWrapHandler) -> str:
    """Take a file name that is not UTF-8 as well, which the validation library does not take for text."""
    if isinstance(value, str) and escape_bytes(value) != value:
        return value
    location: str = validate(value)
    return location


# JSON holds text only: there a file name that is not UTF-8 is written with escapes.
Location = Annotated[
    str,
    Field(min_length=1),
    WrapValidator(_location),
    PlainSerializer(escape_bytes, return_type=Annotated[str, Field(min_length=1)], when_used="json"),
]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Part(Given):
    """The seconds to keep, of the source's own time. *end_s* None: to the end.

    *best_s* is a number of seconds instead: at most so many are kept, the best ones.
    """

    start_s: NotNegative = 0.0
    end_s: NotNegative | None = None
    best_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None

    @property
    def text(self) -> str:
        """The part as a fragment: "t=2,4", "t=best:6"."""
        if self.best_s is not None:
            return f"t={BEST}{self.best_s:.9g}"
        return f"t={self.start_s:.9g}" + ("" if self.end_s is None else f",{self.end_s:.9g}")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.best_s is not None and (self.start_s or self.end_s is not None):
            raise ValueError("best_s is a number of seconds to choose; it has no start and no end")
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


Name = Annotated[str, AfterValidator(_name)]


class Reference(Given):
    """One reference: the path or URL in *location*, or *content*, which *location* is then only the name of.

    *content* is bytes or a file object opened for bytes; it stays out of JSON. *track* "audio" takes the sound of a
    video, "video" an animation as a video; None: by content.
    """

    location: Location
    name: Name | None = None
    part: Part | None = None
    crop: Crop | None = None
    track: Literal["audio", "video"] | None = None
    content: Any = Field(default=None, exclude=True, repr=False)

    @property
    def is_url(self) -> bool:
        """Whether it is elsewhere: at a URL, or in object storage."""
        return self.content is None and self.location.lower().startswith((*URLS, *OBJECTS))

    @property
    def is_object(self) -> bool:
        return self.content is None and self.location.lower().startswith(OBJECTS)

    @property
    def label(self) -> str:
        """The file's own name, for messages."""
        location = unquote(self.location.partition("?")[0]) if self.is_url else self.location
        return shown(location.rstrip("/").replace("\\", "/").rsplit("/", 1)[-1] or self.location)

    @property
    def public_location(self) -> str:
        """*location*, a URL without its query: that may be a key which opens the file."""
        return without_secrets(self.location) if self.is_url else self.location

    @property
    def display_path(self) -> str:
        """`public_location` as text, for messages and JSON: bytes of a file name that are not UTF-8 are escaped."""
        return escape_bytes(self.public_location)

    def written(self, location: str, part: str) -> str:
        """The reference as text for the command line, with *part* ("t=2,4", or "") in place of its own."""
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
