"""Display times of the frames of a stream, measured from the container's index or its packets.

Headers lie: fragmented files that claim 143,165 s, recordings without a duration, MP3 without an index. An index of
all samples is trusted as far as the file reaches; without one the packets are read, but not decoded.
"""

import itertools
from contextlib import suppress
from statistics import linear_regression, median
from typing import Any, NamedTuple

import av

from prep.media.container import mp3_length, riff
from prep.media.container.demux import (
    LEAP_S,
    READING_ERRORS,
    Clock,
    first_s,
    open_container,
    restarts,
    skipped_s,
    tracks_on_one_clock,
)
from prep.media.container.usable import usable_samples
from prep.media.io.read import is_far, size_of
from prep.model.byte_source import Openable

# Reading packets takes as long as reading the file; of a larger one only the end is read.
WHOLE_FILE_BYTES = 64_000_000
TAIL_S = 20
# Of a file that would have to be fetched the first pictures show the rate (the last of them are left out: they may be
# out of order), and a shorter tail is read.
FAR_FILE_BYTES, FAR_HEAD_BYTES, FAR_PICTURES, REORDERED, FAR_TAIL_S = 1_000_000, 2_000_000, 150, 8, 2
# In a file of sound alone a seek in C finds the last packet sooner than reading its packets here.
SOUND_FILE_BYTES = 2_000_000
# Only their bit rate says how long these last; a seek beyond their end leads to their last packet.
GUESSING, END = ("mp3", "aac", "amr"), 2**40
# Of a longer sample table this many entries are read, in this many stretches.
LOOKED_AT, LOOKED_AT_TIMES = 20_000, 20
# How far a header may be off before the measurement counts; packets carry their durations.
TIGHT = (0.95, 1.05, 0.5)
# Edit lists hide samples and the last frame may be long: where a sample table and the header differ by more, the last
# packets decide. Even these can claim an absurd length, for the last frame.
TABLE_S, LAST_PART, LAST_S = 0.1, 0.25, 2.0
# For a sound without an index the claim may be a guess from the bit rate; a true one leaves out the encoder's delay.
SOUND_LESS_S, SOUND_MORE_S = 0.25, 0.03
OGG_PACKET_S = 0.25
LONGEST_PAUSE_S = 3600.0
# Frame intervals this far from the usual one make the rate variable; a few (at a cut, the last) do not, unless they
# take this much of the time: a screen recording has few frames where nothing moves.
ODD_PART, ODD_SHARE, ODD_TIME_SHARE = 0.2, 0.02, 0.1
# A measured rate this near to a nominal one may be that, rounded: less than half of what 24 and 23.976 are apart. The
# usual rate of a variable one is the container's where that is about the same. A sample table may begin with an odd
# interval, which skews an average by no more than this.
ROUNDED, ABOUT, SKEWED = 0.0004, 0.01, 0.02


class Timeline(NamedTuple):
    """Seconds on the container's clock. *fps* and *avg_fps* are 0 when there are too few frames to tell."""

    start_s: float
    end_s: float
    fps: float
    avg_fps: float
    vfr: bool
    truncated: bool = False

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


class _Measured(NamedTuple):
    """The frames or packets of a stream, in seconds: from the start of the first to the end of the last one.

    *gaps* are the intervals between them, or a sample of those; *rate* is their number per second, by all of them.
    """

    start_s: float
    end_s: float
    gaps: list[float]
    rate: float
    truncated: bool = False


def measure(item: Openable, demuxer: str, stream: Any, *, ends_early: bool = False) -> Timeline:
    """Measure a stream of *item*, which is open and whose position is left alone; *ends_early*: the file does."""
    indexed = _from_index(item, stream) if demuxer == "mov" else None
    measured = indexed or _from_header(item, demuxer, stream) or _from_packets(item, demuxer, stream.index)
    if measured.end_s <= measured.start_s:
        return Timeline(0.0, 0.0, 0.0, 0.0, False, True)
    end_s, claimed = measured.end_s, _claimed(stream, demuxer)
    if measured.truncated or ends_early:
        # a part of the last packet may be missing, and pictures before it lean on it
        end_s = min(end_s, _decoded_end_s(item, demuxer, stream.index, end_s) or end_s)
    elif claimed is not None:
        measured_s = measured.end_s - measured.start_s
        least, most, slack_s = TIGHT
        believable = least * measured_s - slack_s <= claimed <= most * measured_s + slack_s
        if indexed:
            believable = abs(claimed - measured_s) <= TABLE_S
            if not believable:
                last_s = _last_packets_s(item, demuxer, stream.index) or end_s
                end_s = last_s if last_s - end_s <= LAST_PART * measured_s + LAST_S else end_s
        if stream.type == "audio" and not indexed:
            believable = -SOUND_LESS_S <= claimed - measured_s <= SOUND_MORE_S
        if believable:
            end_s = measured.start_s + claimed
    rates = _rates(measured, stream, counted=indexed is not None) if stream.type == "video" else (0.0, 0.0, False)
    return Timeline(measured.start_s, end_s, *rates, measured.truncated)


def _last_packets_s(item: Openable, demuxer: str, stream_index: int) -> float | None:
    """The end of the last packets of a stream with a sample table, by their own lengths."""
    with open_container(item, demuxer) as container:
        stream: Any = container.streams[stream_index]
        base = float(stream.time_base)
        ends: list[float] = []
        try:
            container.seek(stream.index_entries[-1].timestamp, stream=stream)
            shown = (each for each in container.demux(stream) if each.pts is not None and not each.is_discard)
            ends += [(packet.pts + (packet.duration or 0)) * base for packet in shown]
        except READING_ERRORS:
            pass  # the file can't be read any further
    return max(ends, default=None)


def _decoded_end_s(item: Openable, demuxer: str, stream_index: int, end_s: float) -> float | None:
    """The end of the last frame that decodes, of a stream whose last packet ends at *end_s*; None: none there does."""
    if is_far(item) or demuxer == "ogg":
        return None
    ends: list[float] = []
    with open_container(item, demuxer) as container:
        stream: Any = container.streams[stream_index]
        with suppress(*READING_ERRORS):
            container.seek(round(max(0.0, end_s - LAST_S) * av.time_base))
        with suppress(*READING_ERRORS):
            for packet in container.demux(stream):
                with suppress(*READING_ERRORS):
                    ends += [frame.time + float((frame.duration or 0) * frame.time_base) for frame in packet.decode()]
    return max(ends, default=None)


def _claimed(stream: Any, demuxer: str) -> float | None:
    if not stream.duration or stream.duration <= 0:
        return None
    if demuxer == "ogg" and stream.codec_context.name == "opus":
        return None  # counts what is skipped at the beginning
    return float(stream.duration * stream.time_base)


def _from_index(item: Openable, stream: Any) -> _Measured | None:
    """By the sample table, as far as its samples lie inside the file, where it says; None without one."""
    entries, base = stream.index_entries, float(stream.time_base)
    count = len(entries)
    if count < 2:
        return None
    # decoding times: they start where the picture does once reordering is taken out
    begins_s = first_s(stream)
    usable = usable_samples(item, stream)
    if usable < count:
        return _spread([entries[number].timestamp * base for number in range(usable)], begins_s, truncated=True)
    if count <= LOOKED_AT:
        return _spread([entry.timestamp * base for entry in entries], begins_s)
    gaps: list[float] = []
    for start in range(0, count, count // LOOKED_AT_TIMES):
        stop = min(count, start + LOOKED_AT // LOOKED_AT_TIMES)
        gaps += _gaps([entries[index].timestamp * base for index in range(start, stop)])
    span_s = (entries[-1].timestamp - entries[0].timestamp) * base
    return _Measured(begins_s, begins_s + span_s + _usual(gaps), gaps, (count - 1) / span_s) if span_s > 0 else None


def _from_header(item: Openable, demuxer: str, stream: Any) -> _Measured | None:
    """Of plain samples, and of an MP3 that would have to be fetched; None: it has to be measured."""
    length_s = None
    if demuxer == "wav" and stream.codec_context.name.startswith("pcm_"):
        length_s = riff.plain_seconds(item)
    elif demuxer == "mp3" and is_far(item):
        length_s = mp3_length.claimed_seconds(item)
    return _Measured(0.0, length_s, [], 0.0) if length_s else None


def _from_packets(item: Openable, demuxer: str, stream_index: int) -> _Measured:
    far = is_far(item)
    with open_container(item, demuxer) as container:
        stream = container.streams[stream_index]
        most = FAR_FILE_BYTES if far else WHOLE_FILE_BYTES if container.streams.video else SOUND_FILE_BYTES
        if size_of(item) <= most or not container.duration:
            return _all_packets(container, stream)
        head = _head(container, stream, FAR_PICTURES if far and stream.type == "video" else 1)
        tail_s = FAR_TAIL_S if far else TAIL_S
        container.seek(END if demuxer in GUESSING else max(0, container.duration - tail_s * av.time_base))
        measured = _all_packets(container, stream)
    if measured.end_s <= measured.start_s:  # it is shorter than it claims: nothing is where its end should be
        with open_container(item, demuxer) as container:
            return _all_packets(container, container.streams[stream_index])
    if len(head) > 1:
        measured = measured._replace(gaps=_gaps(head), rate=(len(head) - 1) / (head[-1] - head[0]))
    return measured._replace(start_s=min([measured.start_s, *head[:1]]))


def _head(container: Any, stream: Any, most: int) -> list[float]:
    """The times of the first packets, in order: *most* of them, or FAR_HEAD_BYTES, but at least one. As in
    `_all_packets`, a sound begins behind what is skipped of it.
    """
    times: list[float] = []
    size = 0
    for packet in container.demux(stream):
        if packet.pts is None:
            continue
        times.append(_time(packet) + (0.0 if times else skipped_s(packet)))
        size += packet.size
        if len(times) == most or size >= FAR_HEAD_BYTES:
            break
    times.sort()
    return times[:-REORDERED] if len(times) > 2 * REORDERED else times[:1]


def _all_packets(container: Any, stream: Any) -> _Measured:
    """Read from the container's position to its end."""
    times: list[float] = []
    order: list[float] = []
    last_s, clock, sound = 0.0, Clock(container), stream.type == "audio"
    tracks = tracks_on_one_clock(container, stream)
    # once: a fraction for each packet takes longer than reading it
    bases = {each.index: float(each.time_base or 0) for each in tracks}
    try:
        for packet in container.demux(tracks):
            if packet.pts is None:
                continue
            base = bases[packet.stream_index]
            decoded_s = clock.decoded_s(packet, base)
            if packet.stream_index != stream.index:
                continue
            skipped = skipped_s(packet) if sound else 0.0
            times.append(packet.pts * base + clock.shift_s + (0.0 if times else skipped))
            order.append(decoded_s)
            last_s = (packet.duration or 0) * base - skipped
            last_s = 0.0 if sound and last_s > LEAP_S else last_s  # no packet of sound lasts that long
    except READING_ERRORS:
        pass  # the file can't be read any further
    if not restarts(container) and _longest(order) > LEAP_S:
        times, order = _without_strays(times, order)
    # the last packet of an Ogg is as long as its header says: where a page before it is damaged, longer than any is
    truncated = container.format.name == "ogg" and sound and last_s > OGG_PACKET_S
    measured = _spread(times, min(times, default=0.0), last_s=0.0 if truncated else last_s, truncated=truncated)
    # Intervals by decoding times, as in a sample table: the last pictures of a clip that was cut without decoding are
    # measured with holes between them.
    return measured._replace(gaps=(gaps := _gaps(order)), rate=_rate(gaps))


def _longest(order: list[float]) -> float:
    """The longest interval between neighbours."""
    return max((abs(b - a) for a, b in itertools.pairwise(order)), default=0.0)


def _without_strays(times: list[float], order: list[float]) -> tuple[list[float], list[float]]:
    """*times* and decoding times without packets that leap ahead, where the next one is back, and without all behind a
    pause that nobody makes."""
    kept: list[int] = []
    for number, time_s in enumerate(order):
        if number + 1 < len(order) and time_s - order[number + 1] > LEAP_S:
            continue
        if kept and time_s - order[kept[-1]] > LONGEST_PAUSE_S:
            break
        kept.append(number)
    return [times[number] for number in kept], [order[number] for number in kept]


def _spread(times: list[float], begins_s: float, *, last_s: float = 0.0, truncated: bool = False) -> _Measured:
    """*times* in any order, moved so that the first is *begins_s*; the last lasts *last_s*, or as long as usual."""
    gaps = _gaps(times)
    span_s = sum(gaps)
    end_s = begins_s + span_s + (last_s or _usual(gaps)) if times else begins_s
    return _Measured(begins_s, end_s, gaps, _rate(gaps), truncated)


def _gaps(times: list[float]) -> list[float]:
    return [b - a for a, b in itertools.pairwise(sorted(times)) if b > a]


def _rate(gaps: list[float]) -> float:
    return len(gaps) / sum(gaps) if gaps else 0.0


def _usual(gaps: list[float]) -> float:
    return median(gaps) if gaps else 0.0


def _time(packet: Any) -> float:
    return float(packet.pts * packet.time_base)


def _rates(measured: _Measured, stream: Any, *, counted: bool) -> tuple[float, float, bool]:
    """Nominal rate, average rate, and whether the intervals vary. A constant rate is its nominal rate.

    Containers that count in milliseconds, and copies made from them, average up to 60.04 fps for 60. *counted*: the
    container's average rate is samples over seconds, not a claim.
    """
    gaps = measured.gaps
    if not gaps:
        rate = float(stream.average_rate or stream.base_rate or 0)
        return round(rate, 3), round(rate, 3), False
    usual, tick = _usual(gaps), float(stream.time_base)
    even = [gap for gap in gaps if abs(gap - usual) <= max(ODD_PART * usual, 1.5 * tick, 0.0015)]
    steady = _rate(even) or 1 / usual
    odd, odd_s = len(gaps) - len(even), sum(gaps) - sum(even)
    if odd > max(2, ODD_SHARE * len(gaps)) or odd_s > ODD_TIME_SHARE * sum(gaps):
        return round(_declared(stream, steady, ABOUT) or steady, 3), round(measured.rate, 3), True
    if not odd and len(gaps) > 1:
        # the slope of all times, since the first and the last are rounded
        times = list(itertools.accumulate(gaps, initial=0.0))
        steady = 1 / linear_regression(range(len(times)), times).slope
    rounding_s = tick + 2 * max(abs(gap - 1 / steady) for gap in even)
    slack = min(ROUNDED, rounding_s / sum(gaps))
    nominal = _television(steady, slack) or _declared(stream, steady, slack) or steady
    average = nominal
    if odd:
        average = (counted and _declared(stream, measured.rate, SKEWED)) or measured.rate
    if abs(average / nominal - 1) <= slack:
        average = nominal
    return round(nominal, 3), round(average, 3), False


def _television(measured: float, slack: float) -> float | None:
    """The whole rate, or 1000/1001 of one, that *measured* nearly is."""
    whole = max(1, round(measured))
    return next((rate for rate in (whole, whole * 1000 / 1001) if abs(measured / rate - 1) <= slack), None)


def _declared(stream: Any, measured: float, slack: float) -> float | None:
    """The rate that the container states, where that is nearly what was measured."""
    stated = [float(rate) for rate in (stream.average_rate, stream.base_rate) if rate]
    return next((rate for rate in stated if abs(measured / rate - 1) <= slack), None)
