"""The request: the endpoint's arguments, exactly as it takes them."""

from collections.abc import Mapping
from typing import Any

from prep.errors import NonCompliantError, UsageError
from prep.model.finding import Finding, errors_in
from prep.model.generation import Generation
from prep.model.limits import Limit, RequestLimits, Value
from prep.model.manifest import Manifest
from prep.model.redact import without_secrets
from prep.rules.prompt import check_prompt, mentionable, mentions


class Request(Value):
    """The arguments of one request; URLs in the order of the tags of their kind."""

    prompt: str
    image_urls: tuple[str, ...] = ()
    video_urls: tuple[str, ...] = ()
    audio_urls: tuple[str, ...] = ()
    resolution: str
    duration: str
    aspect_ratio: str
    generate_audio: bool
    seed: int | None = None
    end_user_id: str | None = None

    def arguments(self) -> dict[str, Any]:
        """As JSON, without what is not given."""
        return {key: value for key, value in self.model_dump(mode="json").items() if value not in (None, [])}

    def told(self) -> "Request":
        """The same with its URLs as they may be kept and shown: a query can be what opens a file to its bearer."""
        lists = {name: getattr(self, name) for name in ("image_urls", "video_urls", "audio_urls")}
        return self.model_copy(update={name: tuple(map(without_secrets, urls)) for name, urls in lists.items()})


def with_defaults(generation: Generation, limits: RequestLimits) -> Generation:
    """*generation* with the endpoint's defaults filled in.

    Raises UsageError, naming what is allowed, for a value that the endpoint does not take.
    """
    filled = generation.model_copy(
        update={
            "resolution": generation.resolution or limits.resolution_default,
            "duration": generation.duration or limits.duration_default,
            "aspect_ratio": generation.aspect_ratio or limits.aspect_ratio_default,
        }
    )
    problems = [
        *_not_allowed("resolution", filled.resolution, limits.resolutions),
        *_not_allowed("duration", filled.duration, limits.durations),
        *_not_allowed("aspect ratio", filled.aspect_ratio, limits.aspect_ratios),
    ]
    if problems:
        raise UsageError("\n".join(problems))
    return filled


def compile_prompt(prompt: str, manifest: Manifest) -> tuple[str, tuple[Finding, ...]]:
    """*prompt* with every name replaced by the endpoint's tag, and the findings about it that are not errors.

    Raises NonCompliantError with all findings when the prompt is empty or names what is not there.
    """
    tags = {entry.tag: entry.name for entry in manifest.entries}
    findings = check_prompt(prompt, tags)
    if errors_in(findings):
        raise NonCompliantError("the prompt can't be sent", findings)
    compiled, end = [], 0
    for match, word, tag in mentions(prompt, mentionable(tags)):
        if tag is not None:
            compiled += [prompt[end : match.start()], tag]
            end = match.start() + 1 + len(word)
    return "".join([*compiled, prompt[end:]]), findings


def build_request(prompt: str, manifest: Manifest, urls: Mapping[str, str], generation: Generation) -> Request:
    """*prompt* is compiled already, *urls* maps each tag to its URL, *generation* has its defaults filled in."""

    def of(kind: str) -> tuple[str, ...]:
        return tuple(urls[entry.tag] for entry in manifest.entries if entry.kind == kind)

    return Request(
        prompt=prompt,
        image_urls=of("image"),
        video_urls=of("video"),
        audio_urls=of("audio"),
        **generation.model_dump(),
    )


def _not_allowed(what: str, value: str | None, limit: Limit[tuple[str, ...]]) -> list[str]:
    if value in limit.value:
        return []
    return [f"{what} {value!r} is not allowed; allowed are {', '.join(limit.value)}"]
