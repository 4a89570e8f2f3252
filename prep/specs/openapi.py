"""Input of an endpoint, read from its OpenAPI document: the properties of the body that is posted.

fal states limits below `x-fal` of a property, beside its `anyOf` (projects/fal/src/fal/toolkit/constraints.py and
video/video.py of fal-ai/fal, pull requests 1079 and 1125): limits of one file directly, limits over a list below
`combined`, and below `normalization` what the model reshapes instead of refusing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from prep.errors import UnreadableError

MAX_DEPTH, MAX_SCHEMAS = 20, 10_000  # a document may refer to itself


class Input(NamedTuple):
    """The properties of the body by name; *endpoint* None: the document names none."""

    endpoint: str | None
    properties: dict[str, dict[str, Any]]
    required: tuple[str, ...]


def read_input(document: Any, name: str, endpoint: str | None = None) -> Input:
    """The input of the operation for *endpoint*, or of the only one that takes a body. *name* is for messages.

    Raises UnreadableError when *document* is no OpenAPI document, or describes no or several such operations.
    """
    paths = _mapping(_mapping(document).get("paths"))
    if not paths:
        raise UnreadableError(f"{name}: not an OpenAPI document: it has no paths")
    budget = iter(range(MAX_SCHEMAS))
    bodies = {str(path).strip("/"): body for path, item in paths.items() if (body := _body(item, document, budget))}
    chosen = bodies.get(endpoint or "") or (next(iter(bodies.values())) if len(bodies) == 1 else None)
    if chosen is None:
        count = f"several: {', '.join(bodies)}; name the ENDPOINT" if bodies else "none"
        raise UnreadableError(f"{name}: of operations that take a JSON object it has {count}")
    properties = {str(key): _flat(value, document, budget) for key, value in _mapping(chosen.get("properties")).items()}
    endpoint_id = _mapping(_mapping(_mapping(document).get("info")).get("x-fal-metadata")).get("endpointId")
    path = next(path for path, body in bodies.items() if body is chosen)
    required = chosen.get("required")
    return Input(
        endpoint=endpoint_id if isinstance(endpoint_id, str) else path or None,
        properties=properties,
        required=tuple(str(key) for key in required) if isinstance(required, list) else (),
    )


def _body(item: Any, document: Any, budget: Iterator[int]) -> dict[str, Any] | None:
    content = _mapping(_mapping(_mapping(_mapping(item).get("post")).get("requestBody")).get("content"))
    schema = _flat(_mapping(content.get("application/json")).get("schema"), document, budget)
    return schema if _mapping(schema.get("properties")) else None


def _flat(schema: Any, document: Any, budget: Iterator[int], depth: int = 0) -> dict[str, Any]:
    """*schema* with its references followed and without `null`; empty when *budget* is used up."""
    fields = _mapping(schema)
    if depth > MAX_DEPTH or next(budget, None) is None:
        return {}
    parts = []
    if isinstance(fields.get("$ref"), str):
        parts.append(_flat(_at(fields["$ref"], document), document, budget, depth + 1))
    for word in ("anyOf", "oneOf", "allOf"):
        schemas = fields.get(word)
        branches = [_mapping(branch) for branch in schemas] if isinstance(schemas, list) else []
        real = [_flat(branch, document, budget, depth + 1) for branch in branches if branch.get("type") != "null"]
        if word == "allOf" or len(real) == 1:
            parts += real
        elif real and all(isinstance(branch.get("enum"), list) for branch in real):
            parts.append({"enum": [choice for branch in real for choice in branch["enum"]]})
    own = {key: value for key, value in fields.items() if key not in ("$ref", "anyOf", "oneOf", "allOf")}
    merged: dict[str, Any] = {}
    for part in (*parts, own):
        merged |= part
    if "const" in merged:
        merged.setdefault("enum", [merged["const"]])
    if "items" in merged:
        merged["items"] = _flat(merged["items"], document, budget, depth + 1)
    return merged


def _at(reference: str, document: Any) -> Any:
    """The schema at `#/components/schemas/Name`; nothing outside the document is looked up."""
    if not reference.startswith("#/"):
        return {}
    place = document
    for part in reference[2:].split("/"):
        place = _mapping(place).get(part.replace("~1", "/").replace("~0", "~"))
    return place


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
