"""The limits of one endpoint, as data: what `prep/specs/*.toml` holds after it was read and validated."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from prep.model.value import Value

T = TypeVar("T")

Basis = Literal["documented", "upstream", "advice"]


def _container(*known: str) -> AfterValidator:
    """The formats by the names that the probe gives them; one that it never gives would refuse every file."""

    def checked(name: str) -> str:
        if name not in known:
            raise ValueError(f"{name!r} is not a known format; known are {', '.join(known)}")
        return name

    return AfterValidator(checked)


ImageContainer = Annotated[str, _container("jpeg", "png", "webp", "gif", "bmp", "tiff", "heif", "avif", "jxl")]
VideoContainer = Annotated[str, _container("mp4", "mov")]
AudioContainer = Annotated[str, _container("mp3", "wav")]


class Limit(Value, Generic[T]):
    """One number or list from the endpoint, with where it comes from.

    *value* is the strict reading, which whatever this program makes must meet. *accepted* is what was seen to pass all
    the same: what a user brings between the two is a warning and is left alone. None means that no tolerance is known.
    """

    value: T
    accepted: T | None = None
    basis: Basis
    source: str
    checked: date

    @property
    def tolerated(self) -> T:
        return self.value if self.accepted is None else self.accepted


class Limits(Value):
    """A group of limits that some file can keep: every number is positive, and no minimum is above its maximum."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for name, limit in self:
            if isinstance(limit, Limit) and isinstance(limit.value, int | float):
                _refuse_impossible(name, limit, getattr(self, name.replace("min_", "max_", 1), None))
        return self


def _refuse_impossible(name: str, limit: Limit[Any], most: Limit[Any] | None) -> None:
    if limit.value <= 0 and limit.value is not False:
        raise ValueError(f"{name}: {limit.value:g} is not positive; leave out what is not stated")
    if limit.accepted is not None and (limit.accepted > limit.value) is name.startswith("min_"):
        raise ValueError(f"{name}: what is accepted ({limit.accepted:g}) is stricter than the value ({limit.value:g})")
    if name.startswith("min_") and most is not None and limit.value > most.value:
        raise ValueError(f"{name} ({limit.value:g}) is above {name.replace('min_', 'max_', 1)} ({most.value:g})")


class SideLimits(Limits):
    """Geometry of an image or a video, in displayed pixels. None: not stated."""

    min_side_px: Limit[int] | None = None
    max_side_px: Limit[int] | None = None
    min_area_px: Limit[int] | None = None
    max_area_px: Limit[int] | None = None
    min_aspect: Limit[float] | None = None
    max_aspect: Limit[float] | None = None


class ImageLimits(SideLimits):
    """Containers are named as in MediaInfo ("jpeg", "png", ...); sizes in bytes."""

    containers: Limit[tuple[ImageContainer, ...]]
    max_bytes: Limit[int] | None = None
    max_count: Limit[int]


class VideoLimits(SideLimits):
    """Per-file limits first, then (``total``) those over all videos of a request. Seconds, bytes, frames per second.

    *useful_duration_s* is no limit but advice: up to here more of a reference is said to help.
    """

    containers: Limit[tuple[VideoContainer, ...]]
    codecs: Limit[tuple[str, ...]] | None = None
    audio_codecs: Limit[tuple[str, ...]] | None = None
    min_fps: Limit[float] | None = None
    max_fps: Limit[float] | None = None
    min_duration_s: Limit[float] | None = None
    max_duration_s: Limit[float] | None = None
    useful_duration_s: Limit[float] | None = None
    max_bytes: Limit[int] | None = None
    min_total_duration_s: Limit[float] | None = None
    max_total_duration_s: Limit[float] | None = None
    max_total_bytes: Limit[int] | None = None
    max_count: Limit[int]


class AudioLimits(Limits):
    """Per-file limits first, then (``total``) those over all audio files of a request."""

    containers: Limit[tuple[AudioContainer, ...]]
    wav_codecs: Limit[tuple[str, ...]] | None = None
    min_duration_s: Limit[float] | None = None
    max_duration_s: Limit[float] | None = None
    max_bytes: Limit[int] | None = None
    max_total_duration_s: Limit[float] | None = None
    max_count: Limit[int]


class SetLimits(Limits):
    """What holds over all references together, and for the prompt.

    *useful_prompt_words* and *useful_prompt_characters* are no limits but advice: the second counts scripts that put no
    spaces between words.
    """

    max_files: Limit[int] | None = None
    audio_needs_visual: Limit[bool] | None = None
    useful_prompt_words: Limit[int] | None = None
    useful_prompt_characters: Limit[int] | None = None


class Parameter(Value):
    """One argument of a request, beside the prompt and the references.

    *choices* are all allowed values, as strings; None: any value of the *type*. *default* is what the endpoint takes
    when nothing is sent, and *explicit* that it is sent all the same. A parameter that is not *listed* is one that the
    endpoint's published schema does not show. *resets* names, for a value of this parameter, the parameters that the
    endpoint then puts back to their default, whatever was sent.
    """

    type: Literal["string", "integer", "boolean"] = "string"
    choices: tuple[str, ...] | None = None
    default: str | int | bool | None = None
    explicit: bool = False
    listed: bool = True
    resets: dict[str, tuple[str, ...]] = Field(default={})
    basis: Basis
    source: str
    checked: date

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.choices is not None and self.type != "string":
            raise ValueError(f"choices are strings; leave type = {self.type!r} out")
        if self.choices is not None and self.default is not None and self.default not in self.choices:
            raise ValueError(f"default: {self.default!r} is not one of {', '.join(self.choices)}")
        if self.explicit and self.default is None:
            raise ValueError("explicit: a default has to be stated, which is then sent")
        if unknown := [value for value in self.resets if value not in (self.choices or ())]:
            raise ValueError(f"resets: {unknown[0]!r} is not one of {', '.join(self.choices or ()) or 'its choices'}")
        return self


PRICED = ("resolution", "duration", "aspect_ratio")


class RequestLimits(Value):
    """The parameters of a request by name: three that the price depends on, and any others.

    Of these three a document may also write choices and default apart, `resolutions` and `resolution_default`, as the
    JSON contract does since only they were data.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Parameter] = Field(init=False)

    resolution: Parameter
    duration: Parameter
    aspect_ratio: Parameter

    @model_validator(mode="before")
    @classmethod
    def _joined(cls, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        joined = dict(fields)
        for name in PRICED:
            limit, default = joined.pop(f"{name}s", None), joined.pop(f"{name}_default", None)
            parameter = joined.get(name, {"explicit": True})
            if isinstance(limit, dict) and isinstance(parameter, dict):
                origin = {key: limit[key] for key in ("basis", "source", "checked") if key in limit}
                joined[name] = parameter = {**parameter, "choices": limit.get("value"), **origin}
            if default is not None and isinstance(parameter, dict):
                joined[name] = {**parameter, "default": default}
        return joined

    @model_validator(mode="after")
    def _priced_by_choice(self) -> Self:
        for name in PRICED:
            parameter: Parameter = getattr(self, name)
            if not parameter.choices or parameter.default is None:
                raise ValueError(f"{name}: needs choices and a default")
        known = dict(self)
        for name, parameter in self:
            reset = (other for others in parameter.resets.values() for other in others)
            if unknown := [other for other in reset if other not in known or known[other].default is None]:
                raise ValueError(f"{name}.resets: {unknown[0]!r} is not a parameter with a default")
        return self

    def get(self, name: str) -> Parameter | None:
        return dict(self).get(name)

    def __getitem__(self, name: str) -> Parameter:
        parameter: Parameter = dict(self)[name]
        return parameter

    @model_serializer(mode="wrap")
    def _also_apart(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialize(self)
        for name in PRICED:
            parameter = fields[name]
            origin = {key: parameter[key] for key in ("basis", "source", "checked")}
            fields[f"{name}s"] = {"value": parameter["choices"], "accepted": None, **origin}
            fields[f"{name}_default"] = parameter["default"]
        return fields


class OutputSize(Value):
    """The pixels of one generated video, which the price depends on."""

    resolution: str
    aspect_ratio: str
    width: PositiveInt
    height: PositiveInt


def _listed(sizes: Any) -> Any:
    """A document may write sizes as a table: `720p = { "16:9" = [1280, 720] }`."""
    if not isinstance(sizes, dict):
        return sizes
    return [_size(resolution, *entry) for resolution, row in sizes.items() for entry in _entries(resolution, row)]


def _entries(resolution: str, row: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(row, dict):
        raise ValueError(f"{resolution}: should be aspect ratios, each with [width, height]")
    return row.items()


def _size(resolution: str, aspect_ratio: str, pixels: Any) -> OutputSize:
    match pixels:
        case [int(width), int(height)] if min(width, height) > 0:
            return OutputSize(resolution=resolution, aspect_ratio=aspect_ratio, width=width, height=height)
        case _:
            raise ValueError(f"{resolution} {aspect_ratio}: should be [width, height], not {pixels!r}")


class Price(Value):
    """US dollars for one generation, in units of 1,000 tokens: width × height × frames / 1024 / 1000.

    There are *fps* frames for each second of reference video and of the result, and *extra_frames* more in all. When
    videos go in, *video_factor* lowers the price of all seconds, or of those that go in alone (*video_factor_on*).
    *usd_per_s* is what the endpoint says that a second costs, beside its own formula. *least_s_per_output_s* times the
    seconds of the result, rounded up, is the fewest seconds that are charged, in and out, when videos go in.
    """

    usd_per_1000_tokens: dict[str, Decimal]  # by resolution
    usd_per_s: dict[str, Decimal] = Field(default={})  # by resolution
    fps: PositiveInt
    extra_frames: NonNegativeInt = 0
    video_factor: Decimal
    video_factor_on: Literal["all", "input"] = "all"
    least_s_per_output_s: Limit[Fraction] | None = None
    sizes: Annotated[tuple[OutputSize, ...], BeforeValidator(_listed)]
    basis: Basis
    source: str
    checked: date


NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
# The platform's own namespaces stand before the owner.
ENDPOINT = re.compile(rf"((workflows|comfy)/)?(?!(workflows|comfy)/){NAME}/{NAME}(/{NAME})*")


def _check_endpoint(endpoint: str) -> str:
    """Part of the platform's URLs, also when it comes from a stranger's spec or receipt."""
    if not ENDPOINT.fullmatch(endpoint):
        raise ValueError("should be the id of an endpoint, as in owner/model")
    return endpoint


Endpoint = Annotated[str, AfterValidator(_check_endpoint)]


class EndpointSpec(Value):
    """All limits of one endpoint; *endpoint* is the id that the platform knows it by. *price* None: not published."""

    endpoint: Endpoint
    title: str
    notes: str = ""
    image: ImageLimits
    video: VideoLimits
    audio: AudioLimits
    set: SetLimits
    request: RequestLimits
    price: Price | None = None

    @property
    def checked(self) -> date:
        """The oldest date at which any limit was compared with its source."""
        groups = (self.image, self.video, self.audio, self.set, self.request)
        limits = (limit for group in groups for _, limit in group if isinstance(limit, Limit | Parameter))
        return min(limit.checked for limit in limits)
