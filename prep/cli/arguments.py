"""The arguments that several subcommands share, and what they mean together with a job file."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from prep.cli.candidates import endpoints, files
from prep.cli.project import from_project

F = TypeVar("F", bound=Callable[..., Any])


class Colour(click.ParamType[str]):
    """A colour by name or number."""

    name = "colour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises UsageError naming the flag; a project's file has no flags, and its line is named there."""
        from prep.errors import UsageError
        from prep.model.color import color

        try:
            return color(str(value))
        except ValueError as error:
            flag = f"{param.opts[0]}: " if param and ctx else ""
            raise UsageError(f"{flag}{error}") from None


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
            type=Colour(),
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


def skip_bad(command: F) -> F:
    return click.option(
        "--skip-bad",
        "skip_unreadable",
        is_flag=True,
        help="Go on without references that can't be read; the findings name each.",
    )(command)


class Setting(click.ParamType[tuple[str, str]]):
    """A parameter of the request and its value; the endpoint decides later whether it has it."""

    name = "setting"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):  # click converts a default once more
            return value
        name, equals, setting = str(value).partition("=")
        if not equals or not name.strip():
            self.fail(f"{value!r} is not NAME=VALUE, such as bitrate_mode=high", param, ctx)
        return name.strip().replace("-", "_"), setting.strip()


def parameters(command: F) -> F:
    """What to generate."""
    for option in (
        click.option(
            "--set",
            "settings",
            type=Setting(),
            multiple=True,
            metavar="NAME=VALUE",
            help="Any parameter of the endpoint ('prep-and-submit limits' lists them); may be given several times.",
        ),
        click.option("--end-user-id", help="Passed on to the platform."),
        click.option("--seed", type=int, help="The same seed and request give a similar video."),
        click.option("--audio/--no-audio", "generate_audio", default=None, help="Generate sound (default) or not."),
        click.option("--aspect-ratio", metavar="RATIO", help="auto (default), 16:9, 9:16, ..."),
        click.option("--duration", metavar="SECONDS", help="auto (default) or whole seconds."),
        click.option("--resolution", metavar="NAME", help="480p, 720p (default), ..."),
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
    from prep.specs import load_spec
    from prep.specs.parameters import refuse_unknown

    flags, project = by_source(given)
    said = {name: value for name, value in job.options if name in job.options.model_fields_set}
    options = {name: value for name, value in (project | said | flags).items() if name in Options.model_fields}
    chosen = choose_endpoint(flags, job.endpoint, project)
    generation = Generation(**(generation_of(project) | job.generation.asked() | generation_of(flags)))
    if generation.asked():
        refuse_unknown(generation, load_spec(chosen))
    return Asked(
        references=given["refs"] or job.references,
        endpoint=chosen,
        prompt=flags.get("prompt", job.prompt),
        options=Options(**options),
        generation=generation,
        max_cost=flags.get("max_cost", project.get("max_cost") if job.max_cost is None else job.max_cost),
    )


def generation_of(given: dict[str, Any]) -> dict[str, Any]:
    """The parameters among *given*, those of --set included. Raises UsageError for one that is given twice."""
    from prep.errors import UsageError
    from prep.model.generation import Generation

    own = {name: given[name] for name in Generation.model_fields if given.get(name) is not None}
    for name, value in given.get("settings", ()):
        if name in own:
            raise UsageError(f"--set {name}={value}: {name} is given twice; give it once")
        own[name] = value
    return own


def by_source(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the command line says, and what the project does; what neither says is left out."""
    said = {name: value for name, value in given.items() if value is not None}
    project = {name: value for name, value in said.items() if from_project(name)}
    return {name: value for name, value in said.items() if name not in project}, project


def require_references(chosen: Asked) -> None:
    if not chosen.references:
        raise click.UsageError("name at least one reference: [NAME=]PATH-or-URL[#t=START,END]")
