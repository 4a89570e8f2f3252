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
from prep.specs.compose import CompositionError, Fields, inherited, with_sources
from prep.specs.toml import line_of, read_toml
from prep.validation import Key, complaints, dotted, expect

DEFAULT_ENDPOINT = "bytedance/seedance-2.0/reference-to-video"


@cache
def all_specs() -> dict[str, EndpointSpec]:
    """Every built-in spec by endpoint id, in the order of the ids."""
    specs = (parse_spec(text, name) for name, text in _built_in().items())
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
        raise UsageError(_no_such(endpoint))
    return known[endpoint]


def read_spec(path: str | os.PathLike[str]) -> EndpointSpec:
    """A spec of the user's own: a whole one, or one that `extends` a built-in endpoint and says what is different.

    Raises UsageError when *path* can't be read, SpecError naming each wrong key and its line.
    """
    path = Path(path)
    fields, text = read_toml(path)
    return _validated(fields, text, shown(path))


def parse_spec(text: str, name: str) -> EndpointSpec:
    """Read one TOML document; *name* is for messages. Raises SpecError naming each wrong key and its line."""
    try:
        return _validated(tomllib.loads(text), text, name)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{name}: not TOML: {error}") from error


@cache
def _built_in() -> dict[str, str]:
    """The text of each built-in document by the name of its file."""
    entries = (entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml"))
    return {entry.name: entry.read_text("utf-8") for entry in entries}


def _base_of(name: Any) -> Fields:
    """The built-in document called *name*: its endpoint id, or its file's name without `.toml`."""
    for file, text in _built_in().items():
        fields = tomllib.loads(text)
        if name in (file.removesuffix(".toml"), fields["endpoint"]):
            return fields
    raise CompositionError((("extends",), _no_such(name)))


def _no_such(endpoint: object) -> str:
    listing = "\n".join(f"  {name}" for name in all_specs())
    return f"{shown(endpoint)}: no such endpoint; known are\n{listing}"


def _validated(fields: Fields, text: str, name: str) -> EndpointSpec:
    def placed(key: Key, why: str) -> str:
        line = line_of(text, key)
        return f"{name}{f':{line}' if line else ''}: {f'{dotted(key)}: ' if key else ''}{why}"

    try:
        return EndpointSpec.model_validate(with_sources(inherited(fields, _base_of)))
    except ValidationError as error:
        problems = list(complaints(error, EndpointSpec))
    except CompositionError as error:
        problems = list(error.problems)
    raise SpecError("\n".join(placed(key, why) for key, why in problems))
