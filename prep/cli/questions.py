"""What a check is asked: about one set, about files by themselves, or about many jobs; with fixes where wanted."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import click

from prep.cli.arguments import asked, network_of, over_job, require_references
from prep.cli.report import page_of_report, write_page

if TYPE_CHECKING:
    from prep.errors import PrepError
    from prep.fix import Fixer
    from prep.model.job import Job
    from prep.model.reference import Reference
    from prep.model.report import Report
    from prep.rules.select import Selection

What = Literal["set", "file", "job"]


def answered(given: dict[str, Any], selection: "Selection") -> "tuple[What, Iterator[Report]]":
    """What is judged, and the reports with the findings that are wanted, made as they are asked for."""
    from prep.inputs.jobs import holds_many

    many = given["recursive"] or (given["from_job"] and holds_many(given["from_job"]))
    if given["report_file"] and many:
        raise click.UsageError("--report shows one set; check what the page is to show by itself")
    if given["recursive"]:
        return "file", map(selection.of, _each(given))
    if many:
        if given["refs"]:
            raise click.UsageError("every job of the list names its own references; leave the others out")
        return "job", map(selection.of, _jobs(given))
    return "set", _one_set(given, selection)


def _one_set(given: dict[str, Any], selection: "Selection") -> "Iterator[Report]":
    from prep.api import check
    from prep.cli.progress import progress_shown
    from prep.fix import check_and_fix
    from prep.inputs.expand import expand

    chosen, network = asked(given), network_of(given)
    require_references(chosen)
    refs = expand(chosen.references, recursive=False, read_list=_stdin) if given["refs"] else chosen.references
    options = {
        "prompt": chosen.prompt,
        "options": chosen.options,
        "thorough": given["thorough"],
        "network": network,
    }
    with progress_shown() as progress:
        if fixer := _fixer(given):
            report = check_and_fix(refs, chosen.endpoint, fixer, progress=progress, **options)
        else:
            report = check(refs, chosen.endpoint, progress=progress, **options)
    if given["from_job"]:
        report = report.model_copy(update={"origin": str(given["from_job"])})
    report = selection.of(report)
    if given["report_file"]:
        write_page(given["report_file"], page_of_report(report, chosen.endpoint, network))
    yield report


def _fixer(given: dict[str, Any], refs: "Iterable[Reference]" = ()) -> "Fixer | None":
    from prep.fix import Fixer

    if not (given["fix"] or given["diff"]):
        return None
    return Fixer(given["out"], unsafe=given["unsafe_fixes"], references=refs)


def _each(given: dict[str, Any]) -> "Iterator[Report]":
    from prep.check_many import check_each
    from prep.cli.progress import progress_shown
    from prep.inputs.expand import expand
    from prep.specs import load_spec

    chosen, network = asked(given), network_of(given)
    require_references(chosen)
    refs = expand(chosen.references, recursive=True, read_list=_stdin)
    with progress_shown() as progress:
        yield from check_each(
            refs,
            load_spec(chosen.endpoint),
            options=chosen.options,
            thorough=given["thorough"],
            fixer=_fixer(given, refs),
            progress=progress,
            network=network,
        )


def _jobs(given: dict[str, Any]) -> "Iterator[Report]":
    from prep.check_many import Question, check_jobs
    from prep.errors import PrepError
    from prep.inputs.jobs import read_jobs

    if given["fix"] or given["diff"]:
        raise click.UsageError("a list of jobs can be checked, but not fixed; prepare each by itself")

    def over(job: "Job | PrepError") -> Question | PrepError:
        if isinstance(job, PrepError):
            return job
        try:
            chosen = over_job(given, job)
        except PrepError as error:
            return error
        return Question(chosen.references, chosen.endpoint, chosen.prompt, chosen.options)

    yield from check_jobs(
        ((place, over(job)) for place, job in read_jobs(given["from_job"])),
        thorough=given["thorough"],
        network=network_of(given),
    )


def _stdin() -> bytes:
    return sys.stdin.buffer.read()
