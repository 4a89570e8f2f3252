"""Reading a whole clip cheaply: small pictures of its keyframes, or of regular moments where keyframes are rare."""

import itertools
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

import av
from PIL import Image, ImageChops, ImageFilter, ImageStat

from prep.media.container.demux import first_s, open_container
from prep.media.container.keyframes import cuts_s
from prep.model.analysis import Glimpse, Scan
from prep.model.byte_source import Openable
from prep.model.media import VideoInfo

# Small enough to be cheap, large enough that blur shows.
WIDTH, HEIGHT = 320, 180
COARSE = (16, 9)
# A long clip is looked at this often at most; between, keyframes are skipped without being decoded.
MOST_GLIMPSES = 240
# With fewer keyframes than one in this many seconds all frames are decoded, as long as that is quick.
SPARSE_S = 1.0
DECODED_PIXELS = 2_500_000_000
LEAST_GAP_S = 0.25
# Two pictures are of different shots when this share of pixels changes its class of brightness, or when what is where
# changes by this much, and by this factor more than between the pictures near them (a pan changes it all along).
CUT_SHARE, CUT_LEAST, CUT_JUMP, NEAR = 0.45, 0.02, 2.0, 4


def scan(item: Openable, demuxer: str, info: VideoInfo, *, glimpses: bool) -> Scan:
    """Where the clip can be cut and, if wanted, *glimpses* over all of it. Seconds from the clip's start.

    A clip that stops decoding is seen as far as it goes.
    """
    with open_container(item, demuxer) as container:
        stream = container.streams[info.video_stream]
        seen: tuple[Glimpse, ...] = ()
        if glimpses:
            gap_s = max(LEAST_GAP_S, info.duration_s / MOST_GLIMPSES)
            frames = frames_over(container, stream, info, gap_s, SPARSE_S)
            seen = tuple(_glimpses(frames, first_s(stream)))
        return Scan(glimpses=seen, keyframes_s=cuts_s(container, stream, info))


def _keyframes(stream: Any, info: VideoInfo) -> tuple[float, ...]:
    """About when the keyframes are shown, from the sample table; empty when there is none."""
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
    keyframes = _keyframes(stream, info)
    sparse = len(keyframes) < info.duration_s / sparse_s
    pixels = info.coded_width * info.coded_height * info.avg_fps * info.duration_s
    stream.thread_type = "AUTO"
    if sparse and pixels <= DECODED_PIXELS:
        yield from _spaced(_decoded(container, stream), gap_s)
        return
    stream.codec_context.skip_frame = "NONKEY"
    if info.duration_s <= MOST_GLIMPSES * LEAST_GAP_S * 2 or not keyframes:
        yield from _spaced(_decoded(container, stream), gap_s)
        return
    some = keyframes[:: max(1, int(len(keyframes) * gap_s / info.duration_s))]
    yield from _spaced(_sought(container, stream, info, some), gap_s)


def _sought(container: Any, stream: Any, info: VideoInfo, keyframes: tuple[float, ...]) -> Iterator[Any]:
    """These keyframes, without reading what lies between."""
    late_s = 0.5 / max(info.avg_fps, 1.0)  # the very time of a keyframe may lead to the one before it
    for time in keyframes:
        container.seek(int((time + first_s(stream) + late_s) / stream.time_base), stream=stream)
        frame = next(_decoded(container, stream), None)
        if frame is not None:
            yield frame


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    try:
        yield from container.decode(stream)
    except av.FFmpegError:
        return


def _spaced(frames: Iterator[Any], gap_s: float) -> Iterator[Any]:
    last_s = float("-inf")
    for frame in frames:
        if frame.time is not None and frame.time - last_s >= gap_s - 0.01:
            last_s = frame.time
            yield frame


class _Seen(NamedTuple):
    """One frame, small for its detail and coarse for what is where."""

    time_s: float
    small: Image.Image
    coarse: Image.Image
    detail: float


def _glimpses(frames: Iterator[Any], start_s: float) -> Iterator[Glimpse]:
    seen = [_see(frame, start_s) for frame in frames]
    moved = [0.0, *(_difference(before.coarse, after.coarse) for before, after in itertools.pairwise(seen))]
    for index, (before, after) in enumerate(itertools.pairwise([seen[0], *seen] if seen else [])):
        light = ImageStat.Stat(after.small)
        change = _difference(before.small, after.small)
        near = [value for value in moved[max(1, index - NEAR) : index + NEAR + 1] if value is not moved[index]]
        jumped = moved[index] > max(CUT_LEAST, CUT_JUMP * median(near)) if near else False
        yield Glimpse(
            time_s=after.time_s,
            light=round(light.mean[0] / 255, 4),
            contrast=round(light.stddev[0] / 128, 4),
            detail=round(after.detail, 4),
            change=round(change, 4),
            cut=index > 0 and (jumped or _relit(before.small, after.small)),
        )


def _see(frame: Any, start_s: float) -> _Seen:
    plane = frame.reformat(width=WIDTH, height=HEIGHT, format="gray").planes[0]
    small = Image.frombuffer("L", (WIDTH, HEIGHT), bytes(plane), "raw", "L", plane.line_size, 1)
    return _Seen(
        time_s=round(max(0.0, frame.time - start_s), 6),
        small=small,
        coarse=frame.reformat(width=COARSE[0], height=COARSE[1], format="rgb24").to_image(),
        detail=ImageStat.Stat(small.filter(ImageFilter.FIND_EDGES)).mean[0] / 255,
    )


def _difference(before: Image.Image, after: Image.Image) -> float:
    bands = ImageStat.Stat(ImageChops.difference(before, after)).mean
    return sum(bands) / len(bands) / 255


def _relit(before: Image.Image, after: Image.Image) -> bool:
    """Whether the distribution of brightness is another: it hardly changes while things only move."""
    pairs = zip(_classes(before), _classes(after), strict=True)
    return sum(abs(a - b) for a, b in pairs) / 2 / (WIDTH * HEIGHT) > CUT_SHARE


def _classes(picture: Image.Image) -> list[int]:
    histogram = picture.histogram()
    return [sum(histogram[start : start + 16]) for start in range(0, 256, 16)]
