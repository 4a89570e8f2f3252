"""Programs that some tests need: a test with `pytest.mark.needs("fish")` is left out where there is no fish.

The summary says in one line what was left out. With PREP_TESTS_NEED_ALL=1 a missing program fails its tests; one that
the machine forbids its work, as many containers do bubblewrap, is left out still.
"""

import os
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PACKAGES = {"bwrap": "bubblewrap", "postgres": "postgresql"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LEFT_OUT = pytest.StashKey[Counter[str]]()


@cache
def find_program(name: str) -> str | None:
    """The path of a program on this machine, or None. Chromium may also be the one that playwright has downloaded."""
    if name == "postgres":  # Debian puts each version into a folder of its own, which is not on the PATH
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
        return shutil.which(name) or next((str(path / name) for path in reversed(folders)), None)
    if name == "bwrap":
        return _working_bwrap()
    if name != "chromium":
        return shutil.which(name)
    return next(filter(None, map(shutil.which, CHROMIUM)), None) or _downloaded_chromium()


def program(name: str) -> str:
    """The path of a program; fails the test when it is missing."""
    path = find_program(name)
    if path is None:
        package = PACKAGES.get(name, name)
        pytest.fail(f"{name} is not installed, or can't run here: apt-get install {package}", pytrace=False)
    return path


def _downloaded_chromium() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        return None
    # without the libraries of a desktop it is there and does not start
    starts = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    return path if starts.returncode == 0 else None


def _working_bwrap() -> str | None:
    """bubblewrap, where this process may make namespaces: many containers forbid it."""
    path = shutil.which("bwrap")
    seal = ["--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    return (
        path
        if path and subprocess.run([path, *seal, "true"], capture_output=True, check=False).returncode == 0
        else None
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): left out where the program is missing")
    config.stash[LEFT_OUT] = Counter()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needs_all = os.environ.get("PREP_TESTS_NEED_ALL")
    kept, left_out = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        needed = [name for mark in item.iter_markers("needs") for name in mark.args]
        missing = [name for name in needed if find_program(name) is None and (shutil.which(name) or not needs_all)]
        config.stash[LEFT_OUT].update(missing[:1])
        (left_out if missing else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the main process: with several workers only they collect tests."""
    if hasattr(session.config, "workeroutput"):
        left_out = session.config.stash[LEFT_OUT]
        session.config.workeroutput["left_out"] = dict(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if counts := getattr(node, "workeroutput", {}).get("left_out"):
        node.config.stash[LEFT_OUT] = Counter(counts)  # each worker collects the same


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if counts := config.stash[LEFT_OUT]:
        parts = [f"{count} {'test' if count == 1 else 'tests'} (no {name})" for name, count in sorted(counts.items())]
        terminalreporter.write_line(f"left out: {', '.join(parts)}", yellow=True)
