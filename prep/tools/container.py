"""Opening a container in process: the demuxer is named, and nothing that the file names can be opened."""

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from prep.model.content import Openable
from prep.tools.opening import stream_of

# Of plain samples libavformat reads five seconds to learn what the header has said; 64 kB tell DTS in a WAV from them.
ENOUGH = {"wav": {"probesize": "65536"}}


def first_s(stream: Any) -> float:
    """The time stamp at which *stream* begins, in seconds of the container's clock."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def open_container(item: Openable, demuxer: str) -> InputContainer:
    """*item* as it is, whatever characters it holds. Raises av.FFmpegError when it does not open."""
    enough = ENOUGH.get(demuxer, {})
    if not isinstance(item, Path):
        return av.open(stream_of(item), "r", format=demuxer, options={"protocol_whitelist": "none", **enough})
    return av.open(f"file:{item.resolve()}", format=demuxer, options={"protocol_whitelist": "file", **enough})
