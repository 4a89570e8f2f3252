"""Choice and version of the ffmpeg program."""

import os
import re
import shutil
from functools import cache

from prep.errors import ToolError, UsageError
from prep.media.ffmpeg import process
from prep.media.ffmpeg.limits import limits_for

GREETING = "ffmpeg version "
UNSET = "unset it to use the built-in ffmpeg"


def named_binary() -> str | None:
    """The program that FFMPEG_BINARY names; None when it names none. Raises UsageError when it is not a program."""
    name = os.environ.get("FFMPEG_BINARY")
    if not name:
        return None
    path = shutil.which(name)
    if path is None:
        raise UsageError(f"FFMPEG_BINARY is {name}, which is not a program; {UNSET}")
    try:
        _version_of(path)
    except (ToolError, UsageError):
        raise UsageError(f"FFMPEG_BINARY is {name}, which does not answer as ffmpeg does; {UNSET}") from None
    return path


def binary() -> str:
    """The program that FFMPEG_BINARY names, else the one that imageio-ffmpeg ships, which is run once to try it."""
    return named_binary() or _shipped()


@cache
def _shipped() -> str:
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise UsageError(
            "the ffmpeg of imageio-ffmpeg is not there, or can't be run with the limits of this process (ulimit -a); "
            "name another by FFMPEG_BINARY"
        ) from None


def version() -> str:
    """The version that the program reports, for the manifest."""
    return _version_of(binary())


@cache
def _version_of(program: str) -> str:
    found: list[str] = []

    def line(text: str) -> None:
        if not found and not text.startswith(GREETING):
            raise UsageError(f"{program} is no ffmpeg")
        found.append(text)

    process.run([program, "-version"], limits=limits_for(), on_line=line)
    if not found:
        raise UsageError(f"{program} is no ffmpeg")
    return found[0].removeprefix(GREETING).split(" ", 1)[0]


def is_older_than(major: int, minor: int) -> bool:
    """False as well for a version without numbers: it was built from the newest source."""
    numbers = re.match(r"n?(\d+)\.(\d+)", version())
    return numbers is not None and (int(numbers[1]), int(numbers[2])) < (major, minor)
