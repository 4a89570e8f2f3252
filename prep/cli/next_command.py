"""The command to type next, with the references and options of this one."""

import glob
import os
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from prep.cli.terminal import command_text

if TYPE_CHECKING:
    from prep.model.plan import Plan
    from prep.model.reference import Reference
    from prep.model.report import Fix, Report

NAME = "prep-and-submit"
# What --unsafe-fixes allows, by kind of step.
UNSAFE = {
    "crop": "cropped",
    "extend": "lengthened",
    "flatten": "filled where it is transparent",
    "pad": "padded",
    "scale": "enlarged",
    "take-frame": "reduced to one frame",
    "trim": "trimmed",
}
UNSAFE_CHANGES = f"a file may be {', '.join([*UNSAFE.values()][:-1])} or {[*UNSAFE.values()][-1]}"
LEGEND = f"[unsafe] changes need --unsafe-fixes: {UNSAFE_CHANGES}"
PLACEHOLDER = "TEXT"  # for the prompt; refused as one, so that nobody pays for it
# Options that mean the same to every subcommand that prepares, first those that a plan settles.
CHOICES = frozenset(
    {"background", "duration", "endpoint", "fit", "from_job", "loudness", "mute", "seconds", "short"}
    | {"skip_unreadable", "strip_metadata", "window"}
)
SHARED = CHOICES | {"allow_private_network", "spec"}
SUBMITTED = frozenset({"duration", "endpoint", "spec"})


def after_check(report: "Report") -> list[str]:
    """The lines below the text of a check: what --fix left out, and unless something is left to the user, a command."""
    from prep.render.text import needs_permission
    from prep.render.verdict import unfixed

    values = click.get_current_context().params
    not_made = _not_made(report) if values["fix"] else []
    legend = ["", LEGEND] if values["diff"] and needs_permission(report) else []
    if unfixed(report.findings) or report.deselected:
        return [*legend, *not_made]
    return [*legend, *not_made, *_after_check(report, values, whole=not not_made)]


def _after_check(report: "Report", values: dict[str, Any], *, whole: bool) -> list[str]:
    """*whole*: nothing that --fix could make is missing."""
    if whole and any(fix.made for fix in report.fixes):
        return _next("submit", [str(values["out"])], _prompt(values), keep=SUBMITTED)
    references = _references(item.reference for item in report.references)
    if values["fix"] and report.fixes:
        return _next("check", references, ["--fix", "--unsafe-fixes", "--out", str(values["out"])])
    if values["diff"] and report.fixes:
        unsafe = ["--unsafe-fixes"] if any(fix.unsafe for fix in report.fixes) else []
        return _next("check", references, ["--fix", *unsafe, "--out", "fixed"])
    if report.ok:
        return _next("run", references, _prompt(values))
    return _next("prep", references, ["--out", "ready"])


def after_plan(plan: "Plan") -> list[str]:
    """The lines below the text of a plan; none while something is left to the user."""
    if plan.unfixable:
        return []
    return _next("prep", _references(entry.reference for entry in plan.entries), ["--out", "ready"])


def after_prep(folder: str) -> list[str]:
    """The lines below the text of what was prepared into *folder*."""
    return _next("submit", [folder], ["--prompt", PLACEHOLDER], keep=SUBMITTED)


def typed_without(options: Mapping[str, bool], title: str = "Next", more: Sequence[str] = ()) -> list[str]:
    """The lines with the command as it was typed, without *options*, and without the value of those that are True.

    *more* is put at the end. Empty when the first of *options* was not typed: there is nothing to leave out.
    """
    words = _typed(options) if next(iter(options)) in sys.argv else []
    return ["", command_text([*words, *more], title)] if words else []


def command_without(options: Mapping[str, bool]) -> str:
    """The command as it was typed, as `typed_without`, in one line; empty where it can't be shown."""
    return shlex.join(_typed(options))


def _typed(options: Mapping[str, bool]) -> list[str]:
    """The words of the command without *options*; none where one holds a secret, moves the cursor, or is a list's `-`.

    The list on stdin is used up. The path of a webhook's URL may be a token.
    """
    from prep.model.redact import shown

    typed, words = iter(sys.argv[1:]), [NAME]
    if any(shown(word) != word or word == "-" or word.partition("=")[0] == "--webhook" for word in sys.argv):
        return []
    for word in typed:
        if word not in options and word.partition("=")[0] not in options:
            words.append(word)
        elif options.get(word):
            next(typed, None)
    return words


def _next(command: str, references: Sequence[str], more: Sequence[str], keep: frozenset[str] = SHARED) -> list[str]:
    return ["", command_text([NAME, command, *references, *_options(keep), *more])]


def _not_made(report: "Report") -> list[str]:
    """The lines about files that --fix did not make; none when it made all."""
    from prep.model.redact import shown

    missing = [fix for fix in report.fixes if fix.steps and not fix.made]
    if not missing:
        return []
    made = sum(bool(fix.made) for fix in report.fixes)
    names = "; ".join(f"{shown(fix.path)}{_changes(fix)}" for fix in missing)
    needed = " (--unsafe-fixes allows that)" if any(fix.unsafe for fix in missing) else ""
    count = f"Made {made} of {len(report.fixes)} files, but not" if made else "Nothing was made of"
    return ["", f"{count} {names}{needed}."]


def _changes(fix: "Fix") -> str:
    """What --fix alone does not do to a file: ", which must be trimmed and padded"."""
    from prep.rules.amounts import listed

    return f", which must be {listed([UNSAFE[kind] for kind in fix.unsafe])}" if fix.unsafe else ""


def _prompt(values: dict[str, Any]) -> list[str]:
    if values["from_job"] and values["prompt"] is None:
        return []  # the job holds one, or the command asks for it
    return ["--prompt", PLACEHOLDER if values["prompt"] is None else values["prompt"]]


def _references(references: "Iterable[Reference]") -> list[str]:
    """The REFs of this call, as one types them again; *references* are what patterns and lists among them stand for."""
    from prep.model.redact import shown

    values = click.get_current_context().params
    typed = list(values["refs"])
    if values.get("exclude") or any(_stands_for_others(text) for text in typed):
        typed = [
            reference.written(reference.location, reference.part.text if reference.part else "")
            for reference in references
        ]
    if any(shown(text) != text for text in typed):
        return ["REF..."]  # the secret of a URL, or a name that would move the cursor
    return [f"./{text}" if text.startswith("-") else text for text in typed]


def _stands_for_others(text: str) -> bool:
    return text == "-" or (glob.has_magic(text) and not os.path.exists(text))


def _options(names: frozenset[str]) -> list[str]:
    """The options on the command line of this call that are in *names*."""
    context = click.get_current_context()
    words: list[str] = []
    for option in context.command.params:
        if not isinstance(option, click.Option) or option.name not in names:
            continue
        if context.get_parameter_source(str(option.name)) is not click.core.ParameterSource.COMMANDLINE:
            continue
        value = context.params[str(option.name)]
        if option.is_flag:
            words.append(option.opts[-1] if value else option.secondary_opts[-1])
        else:
            words += [option.opts[-1], str(value).removesuffix(".0") if isinstance(value, float) else str(value)]
    return words
