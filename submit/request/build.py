"""The request: the endpoint's arguments, exactly as it takes them."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from prep.errors import NonCompliantError, UsageError
from prep.model.finding import Finding, errors_in
from prep.model.generation import Generation
from prep.model.manifest import Manifest
from prep.model.media import Kind
from prep.model.plan import Plan
from prep.model.redact import SURROGATE, shown, without_secrets
from prep.model.value import Value
from prep.rules.prompt import check_prompt, mentionable, mentions


class Request(Value):
    """The arguments of one request; URLs in the order of the tags of their kind, parameters by the endpoint's names."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, str | int | bool | None] = Field(init=False)

    prompt: str
    image_urls: tuple[str, ...] = ()
    video_urls: tuple[str, ...] = ()
    audio_urls: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        return {key: value for key, value in self.model_dump(mode="json").items() if value not in (None, [])}

    def redacted(self) -> "Request":
        """The same with its URLs as they may be kept and shown: a query can be what opens a file to its bearer."""
        lists = {name: getattr(self, name) for name in ("image_urls", "video_urls", "audio_urls")}
        return self.model_copy(update={name: tuple(map(without_secrets, urls)) for name, urls in lists.items()})


def compile_prompt(prompt: str, job: Plan | Manifest) -> tuple[str, tuple[Finding, ...]]:
    """Replace every name in *prompt* by the endpoint's tag; return it with the findings that are not errors.

    Raises NonCompliantError with all findings when the prompt is empty or names what is not there,
    and UsageError when it is no text.
    """
    refuse_half_characters(prompt)
    findings = check_prompt(prompt, job.names)
    if errors_in(findings):
        raise NonCompliantError("the prompt can't be sent", findings)
    compiled, end = [], 0
    for match, word, tag in mentions(prompt, mentionable(job.names)):
        if tag is not None:
            compiled += [prompt[end : match.start()], tag]
            end = match.start() + 1 + len(word)
    return "".join([*compiled, prompt[end:]]), findings


def refuse_half_characters(text: str, name: str = "the prompt") -> None:
    """Raise UsageError for a *text*, called *name*, that no document can carry."""
    if SURROGATE.search(text):
        raise UsageError(f"{name} holds half of a character: {shown(text)}")


def build_request(prompt: str, job: Plan | Manifest, urls: Mapping[str, str], generation: Generation) -> Request:
    """Build the arguments from a compiled *prompt*; *urls* are by tag, *generation* has its defaults filled in."""
    for name, value in generation.asked().items():
        refuse_half_characters(str(value), name)
    return Request(prompt=prompt, **url_lists(job, urls), **generation.asked())


def url_lists(job: Plan | Manifest, urls: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The arguments that hold the URLs of each kind; *urls* are by tag."""
    kinds: tuple[Kind, ...] = ("image", "video", "audio")
    return {f"{kind}_urls": tuple(urls[tag] for tag, one in job.kinds.items() if one == kind) for kind in kinds}


def urls_by_tag(request: Request, job: Plan | Manifest) -> dict[str, str]:
    """The URLs, or what is in their place, that *request* has for the tags of *job*."""
    lists = {kind: iter(getattr(request, f"{kind}_urls")) for kind in ("image", "video", "audio")}
    return {tag: next(lists[kind]) for tag, kind in job.kinds.items()}
