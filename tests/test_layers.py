"""Import contracts of pyproject.toml, and what they can't say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = [path for room in ("rules", "planning") for path in sorted((ROOT / "prep" / room).rglob("*.py"))]


def test_contracts_are_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    command = [lint, "--config", ROOT / "pyproject.toml", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", PURE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_rules_and_planning_open_and_print_nothing(path: Path) -> None:
    """Built-in functions need no import, so no contract sees them."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not {"open", "print", "input", "exec", "eval"} & {call.id for call in calls if isinstance(call, ast.Name)}
