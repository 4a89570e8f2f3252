"""Choice and version of the ffmpeg program."""

import os
import re
import shutil
from functools import cache

from prep.errors import UsageError
from prep.media.ffmpeg import process


def named_binary() -> str | None:
    """The program that FFMPEG_BINARY names; None when it names none. Raises UsageError when it is not a program."""
    named = os.environ.get("FFMPEG_BINARY")
    if not named:
        return None
    found = shutil.which(named)
    if found is None:
        raise UsageError(f"FFMPEG_BINARY is {named}, which is not a program; unset it to use the built-in ffmpeg")
    return found


@cache
def binary() -> str:
    """The program that FFMPEG_BINARY names, else the one that imageio-ffmpeg ships, which is run once to try it."""
    if named := named_binary():
        return named
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@cache
def version() -> str:
    """What the program calls itself, for the manifest."""
    lines: list[str] = []
    process.run([binary(), "-version"], timeout_s=30, on_line=lines.append)
    first = lines[0] if lines else ""
    return first.removeprefix("ffmpeg version ").split(" ", 1)[0]


def is_older_than(major: int, minor: int) -> bool:
    """False as well for a version that is not told by numbers: it was built from the newest source."""
    found = re.match(r"n?(\d+)\.(\d+)", version())
    return found is not None and (int(found[1]), int(found[2])) < (major, minor)
