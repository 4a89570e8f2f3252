"""The call that a command line makes: flags over a job file over the project over defaults."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from prep.cli.project import from_project
from prep.cli.terminal import say

if TYPE_CHECKING:
    from prep.model.plan import Plan
    from prep.model.reference import Reference


class Call(NamedTuple):
    """References and everything that is to be done with them."""

    references: "tuple[str | Reference, ...]"
    endpoint: Any  # its id, or an EndpointSpec of the user's own
    prompt: str | None
    options: Any
    generation: Any
    max_cost: Decimal | None


def read_call(values: dict[str, Any]) -> Call:
    """Put the flags in *values* over the job file that they name. Raises UsageError for an invalid job.

    Expands patterns, lists on stdin and, with --recursive, folders among the REFs, and says on stderr what they skip.
    Starts the processes that will open the references.
    """
    from prep.inputs.jobs import Job, read_job

    path = values.get("from_job")
    call = over_job(values, read_job(path), str(path)) if path else over_job(values, Job())
    if values["refs"]:
        call = call._replace(references=_expanded(values))
    _start_workers(call.references)
    return call


def _expanded(values: dict[str, Any]) -> "tuple[Reference, ...]":
    from prep.inputs.expand import expand

    expansion = expand(values["refs"], recursive=bool(values.get("recursive")), read_list=_stdin)
    for line in expansion.skipped:
        say(line, err=True)
    return tuple(expansion.references)


def _stdin() -> bytes:
    return sys.stdin.buffer.read()


def _start_workers(references: "tuple[str | Reference, ...]") -> None:
    """Start the processes that will open *references*, with the decoders that these need: so each is loaded once."""
    from prep.inputs.folder import kind_by_name
    from prep.media.isolation.pool import start_workers
    from prep.media.probe import dispatch  # noqa: F401

    names = (reference if isinstance(reference, str) else reference.location for reference in references)
    if any(kind_by_name(name) != "image" for name in names):
        from prep.media.probe import streams  # noqa: F401
    start_workers()


def over_job(values: dict[str, Any], job: Any, place: str = "") -> Call:
    """Put the flags in *values* over *job*, which stands in *place*, and both over the project."""
    from prep.cli.endpoint import choose_endpoint
    from prep.model.generation import Generation
    from prep.model.plan import Options
    from prep.specs import load_spec
    from prep.specs.parameters import refuse_unknown, with_defaults

    flags, project = by_source(values)
    from_job = {name: value for name, value in job.options if name in job.options.model_fields_set}
    options = {name: value for name, value in (project | from_job | flags).items() if name in Options.model_fields}
    endpoint = choose_endpoint(flags, job.endpoint, project)
    asked = generation_of(flags)
    own = {name: value for name, value in job.generation.asked().items() if name not in asked}
    if endpoint == job.endpoint:
        with _named(place, "endpoint"):
            load_spec(endpoint)
    if own:
        with _named(place, "generation"):
            with_defaults(Generation(**own), load_spec(endpoint))
    generation = Generation(**(generation_of(project) | own | asked))
    if generation.asked():
        refuse_unknown(generation, load_spec(endpoint))
    return Call(
        references=values["refs"] or job.references,
        endpoint=endpoint,
        prompt=flags.get("prompt", job.prompt),
        options=Options(**options),
        generation=generation,
        max_cost=flags.get("max_cost", project.get("max_cost") if job.max_cost is None else job.max_cost),
    )


@contextmanager
def _named(place: str, key: str) -> Iterator[None]:
    """Put the job's file and *key* in front of each line of a UsageError."""
    from prep.errors import UsageError
    from prep.model.redact import shown

    try:
        yield
    except UsageError as error:
        raise UsageError(f"{shown(place)}: {key}: {error}") from None


def generation_of(values: dict[str, Any]) -> dict[str, Any]:
    """The request parameters among *values*, with those of --set. Raises UsageError for one that is there twice."""
    from prep.errors import UsageError
    from prep.model.generation import Generation

    own = {name: values[name] for name in Generation.model_fields if values.get(name) is not None}
    for name, value in values.get("settings", ()):
        if name in own:
            raise UsageError(f"--set {name}={value}: {name} is set twice")
        own[name] = value
    return own


def by_source(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of the command line and those of the project; without those that neither sets."""
    own = {name: value for name, value in values.items() if value is not None}
    project = {name: value for name, value in own.items() if from_project(name)}
    return {name: value for name, value in own.items() if name not in project}, project


def planned(call: Call, values: dict[str, Any]) -> "Plan":
    """The plan for *call*; progress is shown meanwhile."""
    from prep.api import plan
    from prep.cli.progress import show_progress
    from prep.execution.cache import default_folder

    with show_progress() as progress:
        return plan(
            call.references,
            call.endpoint,
            generation=call.generation,
            options=call.options,
            skip_unreadable=values["skip_unreadable"],
            cache=default_folder(),
            progress=progress,
            network=network_of(values),
        )


def network_of(values: dict[str, Any]) -> Any:
    """The network that references by URL may use."""
    from prep.net.network import Network

    return Network(allow_private=values["allow_private_network"])


def require_references(call: Call) -> None:
    if not call.references:
        raise click.UsageError("name at least one reference: [NAME=]PATH-or-URL[#t=START,END]")
