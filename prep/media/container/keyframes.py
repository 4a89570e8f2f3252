"""Keyframes of a clip: those at which it can be cut without decoding, and how a seek reaches the wanted picture."""

from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import av

from prep.media.container.demux import READING_ERRORS, open_container
from prep.model.media import VideoInfo, exact_rate

# Of more keyframes than this only a sample is looked at.
LOOKED_AT = 64
# A scene may come and go between keyframes that are farther apart than this; the pictures that show it first, and what
# was there before again, take at least this much of a keyframe's bytes.
NEAR_S, NEW_SCENE = 2.5, 0.5
# Clocks of milliseconds round.
LATE_S = 0.002


def copy_points_s(container: Any, stream: Any, info: VideoInfo) -> tuple[float, ...]:
    """The times of the keyframes at which the clip can be cut and copied, in seconds from the first picture.

    Empty without a sample table, and where pictures that are decoded after a keyframe are shown before it (an open
    GOP): a cut there loses them. Keyframes after a gap are left out, since copied pictures are counted.
    """
    entries = stream.index_entries
    keys = [(number, entry.timestamp) for number, entry in enumerate(entries) if entry.is_keyframe]
    if len(entries) < 2 or not keys or not info.fps:
        return ()
    delay = _delay(container, stream, [timestamp for _, timestamp in keys], entries[-1].timestamp)
    if delay is None:
        return ()
    base, first = float(stream.time_base), stream.start_time or 0
    times: list[tuple[int, float]] = [(number, (timestamp + delay - first) * base) for number, timestamp in keys]
    # an edit list hides what comes before the first picture
    times = [(number, time_s) for number, time_s in times if -base < time_s <= info.duration_s]
    rate = float(exact_rate(info.fps))

    def even(key: tuple[int, float]) -> bool:
        return abs(key[0] - times[0][0] - (key[1] - times[0][1]) * rate) < 0.5

    return tuple(round(max(0.0, time_s), 6) for _, time_s in takewhile(even, times))


def lead_in_s(path: Path, demuxer: str, info: VideoInfo, start_s: float) -> float:
    """The time before *start_s* at which reading has to begin for the picture there to decode; 0: a seek is enough.

    Seeking leads to the last keyframe that is decoded by then. In an open GOP that one may be shown later, and what is
    shown before it needs the keyframe before.
    """
    if demuxer != "mov" or info.codec not in ("h264", "hevc"):
        return 0.0
    with open_container(path, demuxer) as container:
        stream = container.streams[info.video_stream]
        entries, base = stream.index_entries, float(stream.time_base or 0)
        wanted = (stream.start_time or 0) + round(start_s / base)
        last = entries.search_timestamp(wanted)
        if last <= 0:
            return 0.0
        decoded = entries[last].timestamp
        following = entries.search_timestamp(decoded + 1, backward=False)
        # the very time of a keyframe may lead to the one before it
        try:
            container.seek((entries[following] if following > 0 else entries[-1]).timestamp - 1, stream=stream)
            shown = next(container.demux(stream)).pts
        except READING_ERRORS:
            return 0.0
    return (wanted - decoded + 1) * base if shown is not None and decoded <= wanted < shown else 0.0


def lands_late(path: Path, demuxer: str, stream_index: int, start_s: float) -> bool:
    """Whether a seek to *start_s*, in seconds from the container's start, leads behind it, or nowhere.

    Containers without an index are sought by guessing; one may begin with pictures that need what is not there.
    """
    try:
        with open_container(path, demuxer) as container:
            begins_s = (container.start_time or 0) / av.time_base
            container.seek(int((begins_s + start_s) * av.time_base))
            key = next((each for each in container.demux(container.streams[stream_index]) if each.is_keyframe), None)
            return key is None or key.pts is None or float(key.pts * key.time_base) > begins_s + start_s + LATE_S
    except (*READING_ERRORS, ValueError):
        return True


def may_hide_scene(stream: Any, start_s: float, end_s: float) -> bool:
    """Whether another scene may come and go between two keyframes that are alike, in seconds from the first picture.

    It may where keyframes were left out between them, and where they are far apart, unless the sizes of all pictures
    between are known and none is large enough to show a whole new scene.
    """
    entries, base, first = stream.index_entries, float(stream.time_base), stream.start_time or 0
    # a keyframe is decoded no later than it is shown
    start, end = (entries.search_timestamp(first + round(time_s / base)) for time_s in (start_s, end_s))
    between = list(islice(entries, start + 1, end)) if 0 <= start < end else []
    if any(entry.is_keyframe for entry in between):
        return True
    if end_s - start_s <= NEAR_S:
        return False
    return not between or max(entry.size for entry in between) >= NEW_SCENE * entries[start].size


def _delay(container: Any, stream: Any, keys: list[int], last: int) -> int | None:
    """The ticks from decoding a keyframe to showing it; None: they differ, or a keyframe begins an open GOP."""
    delays = set()
    for number in range(0, len(keys), max(1, len(keys) // LOOKED_AT)):
        # the very time of a keyframe may lead to the one before it
        until = keys[number + 1] - 1 if number + 1 < len(keys) else last
        try:
            container.seek(until, stream=stream)
            key, *after = islice(container.demux(stream), 2)
        except READING_ERRORS:
            return None
        if key.pts is None or key.dts is None or any(next_.pts is not None and next_.pts < key.pts for next_ in after):
            return None
        delays.add(key.pts - key.dts)
    return delays.pop() if len(delays) == 1 else None
