"""Containers opened in process, with a named demuxer; nothing that the file names is opened."""

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.format import Flags

from prep.media.io.read import stream_of
from prep.model.byte_source import Openable

# What reading on may raise: PyAV has no name for a stream that shows up in the middle of a damaged file.
READING_ERRORS = (av.FFmpegError, ValueError, IndexError)
# Of plain samples libavformat reads five seconds beyond the header; 64 kB are enough to tell DTS in a WAV from them.
ENOUGH = {"wav": {"probesize": "65536"}}

# Time stamps that go back begin another recording in the same file. Where the format lets them start anew (Ogg,
# MPEG-TS), so do those that leap ahead. Both thresholds are about ffmpeg's own.
RESTART_S, LEAP_S = 0.1, 10.0


def restarts(container: Any) -> bool:
    """Whether time stamps may start anew in the middle of the file, by its format."""
    return bool(container.format.flags & Flags.ts_discont.value)


def first_s(stream: Any) -> float:
    """The time stamp at which *stream* begins, in seconds of the container's clock."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def open_container(item: Openable, demuxer: str) -> InputContainer:
    """Open *item*, whatever characters its name holds. Raises av.FFmpegError when it does not open."""
    enough = ENOUGH.get(demuxer, {})
    file, protocol = (f"file:{item.resolve()}", "file") if isinstance(item, Path) else (stream_of(item), "none")
    # tags in another encoding than they claim are no reason to refuse a file
    return av.open(
        file, "r", format=demuxer, options={"protocol_whitelist": protocol, **enough}, metadata_errors="replace"
    )
