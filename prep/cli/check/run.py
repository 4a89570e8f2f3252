"""Runs a check of one set, of single files, or of many jobs, with fixes where they are wanted."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from prep.cli.call import Call, network_of, over_job, read_call, require_references
from prep.cli.html_report import page_of_report, write_page

if TYPE_CHECKING:
    from prep.errors import PrepError
    from prep.fix import Fixer
    from prep.inputs.jobs import Job
    from prep.model.plan import Options
    from prep.model.reference import Reference
    from prep.model.report import Report
    from prep.rules.select import Selection

Subject = Literal["set", "file", "job"]


def check_reports(values: dict[str, Any], selection: "Selection") -> "tuple[Subject, Iterator[Report]]":
    """What the reports are about, and the reports themselves, made one by one as they are read."""
    from prep.inputs.jobs import holds_many

    many = values["recursive"] or (values["from_job"] and holds_many(values["from_job"]))
    if values["report_file"] and many:
        raise click.UsageError("--report shows one set; leave out --recursive, and check the jobs of a list one by one")
    if values["recursive"]:
        return "file", map(selection.of, _files(values))
    if many:
        if values["refs"]:
            raise click.UsageError("each job of a list has its own references; leave the REFs out")
        return "job", map(selection.of, _jobs(values))
    return "set", _one_set(values, selection)


def _one_set(values: dict[str, Any], selection: "Selection") -> "Iterator[Report]":
    from prep.api import check
    from prep.cli.progress import show_progress
    from prep.errors import UsageError
    from prep.fix import check_and_fix
    from prep.inputs.references import read_references

    call, network = read_call(values), network_of(values)
    require_references(call)
    references = call.references
    if values["exclude"] and values["refs"]:
        references = tuple(_kept(read_references(references).references, values))  # a folder becomes the media in it
        if not references:
            raise UsageError("--exclude leaves no reference to check")
    options = {"prompt": call.prompt, "options": _options_of(call), "thorough": values["thorough"], "network": network}
    options["skip_unreadable"] = values["skip_unreadable"]
    with show_progress() as progress:
        if fixer := _fixer(values):
            report = check_and_fix(references, call.endpoint, fixer, progress=progress, **options)
        else:
            report = check(references, call.endpoint, progress=progress, **options)
    if values["from_job"]:
        report = report.model_copy(update={"origin": str(values["from_job"])})
    report = selection.of(report)
    if values["report_file"]:
        write_page(values["report_file"], page_of_report(report, call.endpoint, network))
    yield report


def _files(values: dict[str, Any]) -> "Iterator[Report]":
    from prep.check_many import check_each
    from prep.cli.progress import show_progress
    from prep.specs import load_spec

    call, network = read_call(values), network_of(values)
    if not values["refs"]:  # an empty list is no mistake here: nothing changed, so there is nothing to judge
        require_references(call)
    references = _kept(cast("tuple[Reference, ...]", call.references), values)  # read_call has expanded them
    # bars and lines would get in each other's way
    with nullcontext() if sys.stdout.isatty() else show_progress() as progress:
        yield from check_each(
            references,
            load_spec(call.endpoint),
            options=call.options,
            thorough=values["thorough"],
            skip_unreadable=values["skip_unreadable"],
            fixer=_fixer(values, references),
            progress=progress,
            network=network,
        )


def _options_of(call: Call) -> "Options":
    """The options of *call*, which a job file may write for a generation of a known length."""
    from prep.specs import load_spec
    from prep.specs.parameters import for_generation

    options: Options = call.options
    return for_generation(options, call.generation, load_spec(call.endpoint))


def _kept(references: "Iterable[Reference]", values: dict[str, Any]) -> "list[Reference]":
    """The *references* that --exclude leaves."""
    from prep.rules.select import excluded

    return [reference for reference in references if not excluded(reference.location, values["exclude"])]


def _fixer(values: dict[str, Any], references: "Iterable[Reference]" = ()) -> "Fixer | None":
    from prep.fix import Fixer

    if not (values["fix"] or values["diff"]):
        return None
    return Fixer(values["out"], unsafe=values["unsafe_fixes"], references=references)


def _jobs(values: dict[str, Any]) -> "Iterator[Report]":
    from prep.check_many import Question, check_jobs
    from prep.errors import PrepError
    from prep.inputs.jobs import read_jobs

    if values["fix"] or values["diff"]:
        raise click.UsageError("--fix and --diff take no list of jobs; fix the jobs one by one")

    def question(place: str, job: "Job | PrepError") -> Question | PrepError:
        if isinstance(job, PrepError):
            return job
        try:
            call = over_job(values, job, place)
        except PrepError as error:
            return error
        return Question(call.references, call.endpoint, call.prompt, _options_of(call))

    yield from check_jobs(
        ((place, question(place, job)) for place, job in read_jobs(values["from_job"])),
        thorough=values["thorough"],
        skip_unreadable=values["skip_unreadable"],
        network=network_of(values),
    )
