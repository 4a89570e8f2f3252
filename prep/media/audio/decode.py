"""Decoding the wanted seconds of a sound in process: from the very sample on, in memory, nothing before or after."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import av
from av.filter import Graph
from av.stream import Discard

from prep.errors import Cancelled, ToolError
from prep.media.audio.downmix import pan, usual_layout
from prep.media.container.demux import open_container
from prep.model.media import AudioInfo
from prep.model.redact import shown
from prep.model.task import Task

# Decoders lean on what came before: MP3 on half a second at its lowest rates, AAC on a frame, Opus on 80 ms.
PREROLL_S = 0.5
# A clock of milliseconds, as Matroska has it, rounds; a frame of FLAC is longer.
LATE_S = 0.002


class Wanted(NamedTuple):
    """What to decode: *duration_s* seconds from *start_s* on, at which rate, in how many channels.

    *headroom* None: samples of 16 bits, else of 32 bits, turned down by that factor so that nothing clips which adding
    channels up carries over full scale.
    """

    start_s: float
    duration_s: float
    rate_hz: int
    channels: int
    headroom: float | None


class Decoded(NamedTuple):
    """Interleaved samples. *damaged*: packets of the part that did not decode, or gave a damaged frame."""

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
            with suppress(av.FFmpegError):  # what can't be sought in is decoded from its beginning
                container.seek(int((starts_at - PREROLL_S) / float(stream.time_base or 1)), stream=stream)
        reader, mixer, samples = _Reader(container, stream, starts_at or 0.0), _Mixer(wanted), bytearray()
        skipped, length = None, round(wanted.duration_s * wanted.rate_hz) * frame_bytes
        for frame in reader.frames():
            if task.cancel.is_set():
                raise Cancelled("cancelled")
            if skipped is None:
                late_s = 0.0 if starts_at is None or frame.time is None else starts_at - frame.time
                skipped = max(0, round(late_s * wanted.rate_hz)) * frame_bytes
            samples += mixer.mixed(frame)
            task.progress(min(1.0, max(0, len(samples) - skipped) / max(1, length)))
            if len(samples) >= skipped + length:
                break
        samples += mixer.mixed(None)
        first = skipped or 0
        return Decoded(bytes(memoryview(samples)[first : first + length]), sample_bytes, reader.damaged)


class _Reader:
    """Decodes packet by packet, past those that do not decode; *damaged* counts them from *from_s* on."""

    def __init__(self, container: Any, stream: Any, from_s: float) -> None:
        self._container, self._stream, self._from_s = container, stream, from_s
        self._due_s: Any = None
        self.damaged = 0

    def frames(self) -> Iterator[Any]:
        """Frames that end after *from_s*, or whose time nobody knows."""
        with suppress(av.FFmpegError):  # what was read up to there is what there is
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
        """Whether a frame is missing before this one: those of FLAC with a wrong checksum reach no decoder."""
        due_s, begins_s = self._due_s, frame.time
        if begins_s is None:
            begins_s = due_s
        self._due_s = None if begins_s is None else begins_s + frame.samples / frame.sample_rate
        return None not in (due_s, begins_s) and begins_s > max(due_s, self._from_s) + LATE_S

    def _count(self, packet: Any) -> None:
        if packet.pts is None or float((packet.pts + (packet.duration or 0)) * packet.time_base) > self._from_s:
            self.damaged += packet.size > 0


class _Mixer:
    """Brings frames to the wanted rate, channels and depth; a frame of another kind than the last begins anew."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._kind: tuple[int, str, str, int] | None = None
        self._graph: Graph | None = None

    def mixed(self, frame: Any | None) -> bytes:
        """The samples that *frame* adds; None: there are no more, and what was held back comes."""
        if frame is None:
            return self._ended()
        kind = (frame.sample_rate, frame.format.name, usual_layout(frame.layout), frame.layout.nb_channels)
        before = self._ended() if self._kind not in (None, kind) else b""
        if self._graph is None:
            self._kind, self._graph = kind, self._built(*kind)
        frame.pts = None  # gaps and leaps of the clock are not heard
        self._graph.push(frame)
        return before + self._pulled(self._graph)

    def _ended(self) -> bytes:
        if self._graph is None:
            return b""
        self._graph.push(None)
        rest, self._graph = self._pulled(self._graph), None
        return rest

    def _pulled(self, graph: Graph) -> bytes:
        pieces = []
        with suppress(av.error.BlockingIOError, av.error.EOFError):
            while True:
                frame: Any = graph.pull()
                length = frame.samples * self._wanted.channels * frame.format.bytes
                pieces.append(bytes(memoryview(frame.planes[0])[:length]))
        return b"".join(pieces)

    def _built(self, rate_hz: int, sample_format: str, layout: str, count: int) -> Graph:
        wanted, graph = self._wanted, Graph()
        mix = f"{wanted.rate_hz}:ochl={'mono' if wanted.channels == 1 else 'stereo'}"
        nodes = [graph.add_abuffer(sample_rate=rate_hz, format=sample_format, layout=layout)]
        if wanted.headroom is None:
            nodes += [graph.add("aresample", f"{mix}:osf=s16")]
        else:
            # in floats nothing clips on the way, whatever the matrix adds up; else every mix would be turned down
            nodes += [graph.add("aformat", "fltp")]
            if told := pan(layout, count, wanted.channels):
                nodes += [graph.add("pan", told)]
            nodes += [graph.add("aresample", mix)]
            nodes += [graph.add("volume", f"{wanted.headroom}:precision=double"), graph.add("aformat", "s32")]
        graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
        return graph
