"""Damage in a part of a clip or a sound: the packets that do not decode, or only with faults that the decoder hides."""

from typing import Any

import av

from prep.media.analysis.content import as_far_as_it_goes
from prep.media.audio.decode import PREROLL_S
from prep.media.audio.reader import Reader, seek
from prep.media.container.demux import first_s, open_container
from prep.model.byte_source import Openable
from prep.model.media import AudioInfo, VideoInfo


def count_damage(item: Openable, demuxer: str, info: VideoInfo | AudioInfo, part: tuple[float, float]) -> int:
    """The damaged packets of the picture, or of a sound, in *part*, its start and end in seconds of the source."""
    with as_far_as_it_goes(item), open_container(item, demuxer) as container:
        return _of_picture(container, info, part) if isinstance(info, VideoInfo) else _of_sound(container, info, part)
    return 0


def _of_picture(container: Any, info: VideoInfo, part: tuple[float, float]) -> int:
    stream: Any = container.streams[info.video_stream]
    stream.thread_type = "AUTO"
    begins_s = first_s(stream)
    start_s, end_s = part[0] + begins_s, part[1] + begins_s
    if part[0] > 0:
        container.seek(int(start_s / stream.time_base), stream=stream)
    damaged = 0
    for packet in container.demux(stream):
        time_s = None if packet.pts is None else float(packet.pts * packet.time_base)
        try:
            for frame in packet.decode():
                damaged += frame.is_corrupt and (frame.time is None or start_s <= frame.time < end_s)
        except av.FFmpegError:
            damaged += bool(packet.size) and (time_s is None or start_s <= time_s < end_s)
        if packet.dts is not None and float(packet.dts * packet.time_base) >= end_s:
            break
    return int(damaged)


def _of_sound(container: Any, info: AudioInfo, part: tuple[float, float]) -> int:
    stream: Any = container.streams[info.audio_stream or 0]
    begins_s = first_s(stream)
    if part[0] > 0:
        seek(container, stream, begins_s + part[0] - PREROLL_S, info.duration_s)
    reader = Reader(container, stream, begins_s + part[0], whole=True)
    for time_s, _ in reader.frames():
        if time_s is not None and time_s - begins_s >= part[1]:
            break
    return reader.damaged
