"""`prep-and-submit check`."""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prep.cli.allocator import give_back_large_blocks
from prep.cli.arguments import as_json, preparation, references
from prep.cli.candidates import rules
from prep.cli.formats import FORMATS, Output, Shape, read_outputs, show
from prep.cli.report import report_option

if TYPE_CHECKING:
    from prep.errors import PrepError


class Patterns(click.ParamType[tuple[str, ...]]):
    """Rules by name or pattern, several with commas between."""

    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ARG002
        """Raises UsageError for one that no rule answers to; of a project's file the line is told with it."""
        from prep.rules.select import read_patterns

        return read_patterns([str(value)])


@click.command(
    epilog="Example: prep-and-submit check hero.heic walk.mov --prompt '@Image1 walks like @Video1'",
)
@references
@click.option(
    "-r",
    "--recursive",
    is_flag=True,
    help="Judge every file by itself, not all as one set; folders stand for the media in them.",
)
@preparation
@click.option(
    "--thorough/--no-thorough",
    default=False,
    help="Decode videos and sounds as well, to find several shots and near silence; it takes much longer.",
)
@click.option("--prompt", help="Judge this prompt as well: its tags must name references that are there.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help=f"{', '.join(FORMATS)}; with FILE it is written there. May be given several times.",
)
@report_option
@as_json
@click.option(
    "--select",
    multiple=True,
    type=Patterns(),
    metavar="RULE",
    shell_complete=rules,
    help="Only these rules; patterns such as 'video-*' as well.",
)
@click.option(
    "--ignore", multiple=True, type=Patterns(), metavar="RULE", shell_complete=rules, help="All but these rules."
)
@click.option(
    "--basis",
    multiple=True,
    type=click.Choice(["documented", "upstream", "advice"]),
    help="Only rules with this basis; may be given several times.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found; 2 for what can't be read remains.")
@click.option("--diff", is_flag=True, help="Show the changes that would make it comply, and make none.")
@click.option("--fix", is_flag=True, help="Make the compliant files in --out, as far as safe changes do.")
@click.option(
    "--unsafe-fixes",
    is_flag=True,
    help="With --fix or --diff: also trims and crops nobody asked for, padding, enlarging, lengthening.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The folder for what --fix makes.")
def check(**given: Any) -> int:
    """Pre-flight: say which rules the references break. Changes none of them, and needs no key.

    REF is [NAME=]PATH-or-URL[#t=START,END][&xywh=X,Y,W,H][&track=audio|video]; a pattern such as 'clips/*.mp4'; or -
    for a list on stdin, one REF a line. All of them are one set, and are judged together as well, unless --recursive
    asks for each file by itself. A job is one set, each line of a .jsonl file of jobs another. Exits with 1 when a rule
    is broken. There is no network but for URLs, of which as little is read as tells what they are.
    """
    from prep.cli.questions import answered
    from prep.errors import PrepError
    from prep.rules.select import Selection

    outputs = read_outputs(given["formats"], given["as_json"])
    _consistent(given)
    _able_to_find(given)
    selection = Selection(
        select=tuple(chain(*given["select"])), ignore=tuple(chain(*given["ignore"])), basis=given["basis"]
    )
    what, reports = answered(given, selection)
    shape = Shape(what, given["fail_on"], given["exit_zero"])
    if what != "set":
        give_back_large_blocks()
    try:
        tally = show(outputs, reports, shape)
    except PrepError as error:
        if what == "set":
            _show_failure(error, str(given["from_job"] or ""), outputs, shape)
        raise
    return tally.exit_code(given["exit_zero"])


def _consistent(given: dict[str, Any]) -> None:
    if given["fix"] and given["diff"]:
        raise click.UsageError("--diff makes nothing and --fix does; give one of them")
    if given["fix"] != bool(given["out"]):
        raise click.UsageError("--fix needs --out, the folder for what it makes, and --out needs --fix")
    if given["unsafe_fixes"] and not (given["fix"] or given["diff"]):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    if given["recursive"] and (given["from_job"] or given["prompt"] is not None):
        raise click.UsageError("with --recursive every file is judged by itself: leave --from-job and --prompt out")


def _able_to_find(given: dict[str, Any]) -> None:
    """What is asked for by name and not looked for would seem fine."""
    from prep.rules.content import LOOKED_FOR

    unseen = LOOKED_FOR.intersection(chain(*given["select"]))
    if unseen and not given["thorough"]:
        raise click.UsageError(f"{', '.join(sorted(unseen))}: found only with --thorough")


def _show_failure(error: "PrepError", origin: str, outputs: tuple[Output, ...], shape: Shape) -> None:
    """Reports that others wait for are written all the same; stdout and stderr are told as for every command."""
    from prep.check_many import unreadable

    others = [output for output in outputs if output.path is not None or output.format not in ("text", "json")]
    show(others, [unreadable(error, "", origin)], shape)
