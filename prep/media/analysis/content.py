"""Looking into the part of a clip that is sent: its cuts, and how loud it is."""

from pathlib import Path
from typing import Any

import av

from prep.media.analysis.shots import cuts_between
from prep.media.container.demux import first_s, open_container
from prep.model.analysis import SILENCE_LUFS, Inside
from prep.model.byte_source import Openable
from prep.model.media import AudioInfo, VideoInfo

# R 128 measures blocks of 0.4 s.
LEAST_HEARD_S = 0.5
LOUDNESS = "lavfi.r128.I"


def look_inside(
    item: Openable,
    demuxer: str,
    info: VideoInfo | AudioInfo,
    part: tuple[float, float],
    *,
    heard: bool = True,
    most_pixels: float = float("inf"),
) -> Inside:
    """What the *part*, in seconds of the source, shows when it is decoded; what does not decode shows nothing.

    *heard*: its sound is listened to as well. With *most_pixels* rare cuts may be missed (`cuts_between`).
    """
    start_s, end_s = part
    cuts_s: tuple[float, ...] = ()
    lufs = None
    try:
        if isinstance(info, VideoInfo):
            cuts_s = cuts_between(item, demuxer, info, start_s, end_s, most_pixels=most_pixels)
        if heard and info.audio_stream is not None:
            lufs = loudness_lufs(item, demuxer, info.audio_stream, start_s, end_s)
    except (av.FFmpegError, ValueError):
        pass  # what can't be opened is told where it is made; for an animated WebP there is no reader here
    finally:
        if not isinstance(item, Path):
            item.raise_failure()
    return Inside(start_s=start_s, end_s=end_s, cuts_s=cuts_s, loudness_lufs=lufs)


def loudness_lufs(item: Openable, demuxer: str, audio_stream: int, start_s: float, end_s: float) -> float | None:
    """Integrated loudness by EBU R 128, −70 at the least; None where too little decodes to tell."""
    with open_container(item, demuxer) as container:
        stream: Any = container.streams[audio_stream]
        begins_s = first_s(stream) + start_s
        meter = _Meter()
        if start_s > 0:
            container.seek(int(begins_s / stream.time_base), stream=stream)
        try:
            for frame in container.decode(stream):
                time_s = begins_s if frame.time is None else frame.time
                if time_s >= begins_s + end_s - start_s:
                    break
                if time_s + frame.samples / frame.sample_rate > begins_s:
                    meter.hear(frame)
        except (av.FFmpegError, ValueError):
            pass  # heard as far as it decodes
    return meter.lufs


class _Meter:
    """ffmpeg's own, in process: it tells what it has measured so far with each frame that leaves it."""

    def __init__(self) -> None:
        self._graph: Any = None
        self._heard_s = 0.0
        self._lufs = SILENCE_LUFS

    def hear(self, frame: Any) -> None:
        if self._graph is None:
            self._graph = graph = av.filter.Graph()
            source = graph.add_abuffer(
                sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=None
            )
            graph.link_nodes(source, graph.add("ebur128", "metadata=1"), graph.add("abuffersink")).configure()
        self._heard_s += frame.samples / frame.sample_rate
        frame.pts = None
        self._graph.push(frame)
        while True:
            try:
                told = self._graph.pull().metadata.get(LOUDNESS)
            except (av.BlockingIOError, av.EOFError):
                return
            if told is not None:
                self._lufs = max(SILENCE_LUFS, float(told))

    @property
    def lufs(self) -> float | None:
        return self._lufs if self._heard_s >= LEAST_HEARD_S else None
