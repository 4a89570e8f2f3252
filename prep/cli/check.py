"""`prep-and-submit check`."""

from typing import Any

import click

from prep.cli.arguments import as_json, asked, preparation, references, require_references
from prep.cli.report import page_of_report, report_option, write_page


@click.command(
    epilog="Example: prep-and-submit check hero.heic walk.mov --prompt '@Image1 walks like @Video1'",
)
@references
@preparation
@click.option("--prompt", help="Judge this prompt as well: its tags must name references that are there.")
@report_option
@as_json
def check(**given: Any) -> int:
    """Pre-flight: say which rules the references break. Changes nothing, needs no key and no network.

    REF is [NAME=]PATH[#t=START,END][&xywh=X,Y,W,H][&track=audio|video]. Exits 1 when a rule is broken.
    """
    from prep.errors import ExitCode
    from prep.pipeline import check as check_references
    from prep.render.document import document, report_data
    from prep.render.text import report_text

    chosen = asked(given)
    require_references(chosen)
    report = check_references(chosen.references, chosen.endpoint, prompt=chosen.prompt, options=chosen.options)
    if given["report_file"]:
        write_page(given["report_file"], page_of_report(report, chosen.endpoint))
    if given["as_json"]:
        click.echo(document("check", report.ok, report.findings, report_data(report)))
    else:
        click.echo(report_text(report))
    return ExitCode.OK if report.ok else ExitCode.FINDINGS
