"""Decoding of the wanted seconds of a sound, in process and to the sample."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from math import inf
from typing import Any, NamedTuple

import av
from av.stream import Discard

from prep.errors import Cancelled, ToolError
from prep.media.audio.downmix import panning
from prep.media.audio.filters import Chain, Filter
from prep.media.container.demux import first_s, open_container
from prep.media.task import Task
from prep.model.media import AudioInfo
from prep.model.redact import shown

# Decoders need what came before: MP3 half a second at its lowest rates, AAC a frame, Opus 80 ms.
PREROLL_S = 0.5
# A clock of milliseconds, as Matroska has it, rounds; a frame of FLAC is longer.
LATE_S = 0.002


class Wanted(NamedTuple):
    """*duration_s* seconds from *start_s* on, at *rate_hz*, in one or two *channels*.

    *headroom* None: 16-bit samples; else 32-bit samples, multiplied by it, so that channels added up don't clip.
    """

    start_s: float
    duration_s: float
    rate_hz: int
    channels: int
    headroom: float | None


class Decoded(NamedTuple):
    """Interleaved samples. *damaged* counts the packets that did not decode or gave a damaged frame."""

    samples: bytes
    sample_bytes: int
    damaged: int


def decode_sound(task: Task, info: AudioInfo, wanted: Wanted) -> Decoded:
    """The *wanted* samples of the task's source, whose facts are *info*; fewer where the source ends before.

    Raises ToolError when it does not open, or holds no such stream, Cancelled when the task is cancelled.
    """
    try:
        return _decoded(task, info, wanted)
    except (av.FFmpegError, IndexError) as error:
        raise ToolError(f"{shown(task.source)}: its sound can't be decoded: {error}") from error


def frames_between(container: Any, stream: Any, start_s: float, end_s: float = inf) -> Iterator[Any]:
    """Decoded frames from *start_s* to *end_s*, in seconds from the stream's start, as far as it decodes.

    For measuring only: the first and the last frame reach beyond.
    """
    begins_s = first_s(stream)
    with suppress(av.FFmpegError, ValueError):
        if start_s > 0:
            container.seek(int((begins_s + start_s) / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            time_s = start_s if frame.time is None else frame.time - begins_s
            if time_s >= end_s:
                return
            if time_s + frame.samples / frame.sample_rate > start_s:
                yield frame


def _decoded(task: Task, info: AudioInfo, wanted: Wanted) -> Decoded:
    sample_bytes = 2 if wanted.headroom is None else 4
    frame_bytes = sample_bytes * wanted.channels
    with open_container(task.source, task.demuxer) as container:
        stream = container.streams[info.audio_stream]
        for other in container.streams:
            if other is not stream:
                other.discard = Discard.all
        starts_at = wanted.start_s + (container.start_time or 0) / av.time_base if wanted.start_s else None
        if starts_at is not None and wanted.start_s > PREROLL_S:
            with suppress(av.FFmpegError):  # a file that can't be sought in is decoded from its beginning
                container.seek(int((starts_at - PREROLL_S) / float(stream.time_base or 1)), stream=stream)
        reader, mixer, samples = _Reader(container, stream, starts_at or 0.0), Chain(_mixing(wanted)), bytearray()
        skipped, length = None, round(wanted.duration_s * wanted.rate_hz) * frame_bytes
        for frame in reader.frames():
            if task.cancel.is_set():
                raise Cancelled("cancelled")
            if skipped is None:
                late_s = 0.0 if starts_at is None or frame.time is None else starts_at - frame.time
                skipped = max(0, round(late_s * wanted.rate_hz)) * frame_bytes
            samples += _bytes(mixer.run(frame))
            task.progress(min(1.0, max(0, len(samples) - skipped) / max(1, length)))
            if len(samples) >= skipped + length:
                break
        samples += _bytes(mixer.drain())
        first = skipped or 0
        return Decoded(bytes(memoryview(samples)[first : first + length]), sample_bytes, reader.damaged)


class _Reader:
    """Decodes packet by packet and skips those that don't decode; *damaged* counts them from *from_s* on."""

    def __init__(self, container: Any, stream: Any, from_s: float) -> None:
        self._container, self._stream, self._from_s = container, stream, from_s
        self._due_s: Any = None
        self.damaged = 0

    def frames(self) -> Iterator[Any]:
        """Frames that end after *from_s*, or whose time is unknown."""
        with suppress(av.FFmpegError):  # the file can't be read any further
            for packet in self._container.demux(self._stream):
                yield from self._decoded(packet)

    def _decoded(self, packet: Any) -> Iterator[Any]:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self._count(packet)
            return
        for frame in frames:
            if packet.stream.codec_context.name == "flac":
                self.damaged += self._left_out(frame)
            if frame.time is None or frame.time + frame.samples / frame.sample_rate > self._from_s:
                self.damaged += frame.is_corrupt
                yield frame

    def _left_out(self, frame: Any) -> bool:
        """Whether a frame is missing before this one: FLAC frames with a wrong checksum reach no decoder."""
        due_s, begins_s = self._due_s, frame.time
        if begins_s is None:
            begins_s = due_s
        self._due_s = None if begins_s is None else begins_s + frame.samples / frame.sample_rate
        return None not in (due_s, begins_s) and begins_s > max(due_s, self._from_s) + LATE_S

    def _count(self, packet: Any) -> None:
        if packet.pts is None or float((packet.pts + (packet.duration or 0)) * packet.time_base) > self._from_s:
            self.damaged += packet.size > 0


def _mixing(wanted: Wanted) -> Callable[[Any], list[Filter]]:
    """The filters that bring frames to the wanted rate, channels and depth."""
    mix = {"sample_rate": wanted.rate_hz, "ochl": "mono" if wanted.channels == 1 else "stereo"}
    if wanted.headroom is None:
        return lambda frame: [("aresample", {**mix, "osf": "s16"})]
    return lambda frame: [
        # in floats nothing clips on the way, whatever the matrix adds up; else every mix would be turned down
        ("aformat", {"sample_fmts": "fltp"}),
        *panning(frame, wanted.channels),
        ("aresample", mix),
        ("volume", {"volume": wanted.headroom, "precision": "double"}),
        ("aformat", {"sample_fmts": "s32"}),
    ]


def _bytes(frames: Iterator[Any]) -> bytes:
    """The interleaved samples of *frames*."""
    return b"".join(
        bytes(memoryview(frame.planes[0])[: frame.samples * frame.layout.nb_channels * frame.format.bytes])
        for frame in frames
    )
