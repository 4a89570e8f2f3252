"""Comparison of what an endpoint publishes with a spec."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from prep.model.limits import EndpointSpec, Limit, Parameter
from prep.model.value import Value
from prep.specs.openapi import Input
from prep.specs.prose import Quantity, containers, quantities

LISTS = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}
PROMPT = "prompt"
# What a document may state about a list of references, and the limit that says the same.
EACH = {
    "max_file_size": "max_bytes",
    "min_width": "min_side_px",
    "min_height": "min_side_px",
    "max_width": "max_side_px",
    "max_height": "max_side_px",
    "min_area": "min_area_px",
    "max_area": "max_area_px",
    "min_aspect_ratio": "min_aspect",
    "max_aspect_ratio": "max_aspect",
    "min_duration": "min_duration_s",
    "max_duration": "max_duration_s",
    "min_fps": "min_fps",
    "max_fps": "max_fps",
}
TOGETHER = {
    "max_file_size": "max_total_bytes",
    "min_duration": "min_total_duration_s",
    "max_duration": "max_total_duration_s",
}
# Words of JSON Schema that limit a value, where there is no limit of ours that says the same.
WORDS = ("minItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern")


class Difference(Value):
    """*limit* is its name in the spec ("video.max_fps"), *key* where the document has it ("video_urls.x-fal.max_fps").

    *here* is the value in the spec, with what is accepted beyond it in *accepted*; *there* that of the document. None:
    nothing is said there. An argument that only one of them knows is "sent" here, or "required" there.
    """

    limit: str
    key: str
    here: Any = None
    accepted: Any = None
    there: Any = None


class Statement(Value):
    """Something that a document says and a spec has no place for; *value* as it stands there."""

    key: str
    value: Any


class Drift(Value):
    """The comparison of a document with a spec. *document* is the endpoint that it names, None: it names none.

    *agreed*, *in_words* and *not_stated* name limits of the spec; those *in_words* are the agreed ones that the
    document states in descriptions alone. *beyond* is what the spec has no place for, *reshaped* what the endpoint says
    it would change rather than refuse, *prose* the descriptions themselves.
    """

    endpoint: str
    document: str | None
    differences: tuple[Difference, ...]
    agreed: tuple[str, ...]
    in_words: tuple[str, ...] = ()
    not_stated: tuple[str, ...]
    beyond: tuple[Statement, ...] = ()
    reshaped: tuple[Statement, ...] = ()
    prose: tuple[Statement, ...] = ()


class Claim(NamedTuple):
    """A value at *key* of the document. *limit* is what a spec calls the same, None: it has no such thing.

    *here* is the value in the spec, None where it states none, and *accepted* what it accepts beyond that.
    """

    key: str
    value: Any
    limit: str | None = None
    here: Any = None
    accepted: Any = None

    @property
    def agrees(self) -> bool:
        return _agree(self.here, self.accepted, self.value)


class Phrase(NamedTuple):
    """A number or a list of formats in a description: the limits that agree with it, or how it differs."""

    agreed: tuple[str, ...]
    difference: Difference | None = None


def compare(published: Input, spec: EndpointSpec) -> Drift:
    """Everything that *published* states, beside what *spec* does. A value up to what is accepted agrees."""
    claims = tuple(_claims(published, spec))
    phrases = tuple(_phrases(published, spec))
    differences = (
        *_missing(published, spec),
        *(_as_difference(claim) for claim in claims if claim.limit and not claim.agrees),
        *(phrase.difference for phrase in phrases if phrase.difference),
    )
    different = {difference.limit for difference in differences}
    claimed = {claim.limit for claim in claims}
    worded = {limit for phrase in phrases for limit in phrase.agreed} - claimed
    names = tuple(_names(spec))
    return Drift(
        endpoint=spec.endpoint,
        document=published.endpoint,
        differences=differences,
        agreed=tuple(name for name in names if name in (claimed | worded) - different),
        in_words=tuple(name for name in names if name in worded - different),
        not_stated=tuple(name for name in names if name not in claimed | worded | different),
        beyond=tuple(Statement(key=claim.key, value=claim.value) for claim in claims if claim.limit is None),
        reshaped=tuple(_reshaped(published)),
        prose=tuple(
            Statement(key=name, value=text)
            for name, schema in published.properties.items()
            if name in LISTS and isinstance(text := schema.get("description"), str)
        ),
    )


def _claims(published: Input, spec: EndpointSpec) -> Iterator[Claim]:
    for name, schema in published.properties.items():
        if name in LISTS:
            yield from _about_list(name, schema, spec)
            continue
        if parameter := spec.request.get(name):
            yield from _about_parameter(name, schema, parameter)
        elif name != PROMPT:
            yield Claim(name, schema.get("description") or schema.get("type"))
        yield from (Claim(f"{name}.{word}", schema[word]) for word in WORDS if word in schema)
    for name, parameter in spec.request:
        if not parameter.listed and name not in published.properties:
            yield Claim(name, "not listed", f"request.{name}", "not listed")


def _about_list(name: str, schema: dict[str, Any], spec: EndpointSpec) -> Iterator[Claim]:
    group = LISTS[name]
    if "maxItems" in schema:
        yield _about_limit(f"{name}.maxItems", schema["maxItems"], spec, group, "max_count")
    if schema.get("minItems"):
        yield Claim(f"{name}.minItems", schema["minItems"])
    own = _x_fal(schema)
    for key, value in own.items():
        if key not in ("combined", "normalization"):
            yield _about_limit(f"{name}.x-fal.{key}", value, spec, group, EACH.get(key))
    for key, value in _inner(own, "combined").items():
        yield _about_limit(f"{name}.x-fal.combined.{key}", value, spec, group, TOGETHER.get(key))


def _about_limit(key: str, value: Any, spec: EndpointSpec, group: str, name: str | None) -> Claim:
    limits = getattr(spec, group)
    if name not in type(limits).model_fields:
        return Claim(key, value)
    limit: Limit[Any] | None = getattr(limits, str(name))
    here, accepted = (limit.value, limit.accepted) if limit else (None, None)
    return Claim(key, value, f"{group}.{name}", here, accepted)


def _about_parameter(name: str, schema: dict[str, Any], parameter: Parameter) -> Iterator[Claim]:
    limit = f"request.{name}"
    if not parameter.listed:
        yield Claim(name, "listed", limit, "not listed")
    if isinstance(schema.get("type"), str) and not parameter.choices:
        yield Claim(f"{name}.type", schema["type"], limit, parameter.type)
    if isinstance(schema.get("enum"), list):
        choices = tuple(map(str, schema["enum"]))
        yield Claim(f"{name}.enum", choices, limit, parameter.choices)
    if (default := schema.get("default")) is not None:
        shown = str(default) if parameter.choices else default
        yield Claim(f"{name}.default", shown, f"{limit}.default", parameter.default)


def _reshaped(published: Input) -> Iterator[Statement]:
    for name in LISTS:
        for key, value in _inner(_x_fal(published.properties.get(name, {})), "normalization").items():
            yield Statement(key=f"{name}.x-fal.normalization.{key}", value=value)


def _x_fal(schema: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the items of a list is about each of them, as what stands beside the list itself."""
    items = schema.get("items")
    return _inner(items if isinstance(items, dict) else {}, "x-fal") | _inner(schema, "x-fal")


def _inner(fields: dict[str, Any], key: str) -> dict[str, Any]:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _as_difference(claim: Claim) -> Difference:
    return Difference(
        limit=str(claim.limit), key=claim.key, here=claim.here, accepted=claim.accepted, there=claim.value
    )


def _phrases(published: Input, spec: EndpointSpec) -> Iterator[Phrase]:
    """A number agrees when some limit of the group has it: only people can tell which one the words are about."""
    for name, group in LISTS.items():
        text = published.properties.get(name, {}).get("description")
        if not isinstance(text, str):
            continue
        key = f"{name}.description"
        if named := containers(text):
            claim = _about_limit(key, named, spec, group, "containers")
            yield Phrase((str(claim.limit),)) if claim.agrees else Phrase((), _as_difference(claim))
        for quantity in quantities(text):
            if candidates := _candidates(quantity, group, spec):
                yield _phrase(key, quantity, candidates)


def _phrase(key: str, quantity: Quantity, candidates: dict[str, Limit[Any]]) -> Phrase:
    """Of several limits with the same number those that the endpoint documents are meant."""
    agreed = [name for name, limit in candidates.items() if _within(quantity, limit)]
    if agreed:
        documented = [name for name in agreed if candidates[name].basis == "documented"]
        return Phrase(tuple(documented or agreed))
    nearest = min(candidates, key=lambda name: _apart(candidates[name].value, quantity.values[0]))
    limit = candidates[nearest]
    return Phrase(
        (),
        Difference(limit=nearest, key=key, here=limit.value, accepted=limit.accepted, there=quantity.words),
    )


def _candidates(quantity: Quantity, group: str, spec: EndpointSpec) -> dict[str, Limit[Any]]:
    """The limits of the spec that the words may be about."""
    return {
        f"{holder}.{name}": limit
        for holder in (group, "set")
        for name in quantity.limits
        if isinstance(limit := getattr(getattr(spec, holder), name, None), Limit)
    }


def _apart(one: float, other: float) -> float:
    return max(one, other) / (min(one, other) or 1e-9)


def _within(quantity: Quantity, limit: Limit[Any]) -> bool:
    """ "Below 50 MB" is a limit of one byte less."""
    bounds = (limit.value, limit.tolerated)
    return any(min(bounds) <= value <= max(bounds) + (value > 1000) for value in quantity.values)


def _agree(value: Any, accepted: Any, there: Any) -> bool:
    if isinstance(value, tuple):
        return isinstance(there, tuple) and set(there) == set(value)
    if isinstance(value, bool) or isinstance(there, bool):
        return value is there
    if isinstance(value, int | float) and isinstance(there, int | float):
        bounds = (value, value if accepted is None else accepted)
        return min(bounds) <= there <= max(bounds)
    return bool(value == there)


def _missing(published: Input, spec: EndpointSpec) -> Iterator[Difference]:
    """Arguments that are sent and not taken, and arguments that are wanted and not sent."""
    sent = (*LISTS, PROMPT, *(name for name, parameter in spec.request if parameter.listed))
    for name in sent:
        if name not in published.properties:
            yield Difference(limit=f"request.{name}", key=name, here="sent")
    for name in published.required:
        if name not in sent and not spec.request.get(name):
            yield Difference(limit=f"request.{name}", key=f"required.{name}", there="required")


def _names(spec: EndpointSpec) -> Iterator[str]:
    for group in ("image", "video", "audio", "set"):
        limits: Iterable[tuple[str, Any]] = getattr(spec, group)
        yield from (f"{group}.{name}" for name, limit in limits if limit is not None)
    for name, parameter in spec.request:
        yield f"request.{name}"
        if parameter.default is not None:
            yield f"request.{name}.default"
