"""`prep-and-submit explain`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.candidates import rules
from prep.cli.terminal import say


@click.command(epilog="Example: prep-and-submit explain video-area-too-large")
@click.argument("rule", required=False, shell_complete=rules)
@as_json
def explain(rule: str | None, **values: Any) -> int:
    """Explain RULE: its meaning, its reason, and how to fix it. Without RULE, list all rules."""
    from prep.errors import ExitCode, UsageError
    from prep.render.document import document
    from prep.render.rules import rule_text, rules_text
    from prep.rules.catalogue import RULES
    from prep.rules.select import unknown_rule

    if rule is not None and rule not in RULES:
        raise UsageError(unknown_rule(rule, RULES))
    chosen = [RULES[rule]] if rule else list(RULES.values())
    if values["as_json"]:
        click.echo(document("explain", True, (), {"rules": [one.model_dump(mode="json") for one in chosen]}))
    else:
        say(rule_text(chosen[0]) if rule else rules_text(chosen))
    return ExitCode.OK
