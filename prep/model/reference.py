"""What the user gave; `prep.references` reads it from `[NAME=]PATH-or-URL[#t=START,END][&xywh=...][&track=...]`."""

from typing import Literal, Self

from pydantic import model_validator

from prep.model.limits import Value
from prep.model.shown import shown


class Part(Value):
    """The seconds to keep, of the source's own time. *end_s* None: to the end."""

    start_s: float = 0.0
    end_s: float | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end_s is not None and self.end_s <= self.start_s:
            raise ValueError("the end must come after the start")
        return self


class Crop(Value):
    """The rectangle to keep, of the picture as displayed, in *unit*."""

    unit: Literal["pixel", "percent"] = "pixel"
    x: float
    y: float
    width: float
    height: float


class Reference(Value):
    """One reference. *track* "audio" takes the sound of a video, "video" an animation as a video; None: by content."""

    location: str
    name: str | None = None
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
