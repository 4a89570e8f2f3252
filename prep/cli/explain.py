"""`prep-and-submit explain`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.candidates import rules


@click.command(epilog="Example: prep-and-submit explain video-area-too-large")
@click.argument("rule", required=False, shell_complete=rules)
@as_json
def explain(rule: str | None, **given: Any) -> int:
    """Say what RULE means, why it exists and what prep does about it; without RULE, list all."""
    from prep.errors import ExitCode, UsageError
    from prep.render.document import document
    from prep.render.rules import rule_text, rules_text
    from prep.rules.catalogue import RULES

    if rule is not None and rule not in RULES:
        from difflib import get_close_matches

        near = get_close_matches(rule, RULES, 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; 'prep-and-submit explain' lists them"
        raise UsageError(f"{rule}: no such rule{hint}")
    chosen = [RULES[rule]] if rule else list(RULES.values())
    if given["as_json"]:
        click.echo(document("explain", True, (), {"rules": [one.model_dump(mode="json") for one in chosen]}))
    else:
        click.echo(rule_text(chosen[0]) if rule else rules_text(chosen))
    return ExitCode.OK
