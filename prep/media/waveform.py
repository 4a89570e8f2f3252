"""Waveforms: the loudest sample of each of many equal stretches of a sound."""

from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import av

from prep.media.audio.downmix import Mix
from prep.media.container.demux import first_s, open_container
from prep.media.probe.dispatch import demuxer_of
from prep.model.media import AudioInfo, VideoInfo

RATE_HZ = 8_000
# Of a longer part only this much is decoded at each point of its waveform.
LONG_S, SAMPLED_S = 300.0, 0.1


class Stretch(NamedTuple):
    """A part of a clip, in seconds from its start."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def waveform(path: Path, info: AudioInfo | VideoInfo, part: Stretch, count: int) -> tuple[float, ...]:
    """The loudest sample of each of *count* stretches of *part*, as a share of full scale; empty without a soundtrack.

    Of a long part only a moment in each stretch counts. A damaged sound is heard as far as it decodes.
    """
    if info.audio_stream is None:
        return ()
    loudest = [0.0] * count
    with open_container(path, demuxer_of(path)) as container:
        stream = container.streams[info.audio_stream]
        begins_s = _begins_s(container, info)
        shifted = Stretch(part.start_s + begins_s, part.end_s + begins_s)
        blocks = _sampled if part.duration_s > LONG_S else _all_of
        for time_s, samples in blocks(container, stream, shifted, count):
            bounds = [round(len(samples) * index / 4) for index in range(5)]  # a block may be longer than a stretch
            for index, (begin, end) in enumerate(pairwise(bounds)):
                at_s = time_s - shifted.start_s + len(samples) / RATE_HZ * index / 4
                at = int(at_s / part.duration_s * count)
                piece = samples[begin:end]
                if piece and (0 <= at < count or part.start_s == 0):
                    at = min(count - 1, max(0, at))
                    loudest[at] = max(loudest[at], max(piece) / 32768, -min(piece) / 32768)
    return tuple(round(value, 3) for value in loudest)


def _begins_s(container: Any, info: AudioInfo | VideoInfo) -> float:
    """The time stamp from which the seconds of a plan are counted: of a clip that of its first picture."""
    stream = info.video_stream if isinstance(info, VideoInfo) else info.audio_stream
    return first_s(container.streams[stream])


def _all_of(container: Any, stream: Any, part: Stretch, count: int) -> Iterator[tuple[float, "array[int]"]]:  # noqa: ARG001
    if part.start_s > first_s(stream) + 1.0:
        container.seek(int(part.start_s / stream.time_base), stream=stream)
    for time_s, samples in _decoded(container, stream):
        if time_s >= part.end_s:
            return
        yield time_s, samples


def _sampled(container: Any, stream: Any, part: Stretch, count: int) -> Iterator[tuple[float, "array[int]"]]:
    for index in range(count):
        wanted_s = part.start_s + part.duration_s * (index + 0.25) / count
        container.seek(int(wanted_s / stream.time_base), stream=stream)
        begin_s = None
        for time_s, samples in _decoded(container, stream):
            begin_s = time_s if begin_s is None else begin_s
            yield wanted_s, samples
            if time_s - begin_s > SAMPLED_S:
                break


def _decoded(container: Any, stream: Any) -> Iterator[tuple[float, "array[int]"]]:
    resampler = Mix(RATE_HZ, 1)
    try:
        for frame in container.decode(stream):
            time_s = frame.time or 0.0
            for piece in resampler.resample(frame):
                yield time_s, array("h", bytes(piece.planes[0])[: piece.samples * 2])
                time_s += piece.samples / RATE_HZ
    except av.FFmpegError:
        return
