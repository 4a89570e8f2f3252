"""Containers opened in process, with a named demuxer; nothing that the file names is opened."""

import os
from math import inf
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


class Clock:
    """The time of packets in a file that holds several recordings, one after the other: later ones are shifted.

    By ffmpeg's rule, so that its streams and ours keep step: the first packet that does not go on where its stream was
    shifts those of all streams. To be asked for every packet, in the order of the file.
    """

    def __init__(self, container: Any) -> None:
        self._latest_s = LEAP_S if restarts(container) else inf
        self._ends: dict[int, tuple[float, float]] = {}
        self.shift_s = 0.0

    def decoded_s(self, packet: Any, base: float) -> float:
        """When *packet* is decoded, in seconds; *base* is the tick of its stream. It has a time of its own."""
        sound = packet.stream.type == "audio"
        time_s: float = (packet.pts if packet.dts is None else packet.dts) * base + self.shift_s
        lasts_s: float = (packet.duration or 0) * base
        if sound:
            lasts_s -= skipped_s(packet)
            lasts_s = 0.0 if lasts_s > LEAP_S else lasts_s  # no packet of sound lasts that long
        if not sound and packet.dts is None:
            # the first pictures of a Matroska have no decoding time, and their display times are out of order
            self._ends.pop(packet.stream_index, None)
            return time_s
        if end := self._ends.get(packet.stream_index):
            last_s, due_s = end
            if not -RESTART_S <= time_s - last_s <= self._latest_s:
                self.shift_s += due_s - time_s
                time_s = due_s
        self._ends[packet.stream_index] = time_s, time_s + lasts_s
        return time_s

    def due_s(self, packet: Any) -> float | None:
        """When the stream of *packet* goes on, by what was asked for before; None: nothing was."""
        end = self._ends.get(packet.stream_index)
        return end[1] if end else None


def skipped_s(packet: Any) -> float:
    """The beginning of a packet of sound that is decoded, but not heard: what an encoder put before the sound."""
    if not packet.has_sidedata("skip_samples"):
        return 0.0
    samples = int.from_bytes(bytes(packet.get_sidedata("skip_samples"))[:4], "little")
    return samples / (packet.stream.codec_context.sample_rate or samples or 1)


def tracks_on_one_clock(container: Any, stream: Any) -> list[Any]:
    """The streams that are shifted together with *stream*, and itself."""
    if not restarts(container) or not container.streams.video:
        return [stream]
    return [each for each in container.streams if each.type in ("audio", "video")]


def restarts(container: Any) -> bool:
    """Whether time stamps may start anew in the middle of the file, by its format."""
    return bool(container.format.flags & Flags.ts_discont.value)


def codec_of(stream: Any) -> str:
    """The codec's own name, not that of the decoder ("av1", not "libdav1d"); empty where none can decode it."""
    return str(stream.codec_context.codec.canonical_name) if stream.codec_context is not None else ""


def first_s(stream: Any) -> float:
    """The time stamp at which *stream* begins, in seconds of the container's clock."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def open_container(item: Openable, demuxer: str) -> InputContainer:
    """Open *item*, whatever characters its name holds. Raises av.FFmpegError when it does not open."""
    enough = ENOUGH.get(demuxer, {})
    file, protocol = (f"file:{os.path.realpath(item)}", "file") if isinstance(item, Path) else (stream_of(item), "none")
    # tags in another encoding than they claim are no reason to refuse a file
    return av.open(
        file, "r", format=demuxer, options={"protocol_whitelist": protocol, **enough}, metadata_errors="replace"
    )
