"""Reading a whole clip cheaply: small pictures of its keyframes, or of regular moments where keyframes are rare."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageChops, ImageFilter, ImageStat

from prep.model.media import VideoInfo
from prep.model.scan import Glimpse, Scan

# Small enough to be cheap, large enough that blur shows.
WIDTH, HEIGHT = 320, 180
# A long clip is looked at this often at most; between, keyframes are skipped without being decoded.
MOST_GLIMPSES = 240
# With fewer keyframes than one in this many seconds all frames are decoded, as long as that is quick.
SPARSE_S = 2.0
DECODED_PIXELS = 2_500_000_000
LEAST_GAP_S = 0.25
# The share of pixels whose brightness class must differ for two pictures to be of different shots.
CUT_SHARE = 0.45


def scan(path: Path, demuxer: str, info: VideoInfo, *, glimpses: bool) -> Scan:
    """The keyframes of the clip's index and, if wanted, *glimpses* over all of it. Seconds from the clip's start.

    A clip that stops decoding is seen as far as it goes.
    """
    with av.open(f"file:{path.resolve()}", format=demuxer) as container:
        stream = container.streams[info.video_stream]
        keyframes = _keyframes(stream, info)
        if not glimpses:
            return Scan(keyframes_s=keyframes)
        frames = _frames(container, stream, info, keyframes)
        return Scan(glimpses=tuple(_glimpses(frames, info)), keyframes_s=keyframes)


def _keyframes(stream: Any, info: VideoInfo) -> tuple[float, ...]:
    """Times of the keyframes, from the sample table; empty when there is none."""
    base = float(stream.time_base)
    entries = stream.index_entries
    if len(entries) < 2:
        return ()
    first = entries[0].timestamp * base
    times = (entry.timestamp * base - first for entry in entries if entry.is_keyframe)
    return tuple(round(time, 6) for time in times if time <= info.duration_s)


def _frames(container: Any, stream: Any, info: VideoInfo, keyframes: tuple[float, ...]) -> Iterator[Any]:
    sparse = len(keyframes) < info.duration_s / SPARSE_S
    pixels = info.coded_width * info.coded_height * info.avg_fps * info.duration_s
    stream.thread_type = "AUTO"
    if sparse and pixels <= DECODED_PIXELS:
        yield from _spaced(_decoded(container, stream), info)
        return
    stream.codec_context.skip_frame = "NONKEY"
    if info.duration_s <= MOST_GLIMPSES * LEAST_GAP_S * 2 or not keyframes:
        yield from _spaced(_decoded(container, stream), info)
        return
    step = max(1, len(keyframes) // MOST_GLIMPSES)
    for time in keyframes[::step]:
        container.seek(int((time + info.start_s) / stream.time_base), stream=stream)
        frame = next(_decoded(container, stream), None)
        if frame is not None:
            yield frame


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    try:
        yield from container.decode(stream)
    except av.FFmpegError:
        return


def _spaced(frames: Iterator[Any], info: VideoInfo) -> Iterator[Any]:
    gap_s, last_s = max(LEAST_GAP_S, info.duration_s / MOST_GLIMPSES), float("-inf")
    for frame in frames:
        if frame.time is not None and frame.time - last_s >= gap_s - 0.01:
            last_s = frame.time
            yield frame


def _glimpses(frames: Iterator[Any], info: VideoInfo) -> Iterator[Glimpse]:
    before: Image.Image | None = None
    for frame in frames:
        picture = _small(frame)
        light = ImageStat.Stat(picture)
        change, cut = _compared(before, picture) if before is not None else (0.0, False)
        yield Glimpse(
            time_s=round(max(0.0, frame.time - info.start_s), 6),
            light=round(light.mean[0] / 255, 4),
            contrast=round(light.stddev[0] / 128, 4),
            detail=round(ImageStat.Stat(picture.filter(ImageFilter.FIND_EDGES)).mean[0] / 255, 4),
            change=round(change, 4),
            cut=cut,
        )
        before = picture


def _small(frame: Any) -> Image.Image:
    plane = frame.reformat(width=WIDTH, height=HEIGHT, format="gray").planes[0]
    return Image.frombuffer("L", (WIDTH, HEIGHT), bytes(plane), "raw", "L", plane.line_size, 1)


def _compared(before: Image.Image, after: Image.Image) -> tuple[float, bool]:
    """The mean difference, and whether the distributions of brightness differ as those of two shots do.

    A distribution hardly changes while things move, so motion is not taken for a cut.
    """
    change = ImageStat.Stat(ImageChops.difference(before, after)).mean[0] / 255
    first, second = (_classes(picture) for picture in (before, after))
    moved = sum(abs(a - b) for a, b in zip(first, second, strict=True)) / 2 / (WIDTH * HEIGHT)
    return change, moved > CUT_SHARE


def _classes(picture: Image.Image) -> list[int]:
    histogram = picture.histogram()
    return [sum(histogram[start : start + 16]) for start in range(0, 256, 16)]
