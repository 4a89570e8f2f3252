"""A cheap look at a whole clip: small pictures of its keyframes, or of regular moments where keyframes are rare."""

from collections.abc import Iterable, Iterator
from math import inf
from typing import Any, NamedTuple

from prep.media.analysis.cut_detector import Picture, find_cuts
from prep.media.analysis.glimpse import Glimpses
from prep.media.analysis.shots import picture_of, unlike_stretches
from prep.media.container.demux import READING_ERRORS, first_s, open_container
from prep.media.container.keyframes import copy_points_s
from prep.model.analysis import Cuts, Glimpse, Scan
from prep.model.byte_source import Openable
from prep.model.media import VideoInfo

# A long clip is looked at this often at most; keyframes between are not decoded.
MOST_GLIMPSES = 240
# With fewer keyframes than one in this many seconds all frames are decoded, as long as that is quick.
SPARSE_S = 1.0
DECODED_PIXELS = 2_500_000_000
LEAST_GAP_S = 0.25


def scan(item: Openable, demuxer: str, info: VideoInfo, glimpses: bool) -> Scan:
    """The keyframes to cut at and, if wanted, *glimpses* over all of the clip and its cuts, as far as it decodes."""
    with open_container(item, demuxer) as container:
        stream = container.streams[info.video_stream]
        seen = Scan()
        if glimpses:
            gap_s = max(LEAST_GAP_S, info.duration_s / MOST_GLIMPSES)
            frames, whole = _frames(container, stream, info, gap_s, SPARSE_S)
            gallery = _Gallery(first_s(stream), gap_s)
            if whole:
                cuts = Cuts(times_s=find_cuts(gallery.passing(frames)))
            else:
                pictures = gallery.passing(_spaced(frames, gap_s))
                cuts = Cuts(unseen=tuple(unlike_stretches(pictures, stream, info.duration_s)))
            seen = Scan(glimpses=gallery.glimpses, cuts=cuts)
        return seen.model_copy(update={"keyframes_s": copy_points_s(container, stream, info)})


def _keyframes(stream: Any, info: VideoInfo) -> tuple[float, ...]:
    """Rough times of the keyframes, from the sample table; empty without one."""
    base = float(stream.time_base)
    entries = stream.index_entries
    if len(entries) < 2:
        return ()
    first = entries[0].timestamp * base
    times = (entry.timestamp * base - first for entry in entries if entry.is_keyframe)
    return tuple(round(time, 6) for time in times if time <= info.duration_s)


def frames_over(container: Any, stream: Any, info: VideoInfo, gap_s: float, sparse_s: float) -> Iterator[Any]:
    """Frames all over the clip, at least *gap_s* apart, as cheaply as its keyframes allow.

    They are its keyframes, unless there are fewer than one in *sparse_s* seconds and decoding all frames is quick.
    """
    return _spaced(_frames(container, stream, info, gap_s, sparse_s).frames, gap_s)


class _Frames(NamedTuple):
    """*whole*: no frame of the clip is left out."""

    frames: Iterator[Any]
    whole: bool


def _frames(container: Any, stream: Any, info: VideoInfo, gap_s: float, sparse_s: float) -> _Frames:
    keyframes = _keyframes(stream, info)
    sparse = len(keyframes) < info.duration_s / sparse_s
    pixels = info.coded_width * info.coded_height * info.avg_fps * info.duration_s
    stream.thread_type = "AUTO"
    if sparse and pixels <= DECODED_PIXELS:
        return _Frames(_decoded(container, stream), True)
    stream.codec_context.skip_frame = "NONKEY"
    if info.duration_s <= MOST_GLIMPSES * LEAST_GAP_S * 2 or not keyframes:
        return _Frames(_decoded(container, stream), len(keyframes) == len(stream.index_entries) > 1)
    some = keyframes[:: max(1, int(len(keyframes) * gap_s / info.duration_s))]
    return _Frames(_sought(container, stream, info, some), False)


def _sought(container: Any, stream: Any, info: VideoInfo, keyframes: tuple[float, ...]) -> Iterator[Any]:
    """Decode these keyframes, and read nothing between."""
    late_s = 0.5 / max(info.avg_fps, 1.0)  # the very time of a keyframe may lead to the one before it
    for time in keyframes:
        container.seek(int((time + first_s(stream) + late_s) / stream.time_base), stream=stream)
        frame = next(_decoded(container, stream), None)
        if frame is not None:
            yield frame


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    try:
        yield from (frame for frame in container.decode(stream) if frame.time is not None)
    except READING_ERRORS:
        return


def _spaced(frames: Iterator[Any], gap_s: float) -> Iterator[Any]:
    last_s = -inf
    for frame in frames:
        if frame.time - last_s >= gap_s - 0.01:
            last_s = frame.time
            yield frame


class _Gallery:
    """Collects glimpses, *gap_s* apart at least, while all frames pass through."""

    def __init__(self, begins_s: float, gap_s: float) -> None:
        self._begins_s, self._gap_s = begins_s, gap_s
        self._next_s = -inf
        self._glimpses = Glimpses(begins_s)

    @property
    def glimpses(self) -> tuple[Glimpse, ...]:
        return tuple(self._glimpses.all)

    def passing(self, frames: Iterable[Any]) -> Iterator[Picture]:
        """All *frames*, to be compared."""
        for frame in frames:
            if frame.time >= self._next_s:
                self._next_s = frame.time + self._gap_s - 0.01
                self._glimpses.add(frame)
            yield picture_of(frame, self._begins_s)
