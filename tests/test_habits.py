"""House rules that no linter checks: short files, small folders, docstrings that begin with a noun or a verb."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("prep", "submit", "tests", "fixtures", "benchmarks")
MODULES = {str(path.relative_to(ROOT)): path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))}
FOLDERS = sorted({str(Path(name).parent) for name in MODULES})
CLAUSE = re.compile(r"(?:What|Whether|Where|How|When|Which|Who|From)\b")
MOST_LINES, MOST_FILES, MOST_TESTS = 350, 18, 20


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_and_says_what_it_is(name: str) -> None:
    text = MODULES[name].read_text("utf-8")
    assert text.count("\n") <= MOST_LINES
    docstring = ast.get_docstring(ast.parse(text)) if text else "empty"
    assert docstring, "no docstring"
    assert not CLAUSE.match(docstring)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_holds_few_modules(folder: str) -> None:
    names = [Path(name) for name in MODULES if str(Path(name).parent) == folder]
    most = MOST_FILES if folder.startswith(("prep", "submit")) else MOST_TESTS
    assert len([name for name in names if name.name != "__init__.py"]) <= most
