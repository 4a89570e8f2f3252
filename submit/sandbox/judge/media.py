"""Judge of one measured file, by the limits that were seen to be enforced (the *tolerated* ones).

Problems have the error type that the platform documents. The provider behind it enforces more, and reports that in a
sentence that names ``content[i]``; those problems have the type ``value_error``.
"""

from collections.abc import Iterator

from prep.model.limits import AudioLimits, ImageLimits, Limit, SideLimits, VideoLimits
from prep.model.value import Value
from submit.sandbox.judge.measure import MeasuredAudio, MeasuredImage, MeasuredVideo
from submit.sandbox.judge.problem import Problem


class Place(Value):
    """A place in the request: one reference, a whole list (*index* is None) or the whole body (*key* is None).

    *content* is its index in the provider's content list, where 0 is the prompt; None: the whole list.
    """

    key: str | None = None
    index: int | None = None
    content: int | None = None

    @property
    def loc(self) -> tuple[str | int, ...]:
        return tuple(part for part in ("body", self.key, self.index) if part is not None)

    @property
    def where(self) -> str:
        return "content" if self.content is None else f"content[{self.content}]"


def image_problems(place: Place, image: MeasuredImage, limits: ImageLimits) -> Iterator[Problem]:
    yield from _format_problems(place, "image", image.container, limits.containers)
    yield from _size_problems(place, image.size_bytes, limits.max_bytes)
    small, large = limits.min_side_px, limits.max_side_px
    if small and min(image.width, image.height) < small.tolerated:
        context = {"min_height": small.tolerated, "min_width": small.tolerated}
        message = f"Image dimensions are too small. Minimum dimensions are {small.tolerated}x{small.tolerated} pixels."
        yield Problem(loc=place.loc, type="image_too_small", msg=message, ctx=context)
    if large and max(image.width, image.height) > large.tolerated:
        context = {"max_height": large.tolerated, "max_width": large.tolerated}
        message = f"Image dimensions are too large. Maximum dimensions are {large.tolerated}x{large.tolerated} pixels."
        yield Problem(loc=place.loc, type="image_too_large", msg=message, ctx=context)
    yield from _shape_problems(place, "image", image.width, image.height, limits)


def video_problems(place: Place, video: MeasuredVideo, limits: VideoLimits) -> Iterator[Problem]:
    yield from _format_problems(place, "video", video.container, limits.containers)
    yield from _size_problems(place, video.size_bytes, limits.max_bytes)
    yield from _duration_problems(place, "video", video.duration_s, limits.min_duration_s, limits.max_duration_s)
    yield from bounds(place, "video width in pixels", video.width, limits.min_side_px, limits.max_side_px)
    yield from bounds(place, "video height in pixels", video.height, limits.min_side_px, limits.max_side_px)
    yield from _shape_problems(place, "video", video.width, video.height, limits)
    yield from bounds(place, "video frame rate", video.fps, limits.min_fps, limits.max_fps)
    yield from _codec_problems(place, "video codec", video.codec, limits.codecs)
    if video.audio_codec is not None:
        yield from _codec_problems(place, "video soundtrack codec", video.audio_codec, limits.audio_codecs)


def audio_problems(place: Place, audio: MeasuredAudio, limits: AudioLimits) -> Iterator[Problem]:
    yield from _format_problems(place, "audio", audio.container, limits.containers)
    yield from _size_problems(place, audio.size_bytes, limits.max_bytes)
    yield from _duration_problems(place, "audio", audio.duration_s, limits.min_duration_s, limits.max_duration_s)


def unsupported(place: Place, kind: str, containers: Limit[tuple[str, ...]]) -> Problem:
    supported = containers.tolerated
    message = f"Unsupported {kind} format. Supported formats are {', '.join(supported)}."
    return Problem(loc=place.loc, type=f"unsupported_{kind}_format", msg=message, ctx={"supported_formats": supported})


def invalid(place: Place, reason: str) -> Problem:
    """A problem without a documented type, worded like the provider's."""
    message = f"The parameter `{place.where}` specified in the request is not valid: {reason}."
    return Problem(loc=place.loc, type="value_error", msg=message)


def _format_problems(place: Place, kind: str, container: str, containers: Limit[tuple[str, ...]]) -> Iterator[Problem]:
    if container not in containers.tolerated:
        yield unsupported(place, kind, containers)


def _size_problems(place: Place, size_bytes: int, limit: Limit[int] | None) -> Iterator[Problem]:
    if limit and size_bytes > limit.tolerated:
        message = f"File size exceeds the maximum allowed size of {limit.tolerated} bytes."
        yield Problem(loc=place.loc, type="file_too_large", msg=message, ctx={"max_size": limit.tolerated})


def _duration_problems(
    place: Place, kind: str, duration_s: float, least: Limit[float] | None, most: Limit[float] | None
) -> Iterator[Problem]:
    if least and duration_s < least.tolerated:
        context = {"min_duration": least.tolerated, "provided_duration": duration_s}
        message = f"{kind.capitalize()} duration is too short. Minimum is {least.tolerated} seconds."
        yield Problem(loc=place.loc, type=f"{kind}_duration_too_short", msg=message, ctx=context)
    if most and duration_s > most.tolerated:
        context = {"max_duration": most.tolerated, "provided_duration": duration_s}
        message = f"{kind.capitalize()} duration is too long. Maximum is {most.tolerated} seconds."
        yield Problem(loc=place.loc, type=f"{kind}_duration_too_long", msg=message, ctx=context)


def _shape_problems(place: Place, kind: str, width: int, height: int, limits: SideLimits) -> Iterator[Problem]:
    yield from bounds(place, f"{kind} pixels in all", width * height, limits.min_area_px, limits.max_area_px)
    yield from bounds(place, f"{kind} aspect ratio", width / height, limits.min_aspect, limits.max_aspect)


def _codec_problems(place: Place, what: str, codec: str, codecs: Limit[tuple[str, ...]] | None) -> Iterator[Problem]:
    if codecs and codec not in codecs.tolerated:
        reason = f"{what} {codec} is not one of {', '.join(codecs.tolerated)}"
        yield invalid(place, reason)


def bounds(
    place: Place,
    what: str,
    actual: float,
    least: Limit[int] | Limit[float] | None,
    most: Limit[int] | Limit[float] | None,
) -> Iterator[Problem]:
    """Judge a number that has no documented error type."""
    if least and actual < least.tolerated:
        yield invalid(place, f"{what} must be at least {least.tolerated}, got {actual}")
    if most and actual > most.tolerated:
        yield invalid(place, f"{what} must be at most {most.tolerated}, got {actual}")
