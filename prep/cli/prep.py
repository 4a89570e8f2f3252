"""`prep-and-submit prep`."""

import json
from pathlib import Path
from typing import Any

import click

from prep.cli.arguments import as_json, asked, network_of, preparation, references, require_references, skip_bad
from prep.cli.endpoint import spec_for
from prep.cli.project import from_project
from prep.cli.report import page_of_manifest, refusal_reported, report_option, write_page
from prep.cli.signals import resumable

# What a plan has settled.
SETTLED = (
    *("refs", "from_job", "endpoint", "skip_unreadable"),
    *("fit", "short", "window", "mute", "loudness", "background", "strip_metadata"),
)


@click.command(epilog="Example: prep-and-submit prep hero.heic walk=walk.mov voice.m4a --out ready")
@references
@preparation
@skip_bad
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The folder for the files and manifest.json."
)
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="Carry out this plan (from plan --json).")
@report_option
@as_json
def prep(**given: Any) -> int:
    """Make the compliant files, prove it by probing them again, and write DIR/manifest.json.

    A file that complies already is copied byte for byte. Sources are never touched; on an error nothing is made.
    """
    from prep.api import prepare
    from prep.cli.progress import progress_shown
    from prep.errors import ExitCode
    from prep.execution.cache import default_folder
    from prep.render.document import document
    from prep.render.text import manifest_text

    if given["plan_file"]:
        if any(given[name] and not from_project(name) for name in SETTLED):
            raise click.UsageError("a plan has its own references and options; leave them out")
        plan = _read_plan(given["plan_file"])
        wanted = plan, spec_for(plan.endpoint, given) or plan.endpoint, plan.options
    else:
        chosen = asked(given)
        require_references(chosen)
        wanted = chosen.references, chosen.endpoint, chosen.options
    (references, endpoint, options), network = wanted, network_of(given)
    out, cache = given["out"], default_folder()
    refusals = refusal_reported(given["report_file"], endpoint, network)
    again = f"nothing half-made is left in {out}; run the same again, and it goes on from what is finished"
    with resumable(again), progress_shown() as progress, refusals:
        manifest = prepare(
            references,
            endpoint,
            out=out,
            options=options,
            skip_unreadable=given["skip_unreadable"],
            cache=cache,
            progress=progress,
            network=network,
        )
    if given["report_file"]:
        page = page_of_manifest(manifest, given["out"], references, endpoint, network)
        write_page(given["report_file"], page)
    if given["as_json"]:
        click.echo(document("prep", True, manifest.findings, manifest))
    else:
        click.echo(manifest_text(manifest, str(given["out"])))
    return ExitCode.OK


def _read_plan(path: Path) -> Any:
    from pydantic import ValidationError

    from prep.errors import UsageError
    from prep.model.plan import Plan
    from prep.validation import lines

    try:
        fields = json.loads(path.read_text("utf-8"))
        return Plan.model_validate(fields["data"] if isinstance(fields, dict) and "schema" in fields else fields)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise UsageError("\n".join(f"{path}: not a plan: {line}" for line in lines(error, Plan))) from error
    except (ValueError, KeyError, RecursionError) as error:
        raise UsageError(f"{path}: not a plan: {error}") from error
