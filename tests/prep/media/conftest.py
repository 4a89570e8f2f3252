"""Fixtures for tests of media: an ffmpeg of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from prep.media.ffmpeg import binary
from tests.types import Media


@pytest.fixture
def fresh_binary() -> Iterator[None]:
    """Which ffmpeg is run, and its version, are found out anew, and forgotten again however the test ends."""
    binary.binary.cache_clear()
    binary.version.cache_clear()
    yield
    binary.binary.cache_clear()
    binary.version.cache_clear()


@pytest.fixture
def named(fresh_binary: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Media:
    """Make a program of the lines of a shell script, and have FFMPEG_BINARY name it."""

    def name(lines: str) -> Path:
        program = tmp_path / "my-ffmpeg"
        program.write_text(f"#!/bin/sh\n{lines}")
        program.chmod(0o755)
        monkeypatch.setenv("FFMPEG_BINARY", str(program))
        binary.binary.cache_clear()
        return program

    return name
