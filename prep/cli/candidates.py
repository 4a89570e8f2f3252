"""Completion of arguments in a shell. Runs on every Tab, so it loads nothing that the answer doesn't need."""

import re
from pathlib import Path

import click
from click.shell_completion import CompletionItem

ENDPOINT = re.compile(r'^endpoint = "(.+)"$', re.MULTILINE)
SPECS = Path(__file__).parents[1] / "specs"


def endpoints(context: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """The built-in endpoints, by a glance at the files: reading the specs takes too long for a Tab."""
    matches = (ENDPOINT.search(path.read_text("utf-8")) for path in sorted(SPECS.glob("*.toml")))
    return [endpoint[1] for endpoint in matches if endpoint and endpoint[1].startswith(incomplete)]


def rules(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:  # noqa: ARG001
    """The rules by name, with their meaning for shells that show it."""
    from prep.rules.catalogue import RULES

    return [CompletionItem(name, help=rule.meaning) for name, rule in RULES.items() if name.startswith(incomplete)]


def files(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:  # noqa: ARG001
    """Files, which the shell itself completes best."""
    return [CompletionItem(incomplete, type="file")]
