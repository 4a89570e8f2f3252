"""Arguments and options that several subcommands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from prep.cli.candidates import endpoints, files

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


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
        super().__init__(**({"path_type": Path} | options))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not value:
            self.fail("should be a path, not ''; '.' is the working directory.", param, ctx)
        return super().convert(value, param, ctx)


class Read(click.ParamType[T]):
    """A value that *read* makes of the text. What it refuses with UsageError or ValueError is a wrong value."""

    def __init__(self, name: str, read: Callable[[str], T]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> T:
        from prep.errors import UsageError

        try:
            return self._read(str(value))
        except (UsageError, ValueError) as error:
            self.fail(str(error).removeprefix(f"{self.name}: "), param, ctx)


def _read_color(text: str) -> str:
    from prep.model.color import color

    return color(text)


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


def _references(more: str = "") -> Callable[[F], F]:
    """The references of a command, and all that says how to read them; *more* is what it can do with a job file."""
    return combined(
        click.argument("refs", nargs=-1, metavar="REF...", shell_complete=files),
        endpoint,
        spec,
        click.option(
            "--from-job",
            type=FilePath(dir_okay=False),
            help=f"Read REFs, prompt and options from this YAML or JSON file; a flag replaces what it says.{more}",
        ),
        private_network,
    )


references = _references()
checked_references = _references(" Of a .jsonl file, check the job in each line.")
# Choices about the preparation of references.
preparation = combined(
    click.option(
        "--fit",
        type=Choice(["pad", "crop"]),
        help="For a picture that is too wide or too tall: pad it, or crop it around its subject. [default: pad]",
    ),
    click.option(
        "--short",
        type=Choice(["hold", "loop", "refuse"]),
        help="For a clip or sound that is too short: hold its last frame (add silence), loop it, or refuse it. "
        "[default: hold]",
    ),
    click.option(
        "--background",
        type=Read("colour", _read_color),
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
        "many as the limits allow; of a video, no more than will be generated]",
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
    click.option("--end-user-id", help="Tell the platform which of your users this job is for."),
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
