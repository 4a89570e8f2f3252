"""What a shell may complete an argument to. Asked on every Tab: nothing is loaded that the answer does not need."""

import re
from pathlib import Path

import click
from click.shell_completion import CompletionItem

ENDPOINT = re.compile(r'^endpoint = "(.+)"$', re.MULTILINE)
SPECS = Path(__file__).parents[1] / "specs"


def endpoints(context: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    """The endpoints that are built in. Reading and checking the specs takes longer than anybody waits for a Tab."""
    found = (ENDPOINT.search(path.read_text("utf-8")) for path in sorted(SPECS.glob("*.toml")))
    return [endpoint[1] for endpoint in found if endpoint and endpoint[1].startswith(incomplete)]


def rules(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:  # noqa: ARG001
    """The rules by name, with what each is about where the shell shows such a thing."""
    from prep.rules.catalogue import RULES

    return [CompletionItem(name, help=rule.meaning) for name, rule in RULES.items() if name.startswith(incomplete)]


def files(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:  # noqa: ARG001
    """Left to the shell, which knows files better."""
    return [CompletionItem(incomplete, type="file")]
