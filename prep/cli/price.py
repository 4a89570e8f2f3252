"""`prep-and-submit price`."""

from typing import Any

import click

from prep.cli.arguments import as_json, parameters, preparation, references, skip_bad
from prep.cli.call import planned, read_call, require_references
from prep.cli.logs import logging_options
from prep.cli.terminal import print_answer


@click.command(epilog="Example: prep-and-submit price hero.png walk.mov#t=2,6 --duration 5 --resolution 1080p")
@references
@parameters
@preparation
@skip_bad
@logging_options
@as_json
def price(**values: Any) -> int:
    """Show what a generation with these references would cost. Makes and sends nothing; needs no key.

    REF is a file or URL, optionally NAME=FILE#t=START,END; 'check --help' has the rest.

    Videos are billed by the seconds that prep would keep.
    """
    from prep.model.manifest import totals
    from prep.pricing.price import priced
    from prep.render.price import price_data, price_text
    from prep.rules import check_request
    from prep.specs import load_spec
    from prep.specs.parameters import with_defaults
    from prep.stages import refuse_unfixable

    call = read_call(values)
    require_references(call)
    spec = load_spec(call.endpoint)
    generation = with_defaults(call.generation, spec)
    plan = planned(call, values)
    refuse_unfixable(plan, "there is no price yet")
    answer = priced(spec, generation, totals(entry.predicted for entry in plan.entries))
    findings = (*plan.warnings, *check_request(generation, spec))
    return print_answer(price_text(answer, findings), price_data(answer), findings)
