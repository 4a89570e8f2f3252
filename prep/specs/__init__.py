"""One TOML for each endpoint, read into an EndpointSpec and validated; adding a file adds an endpoint."""

import os
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from prep.errors import SpecError, UsageError
from prep.model.limits import EndpointSpec
from prep.model.redact import shown
from prep.specs.toml import line_of, read_toml
from prep.validation import complaints, dotted, expect

DEFAULT_ENDPOINT = "bytedance/seedance-2.0/reference-to-video"


@cache
def all_specs() -> dict[str, EndpointSpec]:
    """Every built-in spec by endpoint id, in the order of the ids."""
    tomls = (entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml"))
    specs = (parse_spec(entry.read_text("utf-8"), entry.name) for entry in tomls)
    return {spec.endpoint: spec for spec in sorted(specs, key=lambda spec: spec.endpoint)}


def load_spec(endpoint: str | EndpointSpec = DEFAULT_ENDPOINT) -> EndpointSpec:
    """The spec of *endpoint*; a spec is returned as it is.

    Raises UsageError naming the known endpoints when there is none.
    """
    if isinstance(endpoint, EndpointSpec):
        return endpoint
    expect(str, endpoint=endpoint)
    known = all_specs()
    if endpoint not in known:
        listing = "\n".join(f"  {name}" for name in known)
        raise UsageError(f"{shown(endpoint)}: no such endpoint; known are\n{listing}")
    return known[endpoint]


def read_spec(path: str | os.PathLike[str]) -> EndpointSpec:
    """A spec of the user's own: a whole one, or one that `extends` a built-in endpoint and says what is different.

    Raises UsageError when *path* can't be read, SpecError naming each wrong key and its line.
    """
    path = Path(path)
    fields, text = read_toml(path)
    if "extends" in fields:
        fields = _extended(fields, shown(path))
    return _validated(fields, text, shown(path))


def parse_spec(text: str, name: str) -> EndpointSpec:
    """Read one whole TOML document; *name* is for messages. Raises SpecError naming each wrong key and its line."""
    try:
        return _validated(tomllib.loads(text), text, name)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{name}: not TOML: {error}") from error


def _extended(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """*fields* put over the spec that they extend: a limit replaces the whole limit, source and date included."""
    try:
        base = load_spec(fields["extends"]).model_dump(exclude_none=True)
    except UsageError as error:
        raise SpecError(f"{name}: extends: {error}") from None
    own = {key: value for key, value in fields.items() if key != "extends"}
    merged = {
        key: base[key] | value if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in own.items()
    }
    return base | merged


def _validated(fields: dict[str, Any], text: str, name: str) -> EndpointSpec:
    try:
        return EndpointSpec.model_validate(fields)
    except ValidationError as error:
        raise SpecError("\n".join(_complaints(error, text, name))) from error


def _complaints(error: ValidationError, text: str, name: str) -> list[str]:
    told = []
    for key, why in complaints(error, EndpointSpec):
        line = line_of(text, key)
        told.append(f"{name}{f':{line}' if line else ''}: {f'{dotted(key)}: ' if key else ''}{why}")
    return told
