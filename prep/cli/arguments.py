"""The arguments that several subcommands share, and what they mean together with a job file."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Asked(NamedTuple):
    """What was asked for, flags over job file over defaults."""

    references: tuple[str, ...]
    endpoint: str
    prompt: str | None
    options: Any
    generation: Any
    max_cost: Decimal | None


def references(command: F) -> F:
    """REF..., --endpoint, --from-job."""
    for option in (
        click.option(
            "--from-job",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Read REFs, prompt and options from this YAML or JSON file; flags override it.",
        ),
        click.option("--endpoint", metavar="ID", help="The endpoint whose limits count."),
        click.argument("refs", nargs=-1, metavar="REF..."),
    ):
        command = option(command)
    return command


def preparation(command: F) -> F:
    """How references are brought inside the limits."""
    for option in (
        click.option(
            "--window",
            type=click.Choice(["start", "middle", "end", "best"]),
            help="The part kept of a clip that is too long, where #t= names none: best (default) prefers one sharp, "
            "moving shot; of a sound, the stretch with most speech, cut in pauses.",
        ),
        click.option("--mute", is_flag=True, default=None, help="Leave the soundtracks of videos out."),
        click.option(
            "--loudness",
            type=click.FloatRange(-50, -5),
            metavar="LUFS",
            help="Bring sounds to this loudness (EBU R 128; -16 is usual for speech); unchanged otherwise.",
        ),
        click.option(
            "--short",
            type=click.Choice(["hold", "loop", "refuse"]),
            help="A clip that is too short: hold its last frame (default; silence for sound), loop it, or refuse it.",
        ),
        click.option(
            "--fit",
            type=click.Choice(["pad", "crop"]),
            help="An aspect ratio outside the limits: pad (default) or crop.",
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
    from prep.jobs import read_job
    from prep.model.generation import Generation
    from prep.model.job import Job
    from prep.model.plan import Options
    from prep.specs import DEFAULT_ENDPOINT

    job = read_job(given["from_job"]) if given.get("from_job") else Job()

    def over(model: Any, kind: type[Options] | type[Generation]) -> Any:
        flags = {name: given[name] for name in kind.model_fields if given.get(name) is not None}
        return model.model_copy(update=flags)

    return Asked(
        references=given["refs"] or job.references,
        endpoint=given.get("endpoint") or job.endpoint or DEFAULT_ENDPOINT,
        prompt=given.get("prompt") if given.get("prompt") is not None else job.prompt,
        options=over(job.options, Options),
        generation=over(job.generation, Generation),
        max_cost=given["max_cost"] if given.get("max_cost") is not None else job.max_cost,
    )


def require_references(chosen: Asked) -> None:
    if not chosen.references:
        raise click.UsageError("name at least one reference: [NAME=]PATH[#t=START,END]")
