"""Looking into the part of a clip that is sent: its cuts, and how loud it is."""

from pathlib import Path

import av

from prep.media.analysis.shots import cuts_between
from prep.media.audio.decode import frames_between
from prep.media.audio.loudness import Meter
from prep.media.container.demux import open_container
from prep.model.analysis import Inside
from prep.model.byte_source import Openable
from prep.model.media import AudioInfo, VideoInfo


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
            lufs = _loudness_lufs(item, demuxer, info.audio_stream, part)
    except (av.FFmpegError, ValueError):
        pass  # what can't be opened is told where it is made; for an animated WebP there is no reader here
    finally:
        if not isinstance(item, Path):
            item.raise_failure()
    return Inside(start_s=start_s, end_s=end_s, cuts_s=cuts_s, loudness_lufs=lufs)


def _loudness_lufs(item: Openable, demuxer: str, audio_stream: int, part: tuple[float, float]) -> float | None:
    """Integrated loudness of the *part*; None: too little of it decodes to be measured."""
    meter = Meter()
    with open_container(item, demuxer) as container:
        for frame in frames_between(container, container.streams[audio_stream], *part):
            meter.hear(frame)
    return meter.lufs
