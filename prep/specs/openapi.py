"""The input of an endpoint, as its OpenAPI document describes it: the properties of the body that is posted.

fal states limits below `x-fal` of a property, beside its `anyOf` (projects/fal/src/fal/toolkit/constraints.py and
video/video.py of fal-ai/fal, pull requests 1079 and 1125): those of one file directly, those over a list below
`combined`, and below `normalization` what the model reshapes instead of refusing it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from prep.errors import UnreadableError

DEEPEST, MOST = 20, 10_000  # references within references, and schemas looked at: a document may refer to itself


class Input(NamedTuple):
    """*endpoint* None: the document names none."""

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
    left = iter(range(MOST))
    bodies = {str(path).strip("/"): body for path, item in paths.items() if (body := _body(item, document, left))}
    chosen = bodies.get(endpoint or "") or (next(iter(bodies.values())) if len(bodies) == 1 else None)
    if chosen is None:
        held = f"several: {', '.join(bodies)}; name the ENDPOINT" if bodies else "none"
        raise UnreadableError(f"{name}: of operations that take a JSON object it has {held}")
    properties = {str(key): _flat(value, document, left) for key, value in _mapping(chosen.get("properties")).items()}
    told = _mapping(_mapping(_mapping(document).get("info")).get("x-fal-metadata")).get("endpointId")
    path = next(path for path, body in bodies.items() if body is chosen)
    required = chosen.get("required")
    return Input(
        endpoint=told if isinstance(told, str) else path or None,
        properties=properties,
        required=tuple(str(key) for key in required) if isinstance(required, list) else (),
    )


def _body(item: Any, document: Any, left: Iterator[int]) -> dict[str, Any] | None:
    content = _mapping(_mapping(_mapping(_mapping(item).get("post")).get("requestBody")).get("content"))
    schema = _flat(_mapping(content.get("application/json")).get("schema"), document, left)
    return schema if _mapping(schema.get("properties")) else None


def _flat(schema: Any, document: Any, left: Iterator[int], depth: int = 0) -> dict[str, Any]:
    """*schema* with its references followed, and without the `null` that it may be as well."""
    found = _mapping(schema)
    if depth > DEEPEST or next(left, None) is None:
        return {}
    parts = []
    if isinstance(found.get("$ref"), str):
        parts.append(_flat(_at(found["$ref"], document), document, left, depth + 1))
    for word in ("anyOf", "oneOf", "allOf"):
        listed = found.get(word)
        branches = [_mapping(branch) for branch in listed] if isinstance(listed, list) else []
        real = [_flat(branch, document, left, depth + 1) for branch in branches if branch.get("type") != "null"]
        if word == "allOf" or len(real) == 1:
            parts += real
        elif real and all(isinstance(branch.get("enum"), list) for branch in real):
            parts.append({"enum": [choice for branch in real for choice in branch["enum"]]})
    own = {key: value for key, value in found.items() if key not in ("$ref", "anyOf", "oneOf", "allOf")}
    merged: dict[str, Any] = {}
    for part in (*parts, own):
        merged |= part
    if "const" in merged:
        merged.setdefault("enum", [merged["const"]])
    if "items" in merged:
        merged["items"] = _flat(merged["items"], document, left, depth + 1)
    return merged


def _at(reference: str, document: Any) -> Any:
    """What `#/components/schemas/Name` points at; nothing outside the document is looked up."""
    if not reference.startswith("#/"):
        return {}
    found = document
    for part in reference[2:].split("/"):
        found = _mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
