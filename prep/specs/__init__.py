"""One TOML for each endpoint, read into an EndpointSpec and validated; adding a file adds an endpoint."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from prep.errors import SpecError, UsageError
from prep.model.limits import EndpointSpec

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
    known = all_specs()
    if endpoint not in known:
        listing = "\n".join(f"  {name}" for name in known)
        raise UsageError(f"{endpoint}: no such endpoint; known are\n{listing}")
    return known[endpoint]


def parse_spec(text: str, name: str) -> EndpointSpec:
    """Read one TOML document; *name* is for messages. Raises SpecError naming each wrong key."""
    try:
        return EndpointSpec.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{name}: not TOML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SpecError(f"{name}: {wrong}") from error
