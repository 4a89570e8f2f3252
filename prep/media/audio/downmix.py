"""Sound whose channels have no places, which ffmpeg mixes by no matrix of its own: the many tracks of a recorder, and
the sound field of a camera that films all around (Ambisonics)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.filter import Graph

from prep.media.container.demux import open_container
from prep.model.media import VideoInfo

# Ambisonics in ACN order: the first channel is what is heard from everywhere, the second left less right.
FIELD = {1: ("c0",), 2: ("0.5*c0+0.5*c1", "0.5*c0-0.5*c1")}


def usual_layout(layout: Any) -> str:
    """Its name; a number of channels whose places nobody told is taken for the usual places, where there are any."""
    usual = f"{layout.nb_channels}c"
    if not layout.name.endswith("channels"):
        return str(layout.name)
    try:
        av.AudioLayout(usual)
    except ValueError:
        return str(layout.name)
    return usual


def pan(layout: str, count: int, channels: int) -> str | None:
    """What ffmpeg's `pan` is told to bring *count* channels to one or two; None: their places are known.

    Tracks are added up in both; each is as much quieter as keeps the whole as loud where they have nothing in common.
    """
    if layout.startswith("ambisonic"):
        mixes = FIELD[channels]
    elif layout.endswith("channels"):
        mixes = ("+".join(f"{count**-0.5:.4f}*c{index}" for index in range(count)),) * channels
    else:
        return None
    return "|".join(("mono" if channels == 1 else "stereo", *(f"c{n}={mix}" for n, mix in enumerate(mixes))))


def pan_of(source: Path, demuxer: str, info: VideoInfo) -> str | None:
    """The same for a soundtrack, to stereo."""
    if (info.audio_channels or 0) <= 2:
        return None
    with open_container(source, demuxer) as container:
        stream: Any = container.streams[info.audio_stream or 0]
        layout = stream.codec_context.layout
        return pan(usual_layout(layout), layout.nb_channels, 2)


class Mono:
    """Frames of any channels as mono of 16 bits; where one is of another kind than the last it begins anew."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._kind: tuple[object, ...] | None = None
        self._resampler: Any = None
        self._graph: Graph | None = None

    def resample(self, frame: Any) -> Iterator[Any]:
        """What *frame* adds."""
        kind = (frame.sample_rate, frame.format.name, frame.layout.name)
        if kind != self._kind:
            if self._resampler is not None:
                yield from self._resampler.resample(None)
            self._kind = kind
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=self._rate_hz)
            self._graph = _panning(frame)
        if self._graph is not None:
            self._graph.push(frame)
            frame = self._graph.pull()
        yield from self._resampler.resample(frame)


def _panning(frame: Any) -> Graph | None:
    """The graph that mixes frames like *frame*, if it takes one."""
    told = pan(usual_layout(frame.layout), frame.layout.nb_channels, 1)
    if told is None:
        return None
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
    )
    graph.link_nodes(source, graph.add("pan", told), graph.add("abuffersink")).configure()
    return graph
