"""Holding what an endpoint publishes against a spec."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from prep.model.drift import Difference, Drift, Statement
from prep.model.limits import EndpointSpec, Limit
from prep.specs.openapi import Input
from prep.specs.prose import Quantity, containers, quantities

LISTS = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}
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
CHOICES = {"resolution": "resolutions", "duration": "durations", "aspect_ratio": "aspect_ratios"}
OTHERS = ("prompt", "generate_audio", "seed", "end_user_id")
# Words of JSON Schema that limit a value, where there is no limit of ours that says the same.
WORDS = ("minItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern")


class Stated(NamedTuple):
    """A value at *key* of the document, and the limit that it is about; None: a spec has no such limit."""

    key: str
    value: Any
    limit: str | None


def compare(found: Input, spec: EndpointSpec) -> Drift:
    """Everything that *found* states, held against *spec*. A value up to what is accepted agrees."""
    stated = list(_stated(found))
    differences = [
        *_missing(found),
        *(d for one in stated if (d := _difference(one, spec))),
        *_differences_in_words(found, spec),
    ]
    different = {difference.limit for difference in differences}
    named = {one.limit for one in stated if one.limit}
    return Drift(
        endpoint=spec.endpoint,
        document=found.endpoint,
        differences=tuple(differences),
        agreed=tuple(name for name in _names(spec) if name in named - different),
        not_stated=tuple(name for name in _names(spec) if name not in named | different),
        beyond=tuple(Statement(key=one.key, value=one.value) for one in stated if one.limit is None),
        reshaped=tuple(_reshaped(found)),
        prose=tuple(
            Statement(key=name, value=text)
            for name, schema in found.properties.items()
            if name in LISTS and isinstance(text := schema.get("description"), str)
        ),
    )


def _stated(found: Input) -> Iterator[Stated]:
    for name, schema in found.properties.items():
        if name in LISTS:
            yield from _of_list(name, LISTS[name], schema)
        elif name in CHOICES:
            if isinstance(schema.get("enum"), list):
                yield Stated(f"{name}.enum", tuple(map(str, schema["enum"])), f"request.{CHOICES[name]}")
            if schema.get("default") is not None:
                yield Stated(f"{name}.default", str(schema["default"]), f"request.{name}_default")
        elif name not in OTHERS:
            yield Stated(name, schema.get("description") or schema.get("type"), None)
        if name not in LISTS:
            yield from (Stated(f"{name}.{word}", schema[word], None) for word in WORDS if word in schema)


def _of_list(name: str, group: str, schema: dict[str, Any]) -> Iterator[Stated]:
    if "maxItems" in schema:
        yield Stated(f"{name}.maxItems", schema["maxItems"], f"{group}.max_count")
    if schema.get("minItems"):
        yield Stated(f"{name}.minItems", schema["minItems"], None)
    own = _x_fal(schema)
    for key, value in own.items():
        if key not in ("combined", "normalization"):
            yield Stated(f"{name}.x-fal.{key}", value, _limit(group, EACH.get(key)))
    for key, value in _inner(own, "combined").items():
        yield Stated(f"{name}.x-fal.combined.{key}", value, _limit(group, TOGETHER.get(key)))


def _reshaped(found: Input) -> Iterator[Statement]:
    for name in LISTS:
        for key, value in _inner(_x_fal(found.properties.get(name, {})), "normalization").items():
            yield Statement(key=f"{name}.x-fal.normalization.{key}", value=value)


def _x_fal(schema: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the items of a list is about each of them, as what stands beside the list itself."""
    items = schema.get("items")
    return _inner(items if isinstance(items, dict) else {}, "x-fal") | _inner(schema, "x-fal")


def _inner(fields: dict[str, Any], key: str) -> dict[str, Any]:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _limit(group: str, name: str | None) -> str | None:
    fields = EndpointSpec.model_fields[group].annotation
    known = getattr(fields, "model_fields", {})
    return f"{group}.{name}" if name in known else None


def _difference(stated: Stated, spec: EndpointSpec) -> Difference | None:
    if stated.limit is None:
        return None
    limit = _value_of(spec, stated.limit)
    value, accepted = (limit.value, limit.accepted) if isinstance(limit, Limit) else (limit, None)
    if _agree(value, accepted, stated.value):
        return None
    return Difference(limit=stated.limit, key=stated.key, here=value, accepted=accepted, there=stated.value)


def _differences_in_words(found: Input, spec: EndpointSpec) -> Iterator[Difference]:
    """A number counts as known when some limit of the group has it: which one is meant only people can tell."""
    for name, group in LISTS.items():
        text = found.properties.get(name, {}).get("description")
        if not isinstance(text, str):
            continue
        limits = getattr(spec, group)
        if (named := containers(text)) and not _agree(limits.containers.value, None, named):
            here = limits.containers.value
            yield Difference(limit=f"{group}.containers", key=f"{name}.description", here=here, there=named)
        for quantity in quantities(text):
            meant = _meant(quantity, group, spec)
            if meant and not any(_within(quantity, limit) for limit in meant.values()):
                nearest = min(meant, key=lambda limit: _apart(meant[limit].value, quantity.values[0]))
                limit = meant[nearest]
                yield Difference(
                    limit=nearest,
                    key=f"{name}.description",
                    here=limit.value,
                    accepted=limit.accepted,
                    there=quantity.words,
                )


def _meant(quantity: Quantity, group: str, spec: EndpointSpec) -> dict[str, Limit[Any]]:
    """The limits that the words may be about, those that the spec has."""
    named = [f"{group}.{name}" for name in quantity.limits if _limit(group, name)]
    named += [f"set.{name}" for name in quantity.limits if _limit("set", name)]
    return {name: limit for name in named if isinstance(limit := _value_of(spec, name), Limit)}


def _apart(one: float, other: float) -> float:
    return max(one, other) / (min(one, other) or 1e-9)


def _within(quantity: Quantity, limit: Limit[Any]) -> bool:
    """ "Below 50 MB" is a limit of one byte less."""
    bounds = (limit.value, limit.value if limit.accepted is None else limit.accepted)
    return any(min(bounds) <= value <= max(bounds) + (value > 1000) for value in quantity.values)


def _agree(value: Any, accepted: Any, there: Any) -> bool:
    if isinstance(value, tuple):
        return isinstance(there, tuple) and set(there) == set(value)
    if isinstance(value, int | float) and isinstance(there, int | float) and not isinstance(there, bool):
        bounds = (value, value if accepted is None else accepted)
        return min(bounds) <= there <= max(bounds)
    return bool(value == there)


def _missing(found: Input) -> Iterator[Difference]:
    """Arguments that are sent and not taken, and arguments that are wanted and not sent."""
    for name in (*LISTS, *CHOICES, *OTHERS):
        if name not in found.properties:
            yield Difference(limit=f"request.{name}", key=name, here="sent")
    for name in found.required:
        if name not in (*LISTS, *CHOICES, *OTHERS):
            yield Difference(limit=f"request.{name}", key=f"required.{name}", there="required")


def _names(spec: EndpointSpec) -> Iterator[str]:
    for group in ("image", "video", "audio", "set", "request"):
        for name, value in getattr(spec, group):
            if value is not None:
                yield f"{group}.{name}"


def _value_of(spec: EndpointSpec, name: str) -> Any:
    group, _, limit = name.partition(".")
    return getattr(getattr(spec, group), limit)
