"""Shots of a video: the hard cuts in a part of it, found without decoding more than needed.

Keyframes are decoded first. Where a cut may lie between two of them, all between is decoded as well, and
`prep.media.analysis.cut_detector` judges it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, count, islice
from math import inf
from pathlib import Path
from typing import IO, Any, NamedTuple

from PIL import Image

from prep.media.analysis.cut_detector import (
    ALIKE,
    FULL_HEIGHT,
    FULL_WIDTH,
    SURELY,
    Picture,
    find_cuts,
    likeness,
    picture,
)
from prep.media.container.demux import READING_ERRORS, first_s, open_container
from prep.media.container.keyframes import may_hide_scene
from prep.model.analysis import MIN_SHOT_S, SMALL, Cuts, Unseen
from prep.model.byte_source import Openable
from prep.model.media import VideoInfo

# Keyframes that lie closer are as good as all frames; this many of the first tell.
DENSE_S, FIRST_KEYS = 0.1, 12
# The chance of a cut between keyframes that are alike, where another scene may have come and gone.
SLIGHT = 0.2
SMALL_BYTES = SMALL[0] * SMALL[1] * 3
# Reading begins this much earlier where seeking has led too far.
BACK_S = 2.0


def cuts_between(
    item: Openable, demuxer: str, info: VideoInfo, part: tuple[float, float], max_pixels: float = inf
) -> Cuts:
    """The cuts in *part*, its start and end in seconds of the clip; what does not decode has none.

    Beside keyframes at most *max_pixels* are decoded, where cuts are likeliest; other stretches stay unseen.
    """
    start_s, end_s = part
    with _opened(item, demuxer, info, only_keys=True) as clip:
        keys = clip.pictures(start_s, end_s)
        first = list(islice(keys, FIRST_KEYS))
        if len(first) > 2 and first[-1].time_s - first[0].time_s < DENSE_S * (len(first) - 1):
            return Cuts(times_s=find_cuts(chain(first, keys))).within(start_s, end_s)
        times: list[float] = []
        unlike = unlike_stretches(_timed(chain(first, keys), times), clip.stream, end_s)
        stretches = [stretch.model_copy(update={"end_s": min(stretch.end_s, end_s)}) for stretch in unlike]
    max_s = max_pixels / max(1.0, info.coded_width * info.coded_height * info.avg_fps)
    chosen, unseen = _affordable(stretches, max_s)
    cuts: set[float] = set()
    if chosen:  # opening two hours takes a tenth of a second
        with _opened(item, demuxer, info, only_keys=False) as clip:
            runs = [(max(first_s, start_s), last_s) for first_s, last_s in _joined(chosen)]
            cuts = {time_s for run in runs for time_s in _cuts_in(clip, run, times)}
    return Cuts(times_s=tuple(sorted(cuts)), unseen=tuple(unseen)).within(start_s, end_s)


def cuts_in_pictures(path: Path, rate: Fraction, start_s: float, *, repeated: bool) -> Cuts:
    """The cuts in a part of a clip of which *path* holds all frames, RGB of the size SMALL, *rate* of them a second.

    *start_s* is the part's start in seconds of the clip. *repeated*: some frames are there twice to reach the rate, and
    count once.
    """
    with path.open("rb") as file:
        times = find_cuts(_small_pictures(file, rate, start_s, repeated))
    end_s = start_s + float(path.stat().st_size // SMALL_BYTES / rate)
    return Cuts(times_s=times).within(start_s, end_s)


def _small_pictures(file: IO[bytes], rate: Fraction, start_s: float, repeated: bool) -> Iterator[Picture]:
    before = b""
    for number in count():
        if len(data := file.read(SMALL_BYTES)) < SMALL_BYTES:
            return
        if not repeated or data != before:
            yield picture(round(start_s + float(number / rate), 6), Image.frombytes("RGB", SMALL, data))
        before = data


def unlike_stretches(pictures: Iterable[Picture], stream: Any, end_s: float) -> Iterator[Unseen]:
    """Where a cut may be between keyframes of *stream*, of which *pictures* are some or all, and up to *end_s*."""
    before: Picture | None = None
    for after in pictures:
        if before is not None and (chance := _chance(before, after, stream)):
            yield Unseen(start_s=before.time_s, end_s=after.time_s, chance=chance)
        before = after
    if before is not None and before.time_s < end_s - MIN_SHOT_S:
        yield Unseen(start_s=before.time_s, end_s=end_s, chance=1 - ALIKE)


def picture_of(frame: Any, begins_s: float) -> Picture:
    """A decoded frame of a clip whose clock begins at *begins_s*, to be compared."""
    full = frame.reformat(width=FULL_WIDTH, height=FULL_HEIGHT, format="rgb24", interpolation="AREA").to_image()
    return picture(round(frame.time - begins_s, 6), full)


def _chance(before: Picture, after: Picture, stream: Any) -> float:
    """How likely a cut is between two keyframes; 0: there is none."""
    alike = likeness(before, after, SURELY)
    if alike < SURELY:
        return round(1 - max(0.0, alike), 3)
    return SLIGHT if may_hide_scene(stream, before.time_s, after.time_s) else 0.0


def _timed(pictures: Iterable[Picture], times: list[float]) -> Iterator[Picture]:
    for each in pictures:
        times.append(each.time_s)
        yield each


class _Clip(NamedTuple):
    container: Any
    stream: Any
    begins_s: float
    only_keys: bool

    def pictures(self, start_s: float, end_s: float) -> Iterator[Picture]:
        """Those from *start_s* to the first after *end_s*, as far as they decode.

        Of keyframes the last before *start_s* is the first.
        """
        self._seek(start_s)
        frames = self._decoded()
        first = next(frames, None)
        if first is None or first.time - self.begins_s > start_s:  # without an index seeking may lead too far
            self._seek(start_s - BACK_S)
            frames = self._decoded()
        else:
            frames = chain((first,), frames)
        for frame in frames:
            if not self.only_keys and round(frame.time - self.begins_s, 6) < start_s:  # as pictures are timed
                continue
            each = picture_of(frame, self.begins_s)
            yield each
            if each.time_s >= end_s:
                return

    def _seek(self, time_s: float) -> None:
        self.container.seek(int((max(0.0, time_s) + self.begins_s) / self.stream.time_base), stream=self.stream)

    def _decoded(self) -> Iterator[Any]:
        try:
            yield from (frame for frame in self.container.decode(self.stream) if frame.time is not None)
        except READING_ERRORS:
            return


@contextmanager
def _opened(item: Openable, demuxer: str, info: VideoInfo, *, only_keys: bool) -> Iterator[_Clip]:
    """Opened for one way of reading: some decoders note only at the beginning which frames to skip."""
    with open_container(item, demuxer) as container:
        stream: Any = container.streams[info.video_stream]
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = "NONKEY" if only_keys else "DEFAULT"
        yield _Clip(container, stream, first_s(stream), only_keys)


def _affordable(stretches: Sequence[Unseen], max_s: float) -> tuple[list[Unseen], list[Unseen]]:
    """As many of *stretches*, the likeliest first, as take *max_s* together, and the others."""
    chosen: list[Unseen] = []
    others: list[Unseen] = []
    for stretch in sorted(stretches, key=lambda each: (-each.chance, each.start_s)):
        length_s = stretch.end_s - stretch.start_s
        if length_s <= max_s:
            chosen.append(stretch)
            max_s -= length_s
        else:
            others.append(stretch.model_copy(update={"costly": True}))
    return chosen, others


def _joined(stretches: Sequence[Unseen]) -> list[tuple[float, float]]:
    """In order of time, those that meet as one: what a keyframe shows may be a flash, and what it lit is before it."""
    runs: list[tuple[float, float]] = []
    for stretch in sorted(stretches, key=lambda each: each.start_s):
        if runs and runs[-1][1] == stretch.start_s:
            runs[-1] = (runs[-1][0], stretch.end_s)
        else:
            runs.append((stretch.start_s, stretch.end_s))
    return runs


def _cuts_in(clip: _Clip, run: tuple[float, float], keys: Sequence[float]) -> list[float]:
    """The cuts in a run; *keys* are the times of the keyframes."""
    start_s, end_s = run
    times = find_cuts(clip.pictures(start_s, end_s + MIN_SHOT_S))
    earlier = [time_s for time_s in keys if time_s < start_s]
    if earlier and times and times[0] < start_s + MIN_SHOT_S:  # or a flash that the keyframe shows has gone out
        times = find_cuts(clip.pictures(earlier[-1], end_s + MIN_SHOT_S))
    return [time_s for time_s in times if time_s >= start_s]
