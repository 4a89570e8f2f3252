"""The choice of the endpoint, which the command line, a job and a project may each name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prep.model.limits import EndpointSpec


def choose_endpoint(flags: Mapping[str, Any], job: str | None, project: Mapping[str, Any]) -> "str | EndpointSpec":
    """The endpoint of the first level that names one: its id, or the spec from the user's file that describes it.

    A spec file (`spec`) also names its endpoint where its level has no `endpoint`. Raises UsageError when a level names
    two different ones.
    """
    from prep.errors import UsageError
    from prep.specs import DEFAULT_ENDPOINT, read_spec

    known: dict[str, EndpointSpec] = {}
    named: list[str | None] = []
    levels: tuple[Mapping[str, Any], ...] = (flags, {"endpoint": job}, project)
    for level in levels:
        endpoint = level.get("endpoint")
        if level.get("spec"):
            spec = read_spec(level["spec"])
            if endpoint and endpoint != spec.endpoint:
                raise UsageError(f"{level['spec']} describes {spec.endpoint}, not {endpoint}; leave one of them out")
            endpoint = spec.endpoint
            known.setdefault(endpoint, spec)
        named.append(endpoint)
    chosen = next((endpoint for endpoint in named if endpoint), DEFAULT_ENDPOINT)
    return known.get(chosen, chosen)


def spec_for(endpoint: str, values: dict[str, Any]) -> "EndpointSpec | None":
    """The spec from the user's file for a plan or folder made for *endpoint*; None: there is no such file.

    A file that the project names may describe another endpoint; raises UsageError when one on the command line does.
    """
    from prep.cli.project import from_project
    from prep.errors import UsageError
    from prep.specs import read_spec

    if not values["spec"]:
        return None
    spec = read_spec(values["spec"])
    if spec.endpoint == endpoint:
        return spec
    if from_project("spec"):
        return None
    raise UsageError(f"{values['spec']} describes {spec.endpoint}; this was made for {endpoint}")
