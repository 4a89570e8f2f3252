"""Frames of a clip at a few moments."""

from collections.abc import Iterator
from typing import Any

from prep.media.container.demux import READING_ERRORS, first_s
from prep.model.media import VideoInfo


def moments(part: tuple[float, float], count: int) -> list[float]:
    """So many times spread over *part*, its start and end in seconds."""
    return [part[0] + (part[1] - part[0]) * (index + 0.5) / count for index in range(count)]


def frames_at(container: Any, info: VideoInfo, times_s: list[float], apart_s: float | None = None) -> Iterator[Any]:
    """The keyframe before each of *times_s*, as far as it decodes and has a time; with *apart_s* also the frame so
    much later.
    """
    stream = container.streams[info.video_stream]
    for time_s in times_s:
        try:
            container.seek(int((time_s + first_s(stream)) / float(stream.time_base or 1)), stream=stream)
            frames = (frame for frame in container.decode(stream) if frame.time is not None)
            first = next(frames, None)
            later = first
            while apart_s and first is not None and later is not None and later.time < first.time + apart_s:
                later = next(frames, None)
        except (*READING_ERRORS, OverflowError):  # a time beyond 64 bits
            continue
        if first is not None:
            yield (first, later) if apart_s else first
