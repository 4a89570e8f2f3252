"""Opening a container in process: the demuxer is named, and nothing that the file names can be opened."""

from pathlib import Path

import av
from av.container import InputContainer

from prep.model.content import Openable
from prep.tools.opening import stream_of


def open_container(item: Openable, demuxer: str) -> InputContainer:
    """*item* as it is, whatever characters it holds. Raises av.FFmpegError when it does not open."""
    if not isinstance(item, Path):
        return av.open(stream_of(item), "r", format=demuxer, options={"protocol_whitelist": "none"})
    return av.open(f"file:{item.resolve()}", format=demuxer, options={"protocol_whitelist": "file"})
