"""`prep-and-submit explain`."""

from typing import Any

import click

from prep.cli.arguments import as_json
from prep.cli.candidates import rules
from prep.cli.terminal import print_answer


@click.command(epilog="Example: prep-and-submit explain video-area-too-large")
@click.argument("rule", required=False, shell_complete=rules)
@as_json
def explain(rule: str | None, **values: Any) -> int:  # noqa: ARG001  print_answer reads them
    """Explain RULE: its meaning, its reason, and how to fix it. Without RULE, list all rules.

    RULE is a name. A kind (video), a tag (@Video1) or a pattern ('video-*') lists the rules that match.
    """
    from prep.render.rules import rule_text, rules_text
    from prep.rules.catalogue import RULES
    from prep.rules.select import rules_meant

    chosen = list(RULES.values()) if rule is None else rules_meant(rule)
    text = rule_text(chosen[0]) if rule in RULES else rules_text(chosen)
    return print_answer(text, {"rules": [one.model_dump(mode="json") for one in chosen]})
