"""The ffmpeg program: which one is run, how its command lines are compiled, how its progress is read."""

import os
import re
import shutil
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg

from prep.errors import UsageError
from prep.tools import process

# Decoding and encoding at the worst seen here runs at a tenth of real time; a stuck program is stopped after this.
TIMEOUT_S = 1800.0
# What the program says of each packet that its decoder refused and of each frame that came out damaged.
DAMAGED = re.compile(r"dec:.*(corrupt decoded frame|Error submitting packet to decoder)")


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


def source_url(path: Path) -> str:
    """A path as ffmpeg takes it whatever characters it holds: `-x.mp4` is no option, `concat:x` no protocol."""
    return f"file:{path.resolve()}"


def open_input(path: Path, demuxer: str, **options: Any) -> Any:
    """One input whose demuxer is given and that can reach nothing but files."""
    return ffmpeg.input(source_url(path), f=demuxer, protocol_whitelist="file", **options)


def output(streams: list[Any], target: Path, **options: Any) -> Any:
    """One MP4, index first, without metadata, chapters or anything else of the source that says who and where."""
    return ffmpeg.output(
        *streams, source_url(target), f="mp4", movflags="+faststart", map_metadata=-1, map_chapters=-1, **options
    )


def run(
    output: Any,
    seconds: float,
    progress: Callable[[float], None] | None = None,
    cancel: threading.Event | None = None,
    on_line: Callable[[str], None] | None = None,
) -> int:
    """Compile and run one ffmpeg-python graph that makes *seconds* of media; *progress* gets 0..1.

    *on_line* gets what filters print to standard output, between the lines that tell of progress. Returns how many
    packets did not decode or gave a damaged frame, which the decoder then hid as well as it could.
    """
    damaged = 0

    def line(text: str) -> None:
        if on_line:
            on_line(text)
        key, _, value = text.partition("=")
        if progress and key == "out_time_us" and value.lstrip("-").isdigit() and seconds > 0:
            progress(min(1.0, max(0.0, int(value) / 1e6 / seconds)))

    def complaint(text: str) -> None:
        nonlocal damaged
        damaged += DAMAGED.search(text) is not None

    process.run(argv(output), timeout_s=TIMEOUT_S, on_line=line, on_complaint=complaint, cancel=cancel)
    return damaged


def argv(output: Any) -> list[str]:
    """The command line of a graph."""
    compiled: list[str] = ffmpeg.compile(output, cmd=binary(), overwrite_output=True)
    return [compiled[0], "-nostdin", "-v", "warning", "-nostats", "-progress", "pipe:1", *compiled[1:]]
