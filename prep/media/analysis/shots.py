"""Where one shot ends and another begins: hard cuts in a part of a video, found without decoding more than needed.

Keyframes are decoded first. Where two that follow each other may show different scenes, all between them is decoded as
well; `prep.media.analysis.cut_detector` judges it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise
from math import ceil
from typing import Any, NamedTuple

import av

from prep.media.analysis.cut_detector import ALIKE, APART_S, HEIGHT, WIDTH, Picture, jumps, likeness
from prep.media.container.demux import first_s, open_container
from prep.model.byte_source import Openable
from prep.model.media import VideoInfo

# Keyframes that are more alike have no cut between them.
SURELY = 0.75
# Keyframes that lie closer are as good as all frames.
DENSE_S = 0.1
# So much is looked at at once: the pictures of an hour would take a gigabyte. A cut where two such windows meet is well
# inside one of them.
WINDOW_S, OVERLAP_S = 120.0, 1.0
# How far back reading begins where seeking has led too far.
BACK_S = 2.0


def cuts_between(
    item: Openable, demuxer: str, info: VideoInfo, start_s: float, end_s: float, *, most_pixels: float = float("inf")
) -> tuple[float, ...]:
    """When new shots begin in the part from *start_s* to *end_s*, in seconds from the clip's start.

    What is shorter than APART_S at an end of the part is no shot.
    With *most_pixels* no more than those are decoded beside keyframes, where cuts are likeliest; others may be missed.
    What does not decode has none.
    """
    windows, found = _windows(start_s, end_s), set[float]()
    for window in windows:
        found |= _cuts_in(item, demuxer, info, *window, most_pixels / len(windows))
    return tuple(sorted(found))


def _windows(start_s: float, end_s: float) -> list[tuple[float, float]]:
    count = max(1, ceil((end_s - start_s) / WINDOW_S))
    starts = [start_s + number * WINDOW_S for number in range(count)]
    return [(begins_s, min(end_s, begins_s + WINDOW_S + OVERLAP_S)) for begins_s in starts]


def _cuts_in(
    item: Openable, demuxer: str, info: VideoInfo, start_s: float, end_s: float, most_pixels: float
) -> set[float]:
    with _opened(item, demuxer, info, "NONKEY") as clip:
        keys = list(clip.pictures(start_s, end_s))
    if len(keys) > 2 and keys[-1].time_s - keys[0].time_s < DENSE_S * (len(keys) - 1):
        found = set(jumps(keys))
    else:
        most_s = most_pixels / max(1.0, info.coded_width * info.coded_height * info.avg_fps)
        found = _found(item, demuxer, info, keys, _runs(_stretches(keys, end_s), most_s))
    return {time_s for time_s in found if start_s + APART_S < time_s < end_s - APART_S}


def _found(
    item: Openable, demuxer: str, info: VideoInfo, keys: Sequence[Picture], runs: Sequence[tuple[float, float]]
) -> set[float]:
    found: set[float] = set()
    if not runs:
        return found
    with _opened(item, demuxer, info, "DEFAULT") as clip:
        for start_s, end_s in runs:
            times = jumps(list(clip.pictures(start_s, end_s + APART_S)))
            earlier = [key.time_s for key in keys if key.time_s < start_s]
            if earlier and times and times[0] < start_s + APART_S:  # or a flash that the keyframe shows has gone out
                times = jumps(list(clip.pictures(earlier[-1], end_s + APART_S)))
            found.update(time_s for time_s in times if time_s >= start_s)
    return found


class _Clip(NamedTuple):
    container: Any
    stream: Any
    first_s: float

    def pictures(self, start_s: float, end_s: float) -> Iterator[Picture]:
        """From the keyframe before *start_s* to the first picture after *end_s*, as far as it decodes."""
        self._seek(start_s)
        frames = self._decoded()
        first = next(frames, None)
        if first is None or first.time - self.first_s > start_s:  # without an index seeking may lead too far
            self._seek(start_s - BACK_S)
            frames = self._decoded()
        else:
            frames = chain((first,), frames)
        for frame in frames:
            small = frame.reformat(width=WIDTH, height=HEIGHT, format="rgb24").to_image()
            picture = Picture(round(frame.time - self.first_s, 6), small)
            yield picture
            if picture.time_s >= end_s:
                return

    def _seek(self, time_s: float) -> None:
        self.container.seek(int((max(0.0, time_s) + self.first_s) / self.stream.time_base), stream=self.stream)

    def _decoded(self) -> Iterator[Any]:
        try:
            yield from (frame for frame in self.container.decode(self.stream) if frame.time is not None)
        except (av.FFmpegError, ValueError):
            return


@contextmanager
def _opened(item: Openable, demuxer: str, info: VideoInfo, skipped: str) -> Iterator[_Clip]:
    """Opened anew for each way of reading: some decoders heed only at the beginning what they shall skip."""
    with open_container(item, demuxer) as container:
        stream: Any = container.streams[info.video_stream]
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = skipped
        yield _Clip(container, stream, first_s(stream))


class _Stretch(NamedTuple):
    """What lies between two keyframes, or after the last; *alike* is how much its ends are."""

    alike: float
    start_s: float
    end_s: float


def _stretches(keys: Sequence[Picture], end_s: float) -> list[_Stretch]:
    """Where a cut may be, the likeliest first."""
    found = [_Stretch(likeness(a.color, b.color), a.time_s, b.time_s) for a, b in pairwise(keys)]
    if keys and keys[-1].time_s < end_s - APART_S:
        found.append(_Stretch(ALIKE, keys[-1].time_s, end_s))
    return sorted(stretch for stretch in found if stretch.alike < SURELY)


def _runs(stretches: Sequence[_Stretch], most_s: float) -> list[tuple[float, float]]:
    """As many of *stretches*, from the first on, as take *most_s* together; in order of time, what meets as one.

    What a keyframe shows may be a flash: the stretch before it tells what it lit.
    """
    chosen: list[tuple[float, float]] = []
    for stretch in stretches:
        if (length_s := stretch.end_s - stretch.start_s) <= most_s:
            chosen.append((stretch.start_s, stretch.end_s))
            most_s -= length_s
    runs: list[tuple[float, float]] = []
    for start_s, end_s in sorted(chosen):
        if runs and runs[-1][1] == start_s:
            runs[-1] = (runs[-1][0], end_s)
        else:
            runs.append((start_s, end_s))
    return runs
