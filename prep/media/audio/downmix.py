"""Mixing channels without positions, for which ffmpeg has no matrix: the many tracks of a recorder, and the sound
field of a camera that films all around (Ambisonics)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prep.media.audio.filters import Chain, Filter, usual_layout
from prep.media.container.demux import open_container
from prep.model.media import VideoInfo

# Ambisonics in ACN order: the first channel is the sound from all around, the second left minus right.
FIELD = {1: ("c0",), 2: ("0.5*c0+0.5*c1", "0.5*c0-0.5*c1")}


def pan(layout: str, count: int, channels: int) -> str | None:
    """The arguments for ffmpeg's `pan` that bring *count* channels to one or two; None: their positions are known.

    Tracks are added up in both; each is as much quieter as keeps the sum as loud where they have nothing in common.
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


def panning(frame: Any, channels: int) -> list[Filter]:
    """The filter that mixes frames like *frame*; none where the positions of its channels are known."""
    arguments = pan(usual_layout(frame.layout), frame.layout.nb_channels, channels)
    return [("pan", {"args": arguments})] if arguments else []


class Mix:
    """Frames of any channels as 16-bit mono or stereo (*channels*)."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        mix = {"sample_rate": rate_hz, "ochl": "mono" if channels == 1 else "stereo", "osf": "s16"}
        self._chain = Chain(lambda frame: [*panning(frame, channels), ("aresample", mix)])

    def resample(self, frame: Any) -> Iterator[Any]:
        """The samples that *frame* adds."""
        return self._chain.run(frame)
