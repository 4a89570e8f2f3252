"""Fixtures for tests of media: an ffmpeg of the test's own."""

from pathlib import Path

import pytest

from tests.types import Media


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Media:
    """Make a program of the lines of a shell script, and have FFMPEG_BINARY name it."""

    def name(lines: str) -> Path:
        program = tmp_path / "my-ffmpeg"
        program.write_text(f"#!/bin/sh\n{lines}")
        program.chmod(0o755)
        monkeypatch.setenv("FFMPEG_BINARY", str(program))
        return program

    return name
