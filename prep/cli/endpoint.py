"""Which endpoint is meant, where the command line, a job and a project may each say one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prep.model.limits import EndpointSpec


def choose_endpoint(flags: Mapping[str, Any], job: str | None, project: Mapping[str, Any]) -> "str | EndpointSpec":
    """The endpoint of the first who says one: its id, or the spec of the user's own that describes it.

    A spec (`spec`, a file) makes its endpoint known, and is a word for it where its sayer names no `endpoint`. Raises
    UsageError when one of them says both and they differ.
    """
    from prep.errors import UsageError
    from prep.specs import DEFAULT_ENDPOINT, read_spec

    known: dict[str, EndpointSpec] = {}
    said: list[str | None] = []
    levels: tuple[Mapping[str, Any], ...] = (flags, {"endpoint": job}, project)
    for level in levels:
        endpoint = level.get("endpoint")
        if level.get("spec"):
            spec = read_spec(level["spec"])
            if endpoint and endpoint != spec.endpoint:
                raise UsageError(f"{level['spec']} describes {spec.endpoint}, not {endpoint}; leave one of them out")
            endpoint = spec.endpoint
            known.setdefault(endpoint, spec)
        said.append(endpoint)
    chosen = next((endpoint for endpoint in said if endpoint), DEFAULT_ENDPOINT)
    return known.get(chosen, chosen)


def spec_for(endpoint: str, given: dict[str, Any]) -> "EndpointSpec | None":
    """The spec of the user's own for what was planned or prepared for *endpoint*; None: there is none.

    One that the project names may be of another endpoint; raises UsageError when one on the command line is.
    """
    from prep.cli.project import from_project
    from prep.errors import UsageError
    from prep.specs import read_spec

    if not given["spec"]:
        return None
    spec = read_spec(given["spec"])
    if spec.endpoint == endpoint:
        return spec
    if from_project("spec"):
        return None
    raise UsageError(f"{given['spec']} describes {spec.endpoint}; this was made for {endpoint}")
