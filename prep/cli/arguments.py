"""Arguments and options that several subcommands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from prep.cli.candidates import endpoints, files

F = TypeVar("F", bound=Callable[..., Any])


def combined(*options: Callable[[F], F]) -> Callable[[F], F]:
    """One decorator for *options*, which the help lists in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class Choice(click.Choice[str]):
    """As click's, with a guess at what a wrong word was meant to be."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from prep.spelling import hint

        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            if not (guess := hint(str(value), self.choices)):
                raise
            self.fail(f"{error.message.rstrip('.')}{guess}.", param, ctx)


class FilePath(click.Path):
    """The path of a file or folder. An empty one is refused: a variable of the shell was not set."""

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not value:
            self.fail("should be a path, not ''; '.' is the working directory.", param, ctx)
        return super().convert(value, param, ctx)


class Colour(click.ParamType[str]):
    """A colour by name or number."""

    name = "colour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises UsageError naming the flag; for a project's file, the caller names the line instead."""
        from prep.errors import UsageError
        from prep.model.color import color

        try:
            return color(str(value))
        except ValueError as error:
            flag = f"{param.opts[0]}: " if param and ctx else ""
            raise UsageError(f"{flag}{error}") from None


class Setting(click.ParamType[tuple[str, str]]):
    """A request parameter and its value; whether the endpoint has it is checked later."""

    name = "setting"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):  # click converts a default once more
            return value
        name, equals, setting = str(value).partition("=")
        if not equals or not name.strip():
            self.fail(f"{value!r} is not NAME=VALUE, such as bitrate_mode=high", param, ctx)
        return name.strip().replace("-", "_"), setting.strip()


endpoint = click.option(
    "--endpoint",
    metavar="ID",
    shell_complete=endpoints,
    help="Use this endpoint: its limits and prices, and the model that a job is sent to. [default: "
    "bytedance/seedance-2.0/reference-to-video]",
)
spec = click.option(
    "--spec",
    metavar="FILE",
    type=FilePath(dir_okay=False),
    help="Use the endpoint that this file describes (docs/configuration.md).",
)
# The addresses that references by URL may lead to.
private_network = click.option(
    "--allow-private-network",
    is_flag=True,
    help="Also read references at private addresses (such as 192.168.1.5) and http:// URLs, and use the proxy that the "
    "environment names. [default: public https:// addresses only]",
)
references = combined(
    click.argument("refs", nargs=-1, metavar="REF...", shell_complete=files),
    endpoint,
    spec,
    click.option(
        "--from-job",
        type=FilePath(dir_okay=False),
        help="Read REFs, prompt and options from this YAML or JSON file; a flag replaces what it says. check also "
        "takes a .jsonl file with a job per line.",
    ),
    private_network,
)
# Choices about the preparation of references.
preparation = combined(
    click.option(
        "--fit",
        type=Choice(["pad", "crop"]),
        help="Bring a picture that is too wide or too tall inside the limits: pad it, or crop it around its subject. "
        "[default: pad]",
    ),
    click.option(
        "--short",
        type=Choice(["hold", "loop", "refuse"]),
        help="Lengthen a clip that is too short: hold its last frame (add silence to a sound), loop it, or "
        "refuse it. [default: hold]",
    ),
    click.option(
        "--background",
        type=Colour(),
        metavar="COLOUR",
        help="Fill transparency and padding with this colour: a name such as white, or #rrggbb. [default: "
        "keep an image's transparency and pad in the colour of its edges; black in a video]",
    ),
    click.option(
        "--strip-metadata/--no-strip-metadata",
        default=None,
        help="Remove private metadata (location, device, owner) also from files that would be sent unchanged; "
        "picture and sound stay as they are. [default: only from re-made files]",
    ),
    click.option(
        "--loudness",
        type=click.FloatRange(-50, -5),
        metavar="LUFS",
        help="Bring sounds, but not the soundtracks of videos, to this loudness (EBU R 128); -16 suits speech. "
        "[default: unchanged]",
    ),
    click.option(
        "--mute/--no-mute",
        default=None,
        help="Remove the soundtracks of the reference videos. [default: keep them]",
    ),
    click.option(
        "--window",
        type=Choice(["start", "middle", "end", "best"]),
        help="Choose the part to keep of a clip or sound that is too long and has no #t=. The best of a video is one "
        "steady, sharp shot; that of a sound is the part with most speech, or else the loudest. [default: best]",
    ),
    click.option(
        "--seconds",
        type=click.FloatRange(min=0, min_open=True),
        metavar="N",
        help="Keep at most N seconds of each clip and sound without a #t=; --window chooses which. [default: as "
        "many as the limits allow]",
    ),
)
skip_bad = click.option(
    "--skip-bad",
    "skip_unreadable",
    is_flag=True,
    help="Leave out references that can't be read; they are listed as findings.",
)
# --duration of a command that generates nothing.
planned_duration = click.option(
    "--duration",
    metavar="SECONDS",
    help="Plan for a generation of this many whole seconds, or auto. [default: auto]",
)
# The parameters of the generation.
parameters = combined(
    click.option("--resolution", metavar="NAME", help="Generate this resolution: 480p, 720p, ... [default: 720p]"),
    click.option("--duration", metavar="SECONDS", help="Generate this many whole seconds, or auto. [default: auto]"),
    click.option(
        "--aspect-ratio", metavar="RATIO", help="Generate this aspect ratio: auto, 16:9, 9:16, ... [default: auto]"
    ),
    click.option(
        "--audio/--no-audio", "generate_audio", default=None, help="Generate sound with the video. [default: audio]"
    ),
    click.option(
        "--seed",
        type=int,
        help="Use this random seed: the same request with the same seed gives a similar video. An endpoint may ignore "
        "it.",
    ),
    click.option("--end-user-id", help="Send the platform this id of the end user."),
    click.option(
        "--set",
        "settings",
        type=Setting(),
        multiple=True,
        metavar="NAME=VALUE",
        help="Set a request parameter (request.* in 'prep-and-submit limits'), such as bitrate_mode=high; repeatable.",
    ),
)
as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document (docs/json.md) and nothing else."
)
