"""`prep-and-submit check`."""

from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from prep.cli.arguments import Choice, FilePath, as_json, checked_references, preparation, skip_bad
from prep.cli.candidates import rules
from prep.cli.check.allocator import give_back_large_blocks
from prep.cli.check.output import FORMATS, Output, Shape, read_outputs, show
from prep.cli.check.run import check_reports
from prep.cli.html_report import report_option
from prep.cli.logs import logging_options
from prep.cli.next_command import UNSAFE_CHANGES, after_check

if TYPE_CHECKING:
    from prep.errors import PrepError


class Patterns(click.ParamType[tuple[str, ...]]):
    """Rules by name or pattern, several with commas between."""

    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ARG002
        """Raises UsageError for a name or pattern that matches no rule."""
        from prep.rules.select import read_patterns

        return read_patterns([str(value)])


@click.command(
    epilog="Example: prep-and-submit check hero.heic walk.mov --prompt '@Image1 walks like @Video1'",
)
@checked_references
@click.option(
    "-r",
    "--recursive",
    is_flag=True,
    help="Check each file alone, not all as one set; look for media in folders and their subfolders.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Skip files that match, such as 'drafts/*' or '*.gif'; repeatable.",
)
@preparation
@skip_bad
@click.option(
    "--thorough/--no-thorough",
    default=False,
    help="Also decode the files to find damage, cuts and near silence, and faces (with the extra smartcrop); slow. "
    "[default: off]",
)
@click.option("--prompt", help="Also check this prompt: the names in it must be references.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help=f"Print {', '.join(FORMATS[:-1])} or {FORMATS[-1]}; with FILE, write it there; repeatable. [default: text]",
)
@click.option("--statistics", is_flag=True, help="Print only how often each rule is broken.")
@report_option()
@logging_options
@as_json
@click.option(
    "--select",
    multiple=True,
    type=Patterns(),
    metavar="RULE",
    shell_complete=rules,
    help="Apply only these rules; patterns such as 'video-*' work; repeatable, or separated by commas.",
)
@click.option(
    "--ignore",
    multiple=True,
    type=Patterns(),
    metavar="RULE",
    shell_complete=rules,
    help="Don't apply these rules; repeatable, or separated by commas.",
)
@click.option(
    "--basis",
    multiple=True,
    type=Choice(["documented", "upstream", "advice"]),
    help="Apply only rules of this basis: documented by the endpoint, enforced by the provider of the model "
    "(upstream), or advice; repeatable.",
)
@click.option(
    "--fail-on",
    type=Choice(["error", "warning", "info"]),
    default="error",
    show_default=True,
    help="Exit with 1 for findings of this severity or worse.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 despite findings; unreadable files still give 2.")
@click.option("--diff", is_flag=True, help="Show the changes that would fix the files; make none.")
@click.option("--fix", is_flag=True, help="Write fixed files to --out, making safe changes only.")
@click.option(
    "--unsafe-fixes",
    is_flag=True,
    help=f"Let --fix also make changes that leave out or add something unasked: {UNSAFE_CHANGES}.",
)
@click.option("--out", type=FilePath(), help="Write fixed files to this folder.")
def check(**values: Any) -> int:
    """Check references against the endpoint's limits. Changes nothing, needs no key.

    REF is a file, a URL, or a folder, which stands for the media in it; a pattern such as 'clips/*.mp4'; or - for a
    list on stdin, one REF per line. NAME= before it names it in the prompt. These may follow, joined as in
    #t=2,6&track=audio:

    \b
      #t=START,END       a part of it, in seconds (2.5) or minutes and seconds (0:03)
      #t=best:SECONDS    the best part of this length
      #xywh=X,Y,W,H      a crop in pixels (in percent: #xywh=percent:X,Y,W,H)
      #track=audio       the sound of a video (#track=video: an animation as a video)

    The REFs are checked as one request: each file, and all together (number, combined seconds and sizes); --recursive
    checks each file alone. Exits with 1 when there is an error (--fail-on changes that). ✗ marks an error, ! a
    warning, · a note (info).

    Only URLs need the network, and as little as possible is read from them.
    """
    from prep.errors import PrepError
    from prep.rules.select import Selection

    outputs = read_outputs(values["formats"], values["as_json"])
    _refuse_conflicts(values, outputs)
    selection = Selection(
        select=tuple(chain(*values["select"])), ignore=tuple(chain(*values["ignore"])), basis=values["basis"]
    )
    subject, reports = check_reports(values, selection)
    shape = Shape(subject, values["fail_on"], values["exit_zero"], values["statistics"], after_check)
    if subject != "set":
        give_back_large_blocks()
    try:
        tally = show(outputs, reports, shape)
    except PrepError as error:
        if subject == "set":
            _show_failure(error, str(values["from_job"] or ""), outputs, shape)
        raise
    return tally.exit_code(values["exit_zero"])


def _refuse_conflicts(values: dict[str, Any], outputs: tuple[Output, ...]) -> None:
    """Raise for options that contradict or miss each other."""
    from prep.rules.content import LOOKED_FOR

    unseen = LOOKED_FOR.intersection(chain(*values["select"]))
    conflicts = (
        (values["fix"] and values["diff"], "--fix makes the changes that --diff only shows; leave one of them out"),
        (values["fix"] and not values["out"], "--fix needs --out DIR"),
        (values["out"] and not values["fix"], "--out needs --fix"),
        (values["unsafe_fixes"] and not (values["fix"] or values["diff"]), "--unsafe-fixes needs --fix or --diff"),
        (
            values["recursive"] and (values["from_job"] or values["prompt"] is not None),
            "--recursive checks each file alone; leave --from-job and --prompt out",
        ),
        (
            values["statistics"] and Output("text", None) not in outputs,
            "--statistics prints text; write the other formats to files with --format NAME=FILE",
        ),
        (unseen and not values["thorough"], f"{', '.join(sorted(unseen))}: only --thorough looks for this"),
    )
    for conflict, message in conflicts:
        if conflict:
            raise click.UsageError(message)


def _show_failure(error: "PrepError", origin: str, outputs: tuple[Output, ...], shape: Shape) -> None:
    """Write the reports that other programs wait for; the message goes where every command's does."""
    from prep.check_many import unreadable

    others = [output for output in outputs if output.path is not None or output.format not in ("text", "json")]
    show(others, [unreadable(error, "", origin)], shape)
