"""Opening a container in process: the demuxer is named, and nothing that the file names can be opened."""

from pathlib import Path

import av
from av.container import InputContainer


def open_container(path: Path, demuxer: str) -> InputContainer:
    """*path* as it is, whatever characters it holds. Raises av.FFmpegError when it does not open."""
    return av.open(f"file:{path.resolve()}", format=demuxer, options={"protocol_whitelist": "file"})
