"""Guard of the checkout: a run that leaves files in it fails and names them."""

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BEFORE = pytest.StashKey[set[str]]()


def tracked_files(root: Path = ROOT) -> set[str]:
    """Every file below *root* but for what .gitignore names; needs no git."""
    ignored = [".git", *(line.rstrip("/") for line in (root / ".gitignore").read_text("utf-8").split())]
    return set(_walk(root, root, ignored))


def _walk(root: Path, folder: Path, ignored: list[str]) -> Iterator[str]:
    for entry in os.scandir(folder):
        if any(fnmatch(entry.name, pattern) for pattern in ignored):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, Path(entry.path), ignored)
        else:
            yield str(Path(entry.path).relative_to(root))


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[BEFORE] = tracked_files()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ and _strays(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name in _strays(terminalreporter.config):
        terminalreporter.write_line(f"left in the checkout by the tests: {name}", red=True)


def _strays(config: pytest.Config) -> list[str]:
    if os.environ.get("GOLDEN") == "write":
        return []  # golden texts are written here on purpose
    return sorted(tracked_files() - config.stash[BEFORE])
