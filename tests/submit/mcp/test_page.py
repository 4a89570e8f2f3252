"""docs/mcp.md says what is there."""

import json
import re
from pathlib import Path

from submit.command import all_commands
from submit.mcp.server import TOOLS
from submit.mcp.wording import TOOLS as NAMES

PAGE = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text("utf-8")


def test_the_list_has_every_tool() -> None:
    section = PAGE.partition("## The tools")[2].partition("## Files")[0]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^- (`.*?): ", section, re.MULTILINE)))
    assert named == [tool.__name__ for tool, _ in sorted(TOOLS, key=lambda pair: named.index(pair[0].__name__))]
    assert set(named) == set(NAMES)


def test_the_settings_start_the_command() -> None:
    (settings,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    server = json.loads(settings)["mcpServers"]["prep-and-submit"]
    assert server["command"] == "prep-and-submit" and server["args"][0] == "mcp"


def test_every_option_on_the_page_exists() -> None:
    (command,) = (command for command in all_commands() if command.name == "mcp")
    options = {option for param in command.params for option in param.opts}
    assert set(re.findall(r"--[a-z][a-z-]*", PAGE)) - {"--json"} <= options
