"""Test media, made once and shared by all workers and runs."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import fixtures.make


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`media("photo.jpg")` is the path of that fixture (fixtures/README.md), made on first use. Never write to it."""
    digest = hashlib.sha256()
    for source in sorted(Path(fixtures.make.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    root = tmp_path_factory.getbasetemp().parent
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own
    folder = root / f"media-{digest.hexdigest()[:12]}"

    def path_of(name: str) -> Path:
        return fixtures.make.make(name, folder)

    return path_of
