"""Loads specs: the built-in ones by endpoint id, and those of the user from a file."""

import os
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from prep.errors import SpecError, UsageError
from prep.model.limits import EndpointSpec
from prep.model.redact import shown
from prep.specs.compose import CompositionError, Fields, inherited, with_sources
from prep.specs.read_toml import line_of, parse_toml, read_toml
from prep.validation import Key, complaints, dotted, expect

DEFAULT_ENDPOINT = "bytedance/seedance-2.0/reference-to-video"


class SpecFile(NamedTuple):
    """A TOML file of this package: its *name*, its *text*, and its *fields* before anything is inherited."""

    name: str
    text: str
    fields: Fields


def all_specs() -> dict[str, EndpointSpec]:
    """Every built-in spec by endpoint id, in the order of the ids."""
    return {endpoint: _built_in(endpoint) for endpoint in sorted(_documents())}


def load_spec(endpoint: str | EndpointSpec = DEFAULT_ENDPOINT) -> EndpointSpec:
    """The spec of *endpoint*; a spec is returned as it is.

    Raises UsageError naming the known endpoints when there is none.
    """
    if isinstance(endpoint, EndpointSpec):
        return endpoint
    expect(str, endpoint=endpoint)
    if endpoint not in _documents():
        raise UsageError(_no_such(endpoint))
    return _built_in(endpoint)


def read_spec(path: str | os.PathLike[str]) -> EndpointSpec:
    """A spec of the user's own: a whole one, or one that `extends` a built-in endpoint and says what is different.

    Raises UsageError when *path* can't be read, SpecError naming each wrong key and its line.
    """
    fields, text = read_toml(Path(path))
    return _validated(fields, text, shown(path))


def parse_spec(text: str, name: str) -> EndpointSpec:
    """Read one TOML document; *name* is for messages. Raises as `read_spec` does."""
    return _validated(parse_toml(text, name), text, name)


@cache
def _documents() -> dict[str, SpecFile]:
    """Each built-in document by its endpoint id."""
    entries = (entry for entry in files("prep.specs").iterdir() if entry.name.endswith(".toml"))
    texts = ((entry.name, entry.read_text("utf-8")) for entry in entries)
    documents = (SpecFile(name, text, tomllib.loads(text)) for name, text in texts)
    return {document.fields["endpoint"]: document for document in documents}


@cache
def _built_in(endpoint: str) -> EndpointSpec:
    name, text, fields = _documents()[endpoint]
    return _validated(fields, text, name)


def _base_of(name: Any) -> Fields:
    """The built-in document called *name*: its endpoint id, or its file's name without `.toml`."""
    for endpoint, document in _documents().items():
        if name in (document.name.removesuffix(".toml"), endpoint):
            return document.fields
    raise CompositionError((("extends",), _no_such(name)))


def _no_such(endpoint: object) -> str:
    listing = "\n".join(f"  {name}" for name in sorted(_documents()))
    return f"{shown(endpoint)}: no such endpoint; choose from:\n{listing}"


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
