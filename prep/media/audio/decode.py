"""Decoding of the wanted seconds of a sound, in process and to the sample."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import av
from av.stream import Discard

from prep.errors import Cancelled, ToolError
from prep.media.audio.downmix import panning
from prep.media.audio.filters import Chain, Filter
from prep.media.audio.reader import Reader, seek
from prep.media.container.demux import open_container, tracks_on_one_clock
from prep.media.task import Task
from prep.model.media import AudioInfo, VideoInfo
from prep.model.redact import shown

# Decoders need what came before: MP3 half a second at its lowest rates, AAC a frame, Opus 80 ms.
PREROLL_S = 0.5


class Wanted(NamedTuple):
    """*duration_s* seconds from *start_s* on, at *rate_hz*, in one or two *channels*.

    *headroom* None: 16-bit samples; else 32-bit samples, multiplied by it, so that channels added up don't clip.
    *timed*: in step with the time stamps, and silent where there is no sound, also before the first.
    """

    start_s: float
    duration_s: float
    rate_hz: int
    channels: int
    headroom: float | None
    timed: bool = False


class Decoded(NamedTuple):
    """Interleaved samples. *damaged* counts the packets that did not decode or gave a damaged frame; *lost_s* of the
    samples are silence in their place."""

    samples: bytes
    sample_bytes: int
    damaged: int
    lost_s: float = 0.0


def decode_sound(task: Task, info: AudioInfo | VideoInfo, wanted: Wanted) -> Decoded:
    """The *wanted* samples of the task's source, whose facts are *info*; fewer where the source ends before.

    Raises ToolError when it does not open, or holds no such stream, Cancelled when the task is cancelled.
    """
    try:
        return _decoded(task, info, wanted)
    except (av.FFmpegError, IndexError) as error:
        raise ToolError(f"{shown(task.source)}: its sound can't be decoded: {error}") from error


def _decoded(task: Task, info: AudioInfo | VideoInfo, wanted: Wanted) -> Decoded:
    sample_bytes = 2 if wanted.headroom is None else 4
    frame_bytes = sample_bytes * wanted.channels
    with open_container(task.source, task.demuxer) as container:
        stream = container.streams[info.audio_stream or 0]
        tracks = tracks_on_one_clock(container, stream)
        for other in container.streams:
            if other not in tracks:
                other.discard = Discard.all
        begins_s = (container.start_time or 0) / av.time_base
        starts_at = wanted.start_s + begins_s if wanted.start_s or wanted.timed else None
        if starts_at is not None and wanted.start_s > PREROLL_S:
            seek(container, stream, starts_at - PREROLL_S, info.duration_s)
        reader = Reader(container, stream, starts_at or 0.0, whole=wanted.timed)
        mixer, samples = Chain(_mixing(wanted)), bytearray()
        skipped, length = None, round(wanted.duration_s * wanted.rate_hz) * frame_bytes
        for time_s, frame in reader.frames():
            if task.cancel.is_set():
                raise Cancelled("cancelled")
            if skipped is None:
                late_s = 0.0 if starts_at is None or time_s is None else starts_at - time_s
                skipped = max(0, round(late_s * wanted.rate_hz)) * frame_bytes
                if wanted.timed:
                    samples += bytes(max(0, round(-late_s * wanted.rate_hz)) * frame_bytes)
            samples += _bytes(mixer.run(frame))
            task.progress(min(1.0, max(0, len(samples) - skipped) / max(1, length)))
            if len(samples) >= skipped + length:
                break
        samples += _bytes(mixer.drain())
        first = skipped or 0
        return Decoded(bytes(memoryview(samples)[first : first + length]), sample_bytes, reader.damaged, reader.lost_s)


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
