"""Opening a container in process: the demuxer is named, and nothing that the file names can be opened."""

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from prep.media.io.read import stream_of
from prep.model.byte_source import Openable

# Of plain samples libavformat reads five seconds to learn what the header has said; 64 kB tell DTS in a WAV from them.
ENOUGH = {"wav": {"probesize": "65536"}}


def first_s(stream: Any) -> float:
    """The time stamp at which *stream* begins, in seconds of the container's clock."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def open_container(item: Openable, demuxer: str) -> InputContainer:
    """*item* as it is, whatever characters it holds. Raises av.FFmpegError when it does not open."""
    enough = ENOUGH.get(demuxer, {})
    file, protocol = (f"file:{item.resolve()}", "file") if isinstance(item, Path) else (stream_of(item), "none")
    # tags in another encoding than they say are no reason not to read a file
    return av.open(
        file, "r", format=demuxer, options={"protocol_whitelist": protocol, **enough}, metadata_errors="replace"
    )
