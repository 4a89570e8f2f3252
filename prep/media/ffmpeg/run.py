"""Runs ffmpeg: graphs of ffmpeg-python become command lines, which `process` runs."""

import os
import re
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import ffmpeg

from prep.media.ffmpeg import process
from prep.media.ffmpeg.binary import binary
from prep.media.ffmpeg.limits import FILE_BYTES, limits_for
from prep.model.redact import escape_bytes

# The program's words for a packet that its decoder refused, and for a frame that came out damaged.
DAMAGED = re.compile(r"dec:.*(corrupt decoded frame|Error submitting packet to decoder)")


# What is copied stops by decoding time, which says little about when the last picture is shown.
ROUNDING_S, COPIED_S = 0.001, 1.0


class _FileUrl(str):
    """A URL with the bytes of a file name. ffmpeg-python hashes its str(), which must be text that UTF-8 can hold."""

    __slots__ = ()

    def __str__(self) -> str:
        return escape_bytes(super().__str__())


def source_url(path: Path) -> str:
    """A path as ffmpeg takes it, whatever characters it holds: `-x.mp4` is no option, `concat:x` no protocol."""
    return _FileUrl(f"file:{os.path.realpath(path)}")


def open_input(path: Path, demuxer: str, **options: Any) -> Any:
    """An input with a named demuxer, which can open nothing but files."""
    return ffmpeg.input(source_url(path), f=demuxer, protocol_whitelist="file", **options)


def mp4_output(streams: list[Any], target: Path, **options: Any) -> Any:
    """An MP4, index first, without the metadata and chapters of the source."""
    return ffmpeg.output(
        *streams, source_url(target), f="mp4", movflags="+faststart", map_metadata=-1, map_chapters=-1, **options
    )


def raw_output(stream: Any, target: Path) -> Any:
    """The bare pixels of *stream*, one picture after the other."""
    return ffmpeg.output(stream, source_url(target), f="rawvideo", fs=FILE_BYTES)


class WithUnused(NamedTuple):
    """*output*, and a *stream* of the input *source* that it does not use but that belongs to it: ffmpeg's clock begins
    with the first of the streams that are used."""

    output: Any
    source: Path
    stream: int


class WithPictures(NamedTuple):
    """*output*, which may be WithUnused, and *pictures*, an output beside it: what is decoded once goes into both."""

    output: Any
    pictures: Any


def run_graph(
    output: Any,
    seconds: float,
    progress: Callable[[float], None] | None = None,
    cancel: threading.Event | None = None,
    on_complaint: Callable[[str], None] = lambda line: None,
) -> int:
    """Compile and run one ffmpeg-python graph that makes *seconds* of media; *progress* gets 0..1, *on_complaint* each
    line of ffmpeg's complaints; what it raises ends the run.

    Returns the number of packets that did not decode or gave a damaged frame, which the decoder concealed.
    """
    damaged = 0

    def line(text: str) -> None:
        key, _, value = text.partition("=")
        if progress and key == "out_time_us" and value.lstrip("-").isdigit() and seconds > 0:
            progress(min(1.0, max(0.0, int(value) / 1e6 / seconds)))

    def complaint(text: str) -> None:
        nonlocal damaged
        damaged += DAMAGED.search(text) is not None
        on_complaint(text)

    process.run(
        limited(output, seconds), limits=limits_for(seconds), on_line=line, on_complaint=complaint, cancel=cancel
    )
    return damaged


def limited(output: Any, seconds: float = 0.0) -> list[str]:
    """The command line of a graph that ends after *seconds* (0: with its source) and FILE_BYTES, whatever that claims.

    The last sample of a source may say that it lasts for years: filters repeat it for so long.
    """
    beside: list[str] = []
    others: list[Any] = []
    if isinstance(output, WithPictures):
        output, *others = output
    if isinstance(output, WithUnused):
        output, source, stream = output
        beside = ["-map", f"{_number(output, source)}:{stream}", "-c", "copy", "-frames", "1", "-f", "null", "-"]
    *words, url, overwrite = argv(output, *others)
    first = words.index("-map") if beside else 0
    words[first:first] = beside
    options = output.node.kwargs
    slack_s = COPIED_S if "copy" in (options.get("c:v"), options.get("c:a")) else ROUNDING_S
    until = ["-t", f"{seconds + slack_s:.6f}"] if seconds > 0 and "t" not in options else []
    return [*words, *until, "-fs", str(FILE_BYTES), url, overwrite]


def _number(output: Any, source: Path) -> int:
    """The number of the input *source*."""
    words = argv(output)
    inputs = [url for option, url in pairwise(words) if option == "-i"]
    return inputs.index(source_url(source))


def argv(output: Any, *others: Any) -> list[str]:
    """The command line of a graph; *others* are outputs that come before *output*."""
    graph = ffmpeg.merge_outputs(*others, output) if others else output
    compiled: list[str] = ffmpeg.compile(graph, cmd=binary(), overwrite_output=True)
    return [compiled[0], "-nostdin", "-v", "warning", "-nostats", "-progress", "pipe:1", *compiled[1:]]
