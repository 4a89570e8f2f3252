"""The arguments that several subcommands share, and what they mean together with a job file."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from prep.cli.candidates import endpoints, files
from prep.cli.project import from_project

F = TypeVar("F", bound=Callable[..., Any])


class Asked(NamedTuple):
    """What was asked for: flags over job file over project over defaults."""

    references: tuple[str, ...]
    endpoint: Any  # its id, or an EndpointSpec of the user's own
    prompt: str | None
    options: Any
    generation: Any
    max_cost: Decimal | None


def private_network(command: F) -> F:
    """Where references by URL may lead."""
    return click.option(
        "--allow-private-network",
        is_flag=True,
        help="Let URLs lead to private addresses, to http:// and through the environment's proxy.",
    )(command)


def network_of(given: dict[str, Any]) -> Any:
    from prep.net.network import Network

    return Network(allow_private=given["allow_private_network"])


def references(command: F) -> F:
    """REF..., --endpoint, --from-job, --allow-private-network."""
    for option in (
        private_network,
        click.option(
            "--from-job",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Read REFs, prompt and options from this YAML or JSON file; flags override it.",
        ),
        spec,
        click.option("--endpoint", metavar="ID", shell_complete=endpoints, help="The endpoint whose limits count."),
        click.argument("refs", nargs=-1, metavar="REF...", shell_complete=files),
    ):
        command = option(command)
    return command


def spec(command: F) -> F:
    return click.option(
        "--spec",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A spec of your own (docs/configuration.md); it makes its endpoint known, and chooses it.",
    )(command)


def preparation(command: F) -> F:
    """How references are brought inside the limits."""
    for option in (
        click.option(
            "--window",
            type=click.Choice(["start", "middle", "end", "best"]),
            help="The part kept of a clip that is too long, where #t= names none: best (default) prefers one sharp, "
            "moving shot; of a sound, the stretch with most speech, cut in pauses.",
        ),
        click.option(
            "--mute/--no-mute", default=None, help="Leave the soundtracks of videos out, or keep them (default)."
        ),
        click.option(
            "--loudness",
            type=click.FloatRange(-50, -5),
            metavar="LUFS",
            help="Bring sounds to this loudness (EBU R 128; -16 is usual for speech); unchanged otherwise.",
        ),
        click.option(
            "--strip-metadata/--no-strip-metadata",
            default=None,
            help="Leave out what files tell beside picture and sound (position, device, owner), also where they would "
            "go through as they are; what is coded stays as it is.",
        ),
        click.option(
            "--background",
            metavar="COLOUR",
            help="Put transparent images on this colour, and pad images with it: a name such as white, or #rrggbb.",
        ),
        click.option(
            "--short",
            type=click.Choice(["hold", "loop", "refuse"]),
            help="A clip that is too short: hold its last frame (default; silence for sound), loop it, or refuse it.",
        ),
        click.option(
            "--fit",
            type=click.Choice(["pad", "crop"]),
            help="An aspect ratio outside the limits: pad (default), or crop around the subject.",
        ),
    ):
        command = option(command)
    return command


def as_json(command: F) -> F:
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document (docs/json.md) and nothing else."
    )(command)


def asked(given: dict[str, Any]) -> Asked:
    """Put the flags in *given* over the job file that it names. Raises UsageError for a job that is not one."""
    from prep.inputs.jobs import read_job
    from prep.model.job import Job

    return over_job(given, read_job(given["from_job"]) if given.get("from_job") else Job())


def over_job(given: dict[str, Any], job: Any) -> Asked:
    """Put the flags in *given* over *job*, and both over what the project says."""
    from prep.cli.endpoint import choose_endpoint
    from prep.model.generation import Generation
    from prep.model.plan import Options

    flags, project = by_source(given)

    def over(model: Any, kind: type[Options] | type[Generation]) -> Any:
        said = {name: value for name, value in model if name in model.model_fields_set}
        known = {name: value for name, value in (project | said | flags).items() if name in kind.model_fields}
        return kind(**known)

    return Asked(
        references=given["refs"] or job.references,
        endpoint=choose_endpoint(flags, job.endpoint, project),
        prompt=flags.get("prompt", job.prompt),
        options=over(job.options, Options),
        generation=over(job.generation, Generation),
        max_cost=flags.get("max_cost", project.get("max_cost") if job.max_cost is None else job.max_cost),
    )


def by_source(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the command line says, and what the project does; what neither says is left out."""
    said = {name: value for name, value in given.items() if value is not None}
    project = {name: value for name, value in said.items() if from_project(name)}
    return {name: value for name, value in said.items() if name not in project}, project


def require_references(chosen: Asked) -> None:
    if not chosen.references:
        raise click.UsageError("name at least one reference: [NAME=]PATH-or-URL[#t=START,END]")
